// A datagram's message, typed and validated. `decode_message` is the only way in: it checks that the bytes are
// one Cap'n Proto segment, bounds every list before walking it, range-checks every enum and size, calls each
// getter once, and turns any exception of the library into `malformed`. It is written as if the bytes were
// hostile, although they are authenticated by then.
//
// Beyond sizes and enums it refuses what no honest sender means: epoch 0 (whoever sealed the frame holds one),
// a coordinate where the kind has none, a record longer than its kind can be. What is inside
// a record is not looked at here (wire/claims.h, wire/records.h, crypto/).
//
// Views: spans in a Message point into the buffer that it was decoded from, and live as long as that.
// Neither direction allocates.
#pragma once

#include "base/result.h"
#include "base/strong.h"
#include "wire/records.h"

#include <boost/container/static_vector.hpp>
#include <cstring>

namespace quorumor {

enum class MessageKind : std::uint8_t { ping, ack, nack, relay, relayed, hint, want, epoch_key_request, epoch_key };
inline constexpr std::size_t kMessageKinds = 9;

enum class MemberState : std::uint8_t {  // wire values, ascending precedence (PROTOCOL section 5)
  unknown = 0,
  alive = 1,
  suspect = 2,
  unreachable = 3,
  dead = 4,
  left = 5,
  evicted = 6
};

struct Rumor {
  RumorKind kind = RumorKind::core;
  Bytes record;   // content || signature; body and proof: content alone
  Bytes payload;  // event only

  bool is_signed() const noexcept { return quorumor::is_signed(kind); }
  // Requires: record as decode_message ensures it (longer than a signature if signed).
  Bytes content() const noexcept { return is_signed() ? content_of(record) : record; }
  Signature signature() const noexcept { return is_signed() ? signature_of(record) : Signature{}; }
};

struct Belief {
  Generation generation;
  Incarnation incarnation;
  MemberState state = MemberState::unknown;
};

struct WantItem {
  RumorKind kind = RumorKind::core;
  NodeId id{};
  std::uint64_t coordinate = 0;  // announcement: its epoch, not 0; event: its sequence; else 0
};

struct Message {
  MessageKind kind = MessageKind::ping;
  Epoch newest_epoch;
  std::uint64_t newest_commitment = 0;
  std::uint64_t digest = 0;
  Sequence sequence;
  Belief belief;
  std::uint32_t next_event = 0;  // the low half of the sequence that the sender's own next event will have
  boost::container::static_vector<Rumor, limits::kRumors> rumors;

  // By kind; untouched for the others.
  NodeId peer{};            // relay: for whom; relayed: from whom; hint: the subject
  Bytes sealed;             // relay, relayed: a whole sealed datagram, longer than a short frame's overhead
  Generation generation;    // hint
  Incarnation incarnation;  // hint
  boost::container::static_vector<WantItem, limits::kWants> wants;  // none: it only carries rumors
  Epoch epoch;                                                      // epoch_key_request, epoch_key
  Bytes epoch_key;                                                  // 32 bytes
};

enum class DecodeError : std::uint8_t { misaligned, too_large, malformed, bad_value };

// too_large: more than a datagram carries. malformed: not one whole Cap'n Proto segment. bad_value: it is one,
// and a value is out of range. Overwrites `out`; on error it is as if new.
Result<void, DecodeError> decode_message(Bytes plain, Message& out) noexcept;

// Exact plaintext size in bytes of a message without rumors, and of one more rumor in it.
std::size_t message_size(const Message& without_rumors) noexcept;
std::size_t rumor_size(const Rumor& rumor) noexcept;  // marginal, except:
inline constexpr std::size_t kRumorListOverhead = 8;  // once, if there is any rumor

// Encodes into `out` and returns the part used; empty if it does not fit there, or not into a datagram
// (limits::kPlain). Writes exactly message_size + kRumorListOverhead (if any) + each rumor_size bytes.
MutableBytes encode_message(const Message& message, MutableBytes out) noexcept;

// --- introductions (inside long frames) ------------------------------------------------------------------------

struct Introduction {
  bool reply = false;
  Bytes credential;  // content || signature
  Bytes core;        // content || signature
};
Result<void, DecodeError> decode_introduction(Bytes plain, Introduction& out) noexcept;
MutableBytes encode_introduction(const Introduction& introduction, MutableBytes out) noexcept;

}  // namespace quorumor
