// Options that count something. CLI11's own check names the greatest double there is, in 300 digits.
#pragma once

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

}  // namespace quorumor
