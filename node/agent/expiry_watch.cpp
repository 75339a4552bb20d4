#include "node/agent/expiry_watch.h"

namespace quorumor {
namespace {

using std::chrono::hours;
constexpr hours kDay{24};

}  // namespace

ExpiryStage expiry_stage(WallTime not_after, WallTime now) noexcept {
  const auto left = not_after - now;
  if (left < hours{0}) return ExpiryStage::expired;
  if (left < kDay) return ExpiryStage::day;
  if (left < 7 * kDay) return ExpiryStage::week;
  return left < 30 * kDay ? ExpiryStage::month : ExpiryStage::none;
}

const char* to_string(ExpiryStage stage) noexcept {
  switch (stage) {
    case ExpiryStage::none: return "none";
    case ExpiryStage::month: return "30_days";
    case ExpiryStage::week: return "7_days";
    case ExpiryStage::day: return "1_day";
    case ExpiryStage::expired: break;
  }
  return "expired";
}

std::string expiry_phrase(WallTime not_after, WallTime now) {
  const auto left = not_after - now;
  if (left < hours{0}) return "has expired: after a restart it cannot join";
  const bool by_days = left >= 2 * kDay;
  const auto count = by_days ? left / kDay : left / hours{1};
  return "expires in " + std::to_string(count) + (by_days ? " day" : " hour") + (count == 1 ? "" : "s");
}

std::optional<ExpiryStage> ExpiryWatch::look(WallTime not_after, WallTime now) noexcept {
  const ExpiryStage stage = expiry_stage(not_after, now);
  if (not_after != watched_) told_ = ExpiryStage::none;
  watched_ = not_after;
  const bool is_worse = stage > told_;
  const bool is_due = stage >= ExpiryStage::week && now - told_at_ >= kDay;
  if (!is_worse && !is_due) return std::nullopt;
  told_ = stage;
  told_at_ = now;
  return stage;
}

}  // namespace quorumor
