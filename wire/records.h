// The other signed contents that rumors carry. Each names its signer and the credential serial that it is
// signed under; layouts are little-endian and exact (base/codec.h), ranges are checked here, signatures are not.
//
// Accusation   version u8 = 1 | accuser 16 | serial u64 | generation u64 | epoch count u8 (1..4) | epoch u64 ...
//              (ascending, distinct) | subject count u8 (1..24) | {id 16 | generation u64 | incarnation u64} ...
//              (ascending by id, distinct, never the accuser)
// Revocation   version u8 = 1 | id 16 | serial u64 | time i64 ms | reason str8          (signed by the authority)
// ForceLeave   version u8 = 1 | id 16 | generation u64 | time i64 ms                    (signed by the authority)
// Endorsement  version u8 = 1 | key 32 | time i64 ms       (signed by an authority; crypto/authorities.h)
// Event        version u8 = 1 | origin 16 | serial u64 | generation u64 | sequence u64 | time i64 ms | ttl u32 ms
//              | policy u8 | name str8 (valid name) | payload length u16 | payload digest 32
// Proof        kind u8 (core or event) | two of: {bytes16 content || signature}, the lesser content first
//              (unsigned: it proves itself)
//
// Times lie between 1970 and kRecordTimeMax, so that no sum with a ttl, and no conversion to nanoseconds, can
// overflow, whatever a member signs. Whether a proof's two contents decode, and are at one coordinate, is for
// who acts on it: here it is two different byte strings of the right sizes.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "wire/claims.h"

#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

enum class RumorKind : std::uint8_t {  // wire values, but for the last in the order in which they depend on one another
  credential = 1,
  core = 2,
  body = 3,
  accusation = 4,
  announcement = 5,
  revocation = 6,
  force_leave = 7,
  proof = 8,
  event = 9,
  endorsement = 10  // added last; depends on nothing (place_in_datagram)
};

inline constexpr unsigned kRumorKinds = 10;
constexpr bool is_valid(RumorKind kind) noexcept {
  return static_cast<unsigned>(kind) >= 1 && static_cast<unsigned>(kind) <= kRumorKinds;
}
// The order in which the kinds stand in one datagram: whatever is needed to judge another comes before it. So an
// endorsement, without which a standby authority's word counts for nothing, comes first.
constexpr unsigned place_in_datagram(RumorKind kind) noexcept {
  return kind == RumorKind::endorsement ? 0 : static_cast<unsigned>(kind);
}
// Bodies are bound by their core's digest; a proof contains signed things. All else ends in a signature.
constexpr bool is_signed(RumorKind kind) noexcept { return kind != RumorKind::body && kind != RumorKind::proof; }

inline constexpr std::size_t kAccusationContentMax =
    1 + 16 + 8 + 8 + 1 + 8 * limits::kAccusationEpochs + 1 + 32 * limits::kAccusedSubjects;
inline constexpr std::size_t kRevocationContentMax = 1 + 16 + 8 + 8 + 1 + limits::kRevocationReason;
inline constexpr std::size_t kForceLeaveContent = 1 + 16 + 8 + 8;
inline constexpr std::size_t kEventContentMax = 1 + 16 + 8 + 8 + 8 + 8 + 4 + 1 + 1 + kNameMax + 2 + 32;
inline constexpr std::size_t kProofContentMax = 1 + 2 * (2 + kEventContentMax + limits::kSignature);
static_assert(kEventContentMax > limits::kCoreContent, "the greater of a proof's two kinds bounds it");

// The sizes that a kind's content may have, signature excluded (bytes): what can be refused unread.
struct SizeRange {
  std::size_t min = 1;
  std::size_t max = 0;
  constexpr bool contains(std::size_t n) const noexcept { return min <= n && n <= max; }
};
constexpr SizeRange content_size(RumorKind kind) noexcept {
  switch (kind) {
    case RumorKind::credential:
      return {1, kCredentialContentMax};
    case RumorKind::core:
      return {limits::kCoreContent, limits::kCoreContent};
    case RumorKind::body:
      return {1, limits::kBody};
    case RumorKind::accusation:
      return {1, kAccusationContentMax};
    case RumorKind::announcement:
      return {1, kAnnouncementContentMax};
    case RumorKind::revocation:
      return {1, kRevocationContentMax};
    case RumorKind::force_leave:
      return {kForceLeaveContent, kForceLeaveContent};
    case RumorKind::proof:
      return {1, kProofContentMax};
    case RumorKind::event:
      return {1, kEventContentMax};
    case RumorKind::endorsement:
      return {kEndorsementContent, kEndorsementContent};
  }
  return {1, 0};
}
// The same for a whole record: content || signature, or content alone where there is none.
constexpr bool is_record_size(RumorKind kind, std::size_t size) noexcept {
  const std::size_t signature = is_signed(kind) ? limits::kSignature : 0;
  return size > signature && content_size(kind).contains(size - signature);
}

inline constexpr WallTime kRecordTimeMax = wall_from_millis(7'258'118'400'000);  // the year 2200
static_assert(kRecordTimeMax == kEndorsementTimeMax, "every time that the authority signs has one range");
inline constexpr std::chrono::milliseconds kEventTtlMin{1};
inline constexpr std::chrono::milliseconds kEventTtlMax{3'600'000};

// malformed: the bytes are not the layout. bad_value: they are, and say something that no honest member says.
enum class RecordError : std::uint8_t { malformed, bad_value };

struct AccusedSubject {
  NodeId id{};
  Generation generation;
  Incarnation incarnation;
  friend auto operator<=>(const AccusedSubject&, const AccusedSubject&) = default;
};

struct Accusation {
  NodeId accuser{};
  Serial serial;
  Generation generation;
  std::vector<Epoch> epochs;
  std::vector<AccusedSubject> subjects;
  friend bool operator==(const Accusation&, const Accusation&) = default;
};

struct Revocation {
  NodeId id{};
  Serial serial;
  WallTime at;
  std::string reason;
  friend bool operator==(const Revocation&, const Revocation&) = default;
};

struct ForceLeave {
  NodeId id{};
  Generation generation;
  WallTime at;
  friend bool operator==(const ForceLeave&, const ForceLeave&) = default;
};

enum class EventPolicy : std::uint8_t { origin_signed = 1, corroborated = 2 };  // wire values

struct EventHeader {
  NodeId origin{};
  Serial serial;
  Generation generation;
  Sequence sequence;
  WallTime at;
  std::chrono::milliseconds ttl{};  // kEventTtlMin to kEventTtlMax
  EventPolicy policy = EventPolicy::origin_signed;
  std::string name;
  std::uint16_t payload_size = 0;
  Digest payload_digest{};
  friend bool operator==(const EventHeader&, const EventHeader&) = default;
};

struct Proof {
  RumorKind kind = RumorKind::core;  // core or event
  ByteVector first;                  // content || signature
  ByteVector second;
  friend bool operator==(const Proof&, const Proof&) = default;
};

// Counts, sizes, order and ranges as above: what decode_* accepts and encode_* demands. A reason is printable
// ASCII, because it ends in log lines.
bool is_valid(const Accusation& a) noexcept;
bool is_valid(const Revocation& r) noexcept;
bool is_valid(const ForceLeave& f) noexcept;
bool is_valid(const EventHeader& e) noexcept;
bool is_valid(const Proof& p) noexcept;
bool is_valid_reason(std::string_view text) noexcept;

// Requires: is_valid.
ByteVector encode_accusation(const Accusation& a);
ByteVector encode_revocation(const Revocation& r);
ByteVector encode_force_leave(const ForceLeave& f);
ByteVector encode_event(const EventHeader& e);
ByteVector encode_proof(const Proof& p);
Result<Accusation, RecordError> decode_accusation(Bytes content);
Result<Revocation, RecordError> decode_revocation(Bytes content);
Result<ForceLeave, RecordError> decode_force_leave(Bytes content);
Result<EventHeader, RecordError> decode_event(Bytes content);
Result<Proof, RecordError> decode_proof(Bytes content);

// What announcements name a revocation by: the same content under another valid signature is the same revocation.
inline Digest revocation_digest(Bytes content) noexcept { return hash("quorumor revocation", {content}); }
inline Digest event_payload_digest(Bytes payload) noexcept { return hash("quorumor event payload", {payload}); }

}  // namespace quorumor
