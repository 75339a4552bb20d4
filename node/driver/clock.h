// The only place that reads clocks. The core gets both as arguments: a monotonic one, which drives every timer, and
// the wall clock, which is used for validity of credentials and nothing else. A machine whose wall clock jumps
// therefore loses no probe and suspects nobody.
#pragma once

#include "base/time.h"

namespace quorumor {

class Clock {
 public:
  Clock() noexcept : origin_(std::chrono::steady_clock::now()) {}

  // Since this clock was made.
  Instant now() const noexcept { return Instant{std::chrono::steady_clock::now() - origin_}; }
  // The same moment as timers of the operating system count it.
  std::chrono::steady_clock::time_point to_steady(Instant at) const noexcept { return origin_ + at.time_since_epoch(); }
  static WallTime wall_now() noexcept {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return WallTime{std::chrono::duration_cast<std::chrono::milliseconds>(since)};
  }

 private:
  std::chrono::steady_clock::time_point origin_;
};

}  // namespace quorumor
