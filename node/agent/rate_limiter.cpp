#include "node/agent/rate_limiter.h"

#include <algorithm>
#include <utility>

namespace quorumor {

void RateLimiter::forget_finished(Instant now) {
  for (auto it = windows_.begin(); it != windows_.end();) {
    if (it->second.ends > now) {
      ++it;
      continue;
    }
    if (it->second.suppressed > 0) {
      const auto same = [&](const Suppressed& s) { return s.key == it->first; };
      const auto known = std::find_if(finished_.begin(), finished_.end(), same);
      if (known != finished_.end()) {
        known->count += it->second.suppressed;
      } else {
        finished_.push_back({it->first, it->second.suppressed});
      }
    }
    it = windows_.erase(it);
  }
}

RateLimiter::Window& RateLimiter::window(std::string_view key, Instant now) {
  static constexpr std::string_view kOthers = "other";
  const bool known = windows_.find(key) != windows_.end();
  const std::string_view name = known || windows_.size() < kKeysMax - 1 ? key : kOthers;
  const auto [it, added] = windows_.try_emplace(std::string(name));
  if (added) it->second.ends = now + kWindow;
  return it->second;
}

bool RateLimiter::admit(std::string_view key, Instant now) {
  forget_finished(now);
  Window& w = window(key, now);
  if (w.written < kBurst) {
    ++w.written;
    return true;
  }
  ++w.suppressed;
  return false;
}

std::vector<RateLimiter::Suppressed> RateLimiter::collect(Instant now) {
  forget_finished(now);
  return std::exchange(finished_, {});
}

std::optional<Instant> RateLimiter::next_due() const {
  std::optional<Instant> due;
  if (!finished_.empty()) due = Instant{};
  for (const auto& [key, w] : windows_) {
    if (w.suppressed > 0 && (!due || w.ends < *due)) due = w.ends;
  }
  return due;
}

}  // namespace quorumor
