#include "node/core/duration_text.h"

#include <charconv>

namespace quorumor {
namespace {

constexpr std::size_t kDigitsMax = 9;  // so that the count itself cannot overflow

struct Unit {
  std::string_view name;
  Duration size;
};
constexpr Unit kUnits[] = {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) noexcept {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits > kDigitsMax) return std::nullopt;  // npos, no unit, is more too
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + digits, count);
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) != unit.name) continue;
    if (count > Duration::max() / unit.size) return std::nullopt;
    return count * unit.size;
  }
  return std::nullopt;
}

std::string to_text(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  for (const Unit& unit : kUnits) {
    if (duration % unit.size == Duration::zero()) return std::to_string(duration / unit.size) + std::string(unit.name);
  }
  return std::to_string(duration.count()) + "ns";
}

}  // namespace quorumor
