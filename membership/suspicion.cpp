// Floating point is used for windows only: they are each reader's own and need not agree across nodes. Limits and
// scales are exact integers.
#include "membership/suspicion.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace quorumor {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

// Durations saturate here: a configured period times a multiplier must not wrap into the past, where it would
// declare everybody dead at once. A tenth leaves room for the factor 6 of the maximum.
constexpr std::int64_t kLongest = Duration::max().count() / 10;

}  // namespace

Duration suspicion_timeout_min(unsigned mult, std::size_t members, Duration period) noexcept {
  if (period <= Duration::zero() || mult == 0) return Duration::zero();
  const double scale = std::max(1.0, std::log10(static_cast<double>(std::max<std::size_t>(members, 1))));
  // Thousandths, rounded down, as memberlist has them; at most 2^32 * 19,265, which cannot overflow.
  const std::int64_t factor = static_cast<std::int64_t>(scale * 1000.0) * mult;
  const std::int64_t ns = period.count();
  if (ns / 1000 >= kLongest / factor) return Duration{kLongest};
  return Duration{ns / 1000 * factor + ns % 1000 * factor / 1000};
}

Duration suspicion_remaining(unsigned confirmations, unsigned expected, Duration elapsed, Duration min,
                             Duration max) noexcept {
  if (expected == 0 || confirmations >= expected) return min - elapsed;
  const double share = std::log(confirmations + 1.0) / std::log(expected + 1.0);
  const double window = Milliseconds{max}.count() - share * Milliseconds{max - min}.count();
  const Duration whole = std::chrono::milliseconds{static_cast<std::int64_t>(std::floor(window))};
  return std::max(whole, min) - elapsed;
}

unsigned retransmit_limit(unsigned mult, std::size_t members) noexcept {
  unsigned digits = 0;  // ceil(log10(n + 1)) is how many decimal digits n has
  for (; members > 0; members /= 10) ++digits;
  return mult * digits;
}

unsigned sync_scale(std::size_t members) noexcept {
  if (members <= 32) return 1;
  return static_cast<unsigned>(std::bit_width(members - 1)) - 5 + 1;  // bit_width(n - 1) is ceil(log2 n)
}

}  // namespace quorumor
