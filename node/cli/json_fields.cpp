#include "node/cli/json_fields.h"

#include <boost/json/parse.hpp>

namespace quorumor {

namespace json = boost::json;

namespace {

const json::value* find(const json::object& from, std::string_view key) {
  return from.if_contains(json::string_view(key.data(), key.size()));
}

}  // namespace

Fallible<json::value> parse_json(std::string_view from) {
  json::error_code error;
  json::value out = json::parse(json::string_view(from.data(), from.size()), error);
  if (error) return fail("the agent's answer is not JSON; are its release and this one the same?");
  return out;
}

const json::object& inner(const json::object& from, std::string_view key) {
  static const json::object kNone;
  const json::value* value = find(from, key);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

const json::array& inner_array(const json::object& from, std::string_view key) {
  static const json::array kNone;
  const json::value* value = find(from, key);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return {value.get_string().data(), value.get_string().size()};
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  return "-";
}

std::string text(const json::object& from, std::string_view key) {
  const json::value* value = find(from, key);
  if (value == nullptr) return "-";
  std::string out = text_of(*value);
  return out.empty() ? "-" : out;
}

bool is_true(const json::object& from, std::string_view key) { return text(from, key) == "yes"; }

bool is_null(const json::object& from, std::string_view key) {
  const json::value* value = find(from, key);
  return value == nullptr || value->is_null();
}

std::string list(const json::object& from, std::string_view key) {
  std::string out;
  for (const json::value& item : inner_array(from, key)) out += (out.empty() ? "" : ", ") + text_of(item);
  return out.empty() ? "-" : out;
}

}  // namespace quorumor
