// Options that count or measure something. CLI11's own check names the greatest double there is, in 300 digits.
#pragma once

#include "node/core/duration_text.h"

#include <CLI/App.hpp>

#include <algorithm>

namespace quorumor {

// For CLI::Option::check: digits, at least one of them not 0.
inline CLI::Validator whole_number() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
        const bool positive = text.find_first_of("123456789") != std::string::npos;
        return digits && positive ? "" : "'" + text + "' is not a whole number above 0";
      },
      "", "whole number");
}

// A number and its unit, from `least` to `most`.
inline CLI::Validator duration_between(Duration least, Duration most) {
  return CLI::Validator(
      [least, most](const std::string& text) -> std::string {
        const auto read = parse_duration(text);
        if (read && *read >= least && *read <= most) return "";
        return "'" + text + "' is not a time from " + to_text(least) + " to " + to_text(most) + ", such as 90s or 5m";
      },
      "", "duration");
}

}  // namespace quorumor
