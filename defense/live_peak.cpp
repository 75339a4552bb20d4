#include "defense/live_peak.h"

namespace quorumor {
namespace {

std::int64_t bucket_of(Instant at) noexcept {
  const std::int64_t since = at.time_since_epoch().count();
  const std::int64_t width = LivePeak::kBucket.count();
  return since / width - (since % width < 0 ? 1 : 0);
}

std::size_t index_of(std::int64_t bucket) noexcept {
  constexpr auto kCount = static_cast<std::int64_t>(LivePeak::kBuckets);
  return static_cast<std::size_t>((bucket % kCount + kCount) % kCount);
}

}  // namespace

void LivePeak::on_live(std::size_t live, Instant now) noexcept {
  const std::int64_t bucket = bucket_of(now);
  if (!bucket_) {
    bucket_ = bucket;
    most_[index_of(bucket)] = count_;
  }
  // What prevailed until now did so in every bucket since the last report, this one included: it may have ended in
  // this bucket's first moment, and then counts a bucket too long rather than too short.
  const std::int64_t passed = std::clamp<std::int64_t>(bucket - *bucket_, 0, kBuckets);
  for (std::int64_t i = 0; i < passed; ++i) most_[index_of(bucket - i)] = count_;
  bucket_ = std::max(*bucket_, bucket);
  std::size_t& present = most_[index_of(*bucket_)];
  present = std::max(present, live);
  count_ = live;
  peak_ = *std::max_element(most_.begin(), most_.end());
}

}  // namespace quorumor
