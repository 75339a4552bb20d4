// Time without a clock. `Instant` is monotonic and counts from an origin that only the caller knows; `WallTime`
// is Unix time and is used for nothing but credential validity, announcement spacing and event expiry.
// Neither type has now(): time comes in as an argument, so that a simulator can supply it.
#pragma once

#include <chrono>
#include <cstdint>

namespace quorumor {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;  // NOLINT: durations are written 500ms everywhere

struct MonotonicTag {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicTag>;
  static constexpr bool is_steady = true;
};
using Instant = std::chrono::time_point<MonotonicTag, Duration>;

struct WallTag {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallTag>;
  static constexpr bool is_steady = false;
};
using WallTime = std::chrono::time_point<WallTag, std::chrono::milliseconds>;

inline constexpr std::int64_t unix_seconds(WallTime t) noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}
inline constexpr std::int64_t unix_millis(WallTime t) noexcept { return t.time_since_epoch().count(); }
inline constexpr WallTime wall_from_seconds(std::int64_t s) noexcept {
  return WallTime{std::chrono::seconds{s}};
}
inline constexpr WallTime wall_from_millis(std::int64_t ms) noexcept {
  return WallTime{std::chrono::milliseconds{ms}};
}

}  // namespace quorumor
