#include "node/agent/cluster_options.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace quorumor {
namespace {

constexpr std::size_t kDecimals = 6;
constexpr std::uint32_t kBetaMaxPpm = 333'333;
constexpr int kExponentMax = 18;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Fallible<std::uint32_t> parse_beta(const std::string& text, const std::string& what) {
  const Failure wrong = misuse(what + " '" + text + "': give a fraction from 0 to 0.333333, with at most 6 decimals");
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

// Digits times a power of ten, exactly: the digits must be a single 1 among zeros.
Fallible<std::uint8_t> parse_epsilon(const std::string& text, const std::string& what) {
  const Failure wrong =
      misuse(what + " '" + text + "': give a power of ten from 1e-1 to 1e-18, such as 1e-4 or 0.0001");
  constexpr std::size_t kLongest = 32;
  const std::size_t e = text.find_first_of("eE");
  const std::string mantissa = text.substr(0, e);
  const std::size_t point = mantissa.find('.');
  const std::string whole = mantissa.substr(0, point);
  const std::string decimals = point == std::string::npos ? "0" : mantissa.substr(point + 1);
  if (text.size() > kLongest || !is_digits(whole) || !is_digits(decimals)) return wrong;
  int exponent = 0;
  if (e != std::string::npos) {
    const char* const end = text.data() + text.size();
    const char* const from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);  // at least '\0' follows the e
    const auto [last, error] = std::from_chars(from, end, exponent);
    const bool two_signs = text[e + 1] == '+' && *from == '-';
    if (two_signs || from >= end || error != std::errc{} || last != end) return wrong;
    if (exponent < -100 || exponent > 100) return wrong;
  }
  const std::string digits = whole + decimals;
  const std::size_t one = digits.find_first_not_of('0');
  if (one == std::string::npos || digits[one] != '1' || digits.find_first_not_of('0', one + 1) != std::string::npos) {
    return wrong;
  }
  const int power = static_cast<int>(whole.size()) - 1 - static_cast<int>(one) + exponent;
  if (power > -1 || power < -kExponentMax) return wrong;
  return static_cast<std::uint8_t>(-power);
}

std::string beta_text(std::uint32_t ppm) {
  std::string decimals = std::to_string(ppm);
  decimals.insert(0, kDecimals - std::min(kDecimals, decimals.size()), '0');
  while (decimals.size() > 1 && decimals.back() == '0') decimals.pop_back();
  return "0." + decimals;
}

}  // namespace quorumor
