// A request's body as one JSON object. Deep or huge documents are refused by the body's limit and the parser's own
// depth limit.
#pragma once

#include "node/driver/failure.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string_view>

namespace quorumor {

inline Fallible<boost::json::object> parse_object(std::string_view body) {
  namespace json = boost::json;
  json::error_code error;
  json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error) return misuse("the body is not JSON: " + error.message());
  if (!value.is_object()) return misuse("the body is not a JSON object");
  return std::move(value.as_object());
}

}  // namespace quorumor
