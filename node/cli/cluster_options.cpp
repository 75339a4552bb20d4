#include "node/cli/cluster_options.h"

#include <charconv>
#include <string_view>

namespace quorumor {
namespace {

constexpr std::size_t kDecimals = 6;
constexpr std::uint32_t kBetaMaxPpm = 333'333;
constexpr unsigned kExponentMax = 18;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Fallible<std::uint32_t> parse_beta(const std::string& text) {
  const Failure wrong = misuse("--beta '" + text + "': give a fraction from 0 to 0.333333, with at most 6 decimals");
  const std::size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  std::string decimals = point == std::string::npos ? "0" : text.substr(point + 1);
  if (whole != "0" || !is_digits(decimals) || decimals.size() > kDecimals) return wrong;
  decimals.resize(kDecimals, '0');
  std::uint32_t ppm = 0;
  std::from_chars(decimals.data(), decimals.data() + decimals.size(), ppm);
  if (ppm > kBetaMaxPpm) return wrong;
  return ppm;
}

Fallible<std::uint8_t> parse_epsilon_exponent(const std::string& text) {
  unsigned value = 0;
  if (is_digits(text)) std::from_chars(text.data(), text.data() + text.size(), value);
  if (value < 1 || value > kExponentMax) {
    return misuse("--epsilon-exponent '" + text + "': give a whole number from 1 to 18 (4 means 10^-4)");
  }
  return static_cast<std::uint8_t>(value);
}

}  // namespace quorumor
