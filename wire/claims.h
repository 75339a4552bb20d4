// What a member says of itself: a claim = core + body (PROTOCOL section 2). The core is small, signed and
// cached; the body is checked by the core's digest of it. A claim's identity is the digest of its core's
// content: the same core under another valid signature is a duplicate, not a conflict.
//
// Core content:  version u8 = 1 | id 16 | serial u64 | generation u64 | incarnation u64 | session key 32
//                | flags u8 (bit 0: leaving; others refused) | next event u64 | body digest 32
// Body content:  version u8 = 1 | id 16 | protocol min u8 | protocol max u8 | endpoint count u8
//                | {family u8 (4 or 6) | address 4 or 16 | port u16} ... | metadata bytes16
#pragma once

#include "base/endpoint.h"
#include "base/result.h"
#include "base/strong.h"
#include "crypto/cluster.h"
#include "crypto/exchange.h"
#include "crypto/hash.h"
#include "wire/limits.h"

#include <optional>
#include <vector>

namespace quorumor {

inline constexpr std::uint8_t kRecordVersion = 1;  // of every layout here and in records.h

// Where a claim stands in its owner's history: lexicographic, the greatest wins.
struct Coordinate {
  Serial serial;
  Generation generation;
  Incarnation incarnation;
  friend constexpr auto operator<=>(const Coordinate&, const Coordinate&) = default;
};

struct Core {
  NodeId id{};
  Coordinate at;
  SessionPublicKey session_key{};
  bool leaving = false;
  Sequence next_event;
  Digest body_digest{};
  friend bool operator==(const Core&, const Core&) = default;
};

struct Body {
  NodeId id{};
  std::uint8_t protocol_min = limits::kVersion;
  std::uint8_t protocol_max = limits::kVersion;
  std::vector<Endpoint> endpoints;  // 1 to 4, usable ones (Endpoint::is_unusable)
  ByteVector metadata;              // at most 512 bytes
  friend bool operator==(const Body&, const Body&) = default;
};

// malformed: the bytes are not the layout. bad_value: they are, and say something that no honest member says.
enum class ClaimError : std::uint8_t { malformed, bad_value };

// Ensures: kCoreContent bytes.
ByteArray<limits::kCoreContent> encode_core(const Core& core) noexcept;
Result<Core, ClaimError> decode_core(Bytes content) noexcept;

// Requires: is_valid(body).
ByteVector encode_body(const Body& body);
// An IPv4-mapped IPv6 address is refused, because Endpoint stores it as IPv4: it would be a second encoding.
Result<Body, ClaimError> decode_body(Bytes content);
// Counts, sizes and ranges as above: what decode_body accepts and encode_body demands.
bool is_valid(const Body& body) noexcept;
// The id that an undecoded body is about; nothing if it is too short to have one, or of another version.
std::optional<NodeId> peek_body_id(Bytes content) noexcept;

inline Digest core_digest(Bytes content) noexcept { return hash("quorumor core", {content}); }
inline Digest body_digest(Bytes content) noexcept { return hash("quorumor body", {content}); }

}  // namespace quorumor
