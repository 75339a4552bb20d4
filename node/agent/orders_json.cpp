#include "node/agent/orders_json.h"

#include "crypto/authorities.h"
#include "node/agent/json_body.h"
#include "node/agent/json_values.h"

#include <boost/json/serialize.hpp>

#include <optional>

namespace quorumor {

namespace json = boost::json;

namespace {

// Nothing unless it is hexadecimal, and some.
std::optional<ByteVector> bytes_of(const json::value& value) {
  if (!value.is_string()) return std::nullopt;
  const json::string& digits = value.get_string();
  auto out = from_hex({digits.data(), digits.size()});
  if (!out || out->empty()) return std::nullopt;
  return out;
}

}  // namespace

Fallible<AuthorityOrder> parse_order(std::string_view body) {
  BOOST_OUTCOME_TRY(const json::object object, parse_object(body));
  const json::value* record = object.if_contains("record");
  const json::value* endorsements = object.if_contains("endorsements");
  const std::size_t known = 1 + (endorsements != nullptr ? 1 : 0);
  if (object.size() != known || record == nullptr || !record->is_string()) {
    return misuse("the body must be {\"record\": \"HEX\"}, what `quorumor authority revoke` signed, and perhaps"
                  " \"endorsements\"");
  }
  const auto bytes = bytes_of(*record);
  if (!bytes) return misuse("\"record\" is not hexadecimal");
  AuthorityOrder out{*bytes, {}};
  if (endorsements == nullptr) return out;
  const json::array* list = endorsements->if_array();
  if (list == nullptr || list->empty() || list->size() > kEndorsedMax) {
    return misuse("\"endorsements\" must be an array of 1 to " + std::to_string(kEndorsedMax) +
                  " strings of hexadecimal");
  }
  for (const json::value& each : *list) {
    const auto endorsement = bytes_of(each);
    if (!endorsement) return misuse("an endorsement is not hexadecimal");
    out.endorsements.push_back(*endorsement);
  }
  return out;
}

std::string order_json(const AuthorityOrder& order) {
  json::object out;
  out["record"] = json_text(to_hex(order.record));
  if (!order.endorsements.empty()) {
    json::array list;
    for (const ByteVector& each : order.endorsements) list.push_back(json_text(to_hex(each)));
    out["endorsements"] = std::move(list);
  }
  return json::serialize(out);
}

}  // namespace quorumor
