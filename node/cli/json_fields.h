// Fields of the agent's JSON, for people. What is missing or of another type reads as "-", 0 or empty: an older or
// newer agent must not crash a command.
#pragma once

#include "node/driver/failure.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <charconv>
#include <string>
#include <string_view>

namespace quorumor {

Fallible<boost::json::value> parse_json(std::string_view from);
const boost::json::object& inner(const boost::json::object& from, std::string_view key);
const boost::json::array& inner_array(const boost::json::object& from, std::string_view key);
// Strings as they are, numbers in decimal, "yes" or "no", else "-".
std::string text_of(const boost::json::value& value);
std::string text(const boost::json::object& from, std::string_view key);  // "-" if it is empty too
bool is_true(const boost::json::object& from, std::string_view key);
bool is_null(const boost::json::object& from, std::string_view key);  // or missing
std::string list(const boost::json::object& from, std::string_view key);  // "a, b"

template <class T = std::int64_t>
T number(const boost::json::object& from, std::string_view key) {
  const std::string digits = text(from, key);
  T out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

}  // namespace quorumor
