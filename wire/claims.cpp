#include "wire/claims.h"

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::uint8_t kLeavingFlag = 1;

// Where the family says v6 the address must be one: Endpoint folds a mapped IPv4 address into v4, and what
// decodes to the same value must not have two encodings.
Endpoint read_endpoint(Reader& in) noexcept {
  const std::uint8_t family = in.u8();
  if (family == static_cast<std::uint8_t>(Endpoint::Family::v4)) {
    const auto a = in.array<4>();
    const std::uint16_t port = in.u16();
    return Endpoint::v4(std::to_integer<std::uint8_t>(a[0]), std::to_integer<std::uint8_t>(a[1]),
                        std::to_integer<std::uint8_t>(a[2]), std::to_integer<std::uint8_t>(a[3]), port);
  }
  if (family == static_cast<std::uint8_t>(Endpoint::Family::v6)) {
    const auto address = in.array<16>();
    const Endpoint endpoint = Endpoint::v6(address, in.u16());
    if (endpoint.family == Endpoint::Family::v6) return endpoint;
  }
  return {};  // of no family, hence unusable
}

void write_endpoint(Writer& out, const Endpoint& endpoint) noexcept {
  out.u8(static_cast<std::uint8_t>(endpoint.family));
  out.raw(Bytes(endpoint.address).first(endpoint.family == Endpoint::Family::v4 ? 4 : 16));
  out.u16(endpoint.port);
}

}  // namespace

ByteArray<limits::kCoreContent> encode_core(const Core& core) noexcept {
  ByteArray<limits::kCoreContent> content;
  Writer out(content);
  out.u8(kRecordVersion);
  out.raw(core.id);
  out.u64(core.at.serial.value);
  out.u64(core.at.generation.value);
  out.u64(core.at.incarnation.value);
  out.raw(core.session_key);
  out.u8(core.leaving ? kLeavingFlag : 0);
  out.u64(core.next_event.value);
  out.raw(core.body_digest);
  QUORUMOR_ASSERT(out.finish().size() == content.size());
  return content;
}

Result<Core, ClaimError> decode_core(Bytes content) noexcept {
  Reader in(content);
  Core core;
  const std::uint8_t version = in.u8();
  core.id = in.array<16>();
  core.at.serial.value = in.u64();
  core.at.generation.value = in.u64();
  core.at.incarnation.value = in.u64();
  core.session_key = in.array<32>();
  const std::uint8_t flags = in.u8();
  core.next_event.value = in.u64();
  core.body_digest = in.array<32>();
  if (!in.finish()) return ClaimError::malformed;
  if (version != kRecordVersion || (flags & ~unsigned{kLeavingFlag}) != 0) return ClaimError::bad_value;
  core.leaving = flags == kLeavingFlag;
  return core;
}

bool is_valid(const Body& body) noexcept {
  if (body.protocol_min < 1 || body.protocol_min > body.protocol_max) return false;
  if (body.endpoints.empty() || body.endpoints.size() > limits::kEndpoints) return false;
  for (const Endpoint& endpoint : body.endpoints) {
    if (endpoint.is_unusable()) return false;
  }
  return body.metadata.size() <= limits::kMetadata;
}

ByteVector encode_body(const Body& body) {
  QUORUMOR_ASSERT(is_valid(body));
  ByteArray<limits::kBody> buffer;
  Writer out(buffer);
  out.u8(kRecordVersion);
  out.raw(body.id);
  out.u8(body.protocol_min);
  out.u8(body.protocol_max);
  out.u8(static_cast<std::uint8_t>(body.endpoints.size()));
  for (const Endpoint& endpoint : body.endpoints) write_endpoint(out, endpoint);
  out.bytes16(body.metadata);
  QUORUMOR_ASSERT(!out.failed());
  return to_vector(out.finish());
}

Result<Body, ClaimError> decode_body(Bytes content) {
  Reader in(content);
  Body body;
  const std::uint8_t version = in.u8();
  body.id = in.array<16>();
  body.protocol_min = in.u8();
  body.protocol_max = in.u8();
  const std::size_t count = in.u8();
  if (in.failed()) return ClaimError::malformed;
  if (version != kRecordVersion || count > limits::kEndpoints) return ClaimError::bad_value;
  body.endpoints.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Endpoint endpoint = read_endpoint(in);
    if (in.failed()) return ClaimError::malformed;
    if (endpoint.is_unusable()) return ClaimError::bad_value;
    body.endpoints.push_back(endpoint);
  }
  const Bytes metadata = in.bytes16();
  if (!in.finish()) return ClaimError::malformed;
  if (metadata.size() > limits::kMetadata) return ClaimError::bad_value;
  body.metadata = to_vector(metadata);
  if (!is_valid(body)) return ClaimError::bad_value;
  return body;
}

std::optional<NodeId> peek_body_id(Bytes content) noexcept {
  Reader in(content);
  const std::uint8_t version = in.u8();
  const NodeId id = in.array<16>();
  if (in.failed() || version != kRecordVersion) return std::nullopt;
  return id;
}

}  // namespace quorumor
