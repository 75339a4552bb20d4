#include "node/agent/event_json.h"

#include "node/agent/admin_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace quorumor {

namespace json = boost::json;

namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

json::string text(std::string_view from) { return json::string(from.data(), from.size()); }

void put_payload(json::object& out, Bytes payload) {
  const bool readable = is_printable_utf8(as_text(payload));
  out["payload"] = readable ? text(as_text(payload)) : text(to_base64(payload));
  out["payload_encoding"] = readable ? "text" : "base64";
}

Fallible<std::string> string_at(const json::object& object, std::string_view key, std::string fallback) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr) return fallback;
  if (!value->is_string()) return misuse("\"" + std::string(key) + "\" must be a string");
  return std::string(value->get_string().data(), value->get_string().size());
}

Fallible<void> check_keys(const json::object& object) {
  for (const auto& entry : object) {
    const std::string_view key(entry.key().data(), entry.key().size());
    if (key == "name" || key == "payload" || key == "payload_encoding" || key == "ttl_ms") continue;
    return misuse("unknown key in the body; known are \"name\", \"payload\", \"payload_encoding\" and \"ttl_ms\"");
  }
  return success();
}

// The bytes of the sequence that `first` begins, and the least value that needs so many: 0 for no first byte.
struct Lead {
  int length = 0;
  char32_t least = 0;
  char32_t bits = 0;
};
Lead lead_of(unsigned char first) noexcept {
  if (first < 0x80) return {1, 0, first};
  if ((first & 0xe0) == 0xc0) return {2, 0x80, first & 0x1fU};
  if ((first & 0xf0) == 0xe0) return {3, 0x800, first & 0x0fU};
  if ((first & 0xf8) == 0xf0) return {4, 0x10000, first & 0x07U};
  return {};
}

bool is_printable(char32_t c) noexcept {
  if (c == '\t' || c == '\n') return true;
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;  // C0, DEL, C1
  return c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);      // surrogates are not characters
}

}  // namespace

bool is_printable_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
    if (lead.length == 0 || text.size() < static_cast<std::size_t>(lead.length)) return false;
    char32_t c = lead.bits;
    for (int i = 1; i < lead.length; ++i) {
      const auto byte = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
      if ((byte & 0xc0) != 0x80) return false;
      c = (c << 6) | (byte & 0x3fU);
    }
    if (c < lead.least || !is_printable(c)) return false;
    text.remove_prefix(static_cast<std::size_t>(lead.length));
  }
  return true;
}

std::string to_base64(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8) | (i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= bytes.size() ? kBase64[(group >> (18 - 6 * i)) & 0x3f] : '=';
    }
  }
  return out;
}

std::optional<ByteVector> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.empty() ? 0 : (text.back() == '=') + (text[text.size() - 2] == '=');
  ByteVector out;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool padded = i >= text.size() - padding;
    const std::size_t digit = padded ? 0 : kBase64.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    group = (group << 6) | static_cast<std::uint32_t>(digit);
    if (i % 4 != 3) continue;
    for (const unsigned shift : {16U, 8U, 0U}) out.push_back(static_cast<std::byte>((group >> shift) & 0xff));
    group = 0;
  }
  out.resize(out.size() - padding);
  if (to_base64(out) != text) return std::nullopt;  // bits beside the last byte, or "=" in the wrong place
  return out;
}

Fallible<EventOrder> parse_event(std::string_view body) {
  json::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error) return misuse("the body is not JSON: " + error.message());
  if (!value.is_object()) return misuse("the body is not a JSON object");
  const json::object& object = value.get_object();
  BOOST_OUTCOME_TRYV(check_keys(object));
  EventOrder out;
  BOOST_OUTCOME_TRY(out.name, string_at(object, "name", ""));
  if (out.name.empty()) return misuse("\"name\" is missing: the event's name, 1 to 64 characters of [a-z0-9._-]");
  BOOST_OUTCOME_TRY(const std::string payload, string_at(object, "payload", ""));
  BOOST_OUTCOME_TRY(const std::string encoding, string_at(object, "payload_encoding", "text"));
  if (encoding == "base64") {
    auto bytes = from_base64(payload);
    if (!bytes) return misuse("\"payload\" is not base64 (RFC 4648, padded)");
    out.payload = std::move(*bytes);
  } else if (encoding == "text") {
    out.payload = to_vector(as_bytes(payload));
  } else {
    return misuse("\"payload_encoding\" must be \"text\" or \"base64\"");
  }
  if (const json::value* ttl = object.if_contains("ttl_ms")) {
    if (!ttl->is_int64() || ttl->get_int64() < kEventTtlMin.count() || ttl->get_int64() > kEventTtlMax.count()) {
      return misuse("\"ttl_ms\" must be a whole number of milliseconds from 1 to 3600000");
    }
    out.ttl = std::chrono::milliseconds{ttl->get_int64()};
  }
  return out;
}

std::string event_order_json(const EventOrder& order) {
  json::object out;
  out["name"] = text(order.name);
  put_payload(out, order.payload);
  out["ttl_ms"] = order.ttl.count();
  return json::serialize(out);
}

json::object user_event_json(const Event& event) {
  json::object out;
  out["name"] = text(event.topic);
  put_payload(out, event.payload);
  out["sequence"] = text(std::to_string(event.sequence.value));
  out["sent"] = text(rfc3339(event.sent_at));
  out["ttl_ms"] = event.ttl.count();
  return out;
}

}  // namespace quorumor
