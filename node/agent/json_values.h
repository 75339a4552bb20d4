// How the admin API's documents write values. u64 values are strings: a generation exceeds 2^53, and jq would round it.
#pragma once

#include "base/time.h"

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <string>
#include <string_view>

namespace quorumor {

inline boost::json::string json_text(std::string_view from) { return boost::json::string(from.data(), from.size()); }
inline boost::json::string json_u64(std::uint64_t value) { return json_text(std::to_string(value)); }
inline std::int64_t to_ms(Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }
inline std::int64_t to_us(Duration d) { return std::chrono::duration_cast<std::chrono::microseconds>(d).count(); }

// To two decimals; a whole number as such. Requires: less than 10^15.
inline boost::json::value json_hundredths(double value) {
  const auto hundredths = static_cast<std::int64_t>(std::llround(value * 100));
  if (hundredths % 100 == 0) return hundredths / 100;
  return static_cast<double>(hundredths) / 100;
}

}  // namespace quorumor
