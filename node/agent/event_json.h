// User events in the admin API's documents: how a payload of any bytes travels in JSON, in both directions alike.
// A payload that a person can read is a JSON string; any other is base64, and "payload_encoding" says which.
#pragma once

#include "node/core/output.h"
#include "node/driver/failure.h"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace quorumor {

inline constexpr std::chrono::milliseconds kEventTtlDefault{60'000};

struct EventOrder {
  std::string name;
  ByteVector payload;  // of any size: who sends it judges it
  std::chrono::milliseconds ttl = kEventTtlDefault;
};
// {"name": "...", "payload": "...", "payload_encoding": "text" or "base64", "ttl_ms": N}; all but the name may be left
// out. Unknown keys are errors.
Fallible<EventOrder> parse_event(std::string_view body);
std::string event_order_json(const EventOrder& order);
// {"name": ..., "payload": ..., "payload_encoding": ..., "sequence": ..., "sent": ..., "ttl_ms": ...}
boost::json::object user_event_json(const Event& event);

// Well-formed UTF-8 without control characters other than tab and newline.
bool is_printable_utf8(std::string_view text) noexcept;
std::string to_base64(Bytes bytes);
// RFC 4648, padded, nothing else; nothing if it is not exactly that.
std::optional<ByteVector> from_base64(std::string_view text);

}  // namespace quorumor
