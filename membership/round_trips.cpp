#include "membership/round_trips.h"

#include <algorithm>
#include <cmath>

namespace quorumor {
namespace {

constexpr std::int64_t kLongest = 60'000'000;  // us; a greater sample says no more than this

// A normal's standard deviation is 1.25 times its mean absolute deviation; phi = 8 lies 5.61 of them above the mean.
constexpr std::int64_t kDeviationsForPhi8 = 701;  // hundredths of a mean absolute deviation: 1.25 * 5.61

}  // namespace

void RoundTrips::add(Duration sample) noexcept {
  const std::int64_t us = std::clamp<std::int64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(sample).count(), 0, kLongest);
  if (samples_ == 0) {
    mean_us_ = static_cast<std::uint32_t>(us);
    deviation_us_ = static_cast<std::uint32_t>(us / 2);
  } else {
    const std::int64_t mean = mean_us_, deviation = deviation_us_;
    const std::int64_t error = us - mean;
    deviation_us_ = static_cast<std::uint32_t>(deviation + (std::abs(error) - deviation) / 4);
    mean_us_ = static_cast<std::uint32_t>(mean + error / 8);
  }
  if (samples_ < UINT16_MAX) ++samples_;
}

// A path whose answers all took the same time so far may still stumble: never less than an eighth of the mean and 1 ms.
std::uint32_t RoundTrips::deviation_floor() const noexcept {
  return std::max({deviation_us_, mean_us_ / 8, std::uint32_t{1000}});
}

Duration RoundTrips::timeout(Duration least, Duration fixed) const noexcept {
  if (samples_ < kFew) return fixed;
  const std::int64_t us = mean_us_ + deviation_floor() * kDeviationsForPhi8 / 100;
  return std::clamp<Duration>(std::chrono::microseconds{us}, least, fixed);
}

double RoundTrips::phi(Duration waited) const noexcept {
  if (samples_ < kFew || waited <= Duration::zero()) return 0;
  const double us = std::chrono::duration<double, std::micro>(waited).count();
  const double x = (us - mean_us_) / (1.25 * deviation_floor());
  const double later = 0.5 * std::erfc(x / std::sqrt(2.0));
  if (later <= 1e-100) return kPhiMost;
  return std::clamp(-std::log10(later), 0.0, kPhiMost);
}

}  // namespace quorumor
