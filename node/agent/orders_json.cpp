#include "node/agent/orders_json.h"

#include "node/agent/json_body.h"
#include "node/agent/json_values.h"

#include <boost/json/serialize.hpp>

namespace quorumor {

namespace json = boost::json;

Fallible<ByteVector> parse_record(std::string_view body) {
  BOOST_OUTCOME_TRY(const json::object object, parse_object(body));
  const json::value* record = object.if_contains("record");
  if (object.size() != 1 || record == nullptr || !record->is_string()) {
    return misuse("the body must be {\"record\": \"HEX\"}, what `quorumor authority revoke` signed");
  }
  const json::string& digits = record->get_string();
  const auto bytes = from_hex({digits.data(), digits.size()});
  if (!bytes || bytes->empty()) return misuse("\"record\" is not hexadecimal");
  return *bytes;
}

std::string record_json(Bytes record) {
  json::object out;
  out["record"] = json_text(to_hex(record));
  return json::serialize(out);
}

}  // namespace quorumor
