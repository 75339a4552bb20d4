// Latencies drawn in integers: a table of quantiles, interpolated, so that no compiler's mathematics shows in a trace.
#include "crypto/drbg.h"
#include "sim/net/network_model.h"
#include "sim/net/quantiles.h"

#include <algorithm>
#include <bit>

namespace quorumor::sim {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kOne = std::uint64_t{1} << 31;  // of a quantile

// Between two points of a table, at `at` of 2^32.
std::uint64_t interpolate(const QuantileTable& table, std::uint64_t at) {
  const std::uint64_t i = at >> 24, part = at & 0xffffff;
  return table[i] + (((std::uint64_t{table[i + 1]} - table[i]) * part) >> 24);
}

std::uint64_t draw_quantile(const QuantileTable& table, Drbg& rng) { return interpolate(table, rng.next_u64() >> 32); }

// log2(a / b) in 2^-32, by squaring: one bit each time. Requires: a >= b > 0.
std::uint64_t log2_of_ratio(std::uint64_t a, std::uint64_t b) {
  auto whole = static_cast<unsigned>(std::bit_width(a) - std::bit_width(b));
  if ((Wide{b} << whole) > a) --whole;
  auto rest = static_cast<std::uint64_t>((Wide{a} << 62) / (Wide{b} << whole));  // 1 to 2, in 2^-62
  std::uint64_t out = whole;
  for (int bit = 0; bit < 32; ++bit) {
    Wide square = Wide{rest} * rest >> 62;
    out <<= 1;
    if (square >= Wide{1} << 63) {
      out |= 1;
      square >>= 1;
    }
    rest = static_cast<std::uint64_t>(square);
  }
  return out;
}

// value * 2^(exponent / 2^32)
std::uint64_t times_power(std::uint64_t value, std::uint64_t exponent) {
  const std::uint64_t fraction = interpolate(kPowersOfTwo, exponent & 0xffffffff);  // 1 to 2, in 2^-30
  return static_cast<std::uint64_t>((Wide{value} * fraction << (exponent >> 32)) >> 30);
}

}  // namespace

Duration draw(const Latency& latency, Drbg& rng) {
  QUORUMOR_ASSERT(latency.least >= Duration{} && latency.least <= latency.most);
  const auto least = static_cast<std::uint64_t>(latency.least.count());
  const auto most = static_cast<std::uint64_t>(latency.most.count());
  std::uint64_t out = 0;
  switch (latency.shape) {
    case Latency::Shape::uniform: out = least + rng.below(most - least + 1); break;
    case Latency::Shape::exponential:
      out = least + static_cast<std::uint64_t>(Wide{most - least} * draw_quantile(kExponentialQuantiles, rng) / kOne);
      break;
    case Latency::Shape::lognormal: {
      const std::uint64_t from = std::max<std::uint64_t>(least, 1);  // nothing is at the left end of a logarithm
      const std::uint64_t span = log2_of_ratio(std::max(most, from), from);
      const auto exponent = static_cast<std::uint64_t>(Wide{span} * draw_quantile(kBellQuantiles, rng) / kOne);
      out = std::clamp(times_power(from, exponent), least, most);
      break;
    }
  }
  return Duration{static_cast<std::int64_t>(out)};
}

}  // namespace quorumor::sim
