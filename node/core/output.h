// What the core asks of whoever drives it: values, never callbacks. Spans point into an arena that the core owns and
// stay valid until the next call into it. Outputs are carried out in order; a Persist with `before_sending` must be
// on disk before any later output of the same or a later call is carried out.
#pragma once

#include "base/endpoint.h"
#include "base/time.h"
#include "wire/message.h"
#include "wire/stream.h"

#include <string>
#include <variant>
#include <vector>

namespace quorumor {

struct Transmit {
  Endpoint to;
  Bytes datagram;
};

// Streams are TLS 1.3 connections; the driver does TLS, the core does who-is-who. Inbound ids have the top bit set
// and are given by the driver; outbound ones by the core.
using StreamId = std::uint64_t;
inline constexpr StreamId kInboundStream = StreamId{1} << 63;

struct StreamRequest {
  enum class Action : std::uint8_t { dial, send, close } action = Action::dial;
  StreamId id = 0;
  Endpoint to;   // dial
  Bytes bytes;   // send; after it the driver reports `drained` once all was handed to TLS
};

struct StreamEvent {
  enum class Kind : std::uint8_t {
    connected,  // TLS is up
    data,
    drained,    // what was last sent is out: more may be sent
    closed      // by the peer, an error, or a deadline; the id is dead
  } kind = Kind::closed;
  Endpoint peer;                 // connected
  ByteArray<32> exporter{};      // connected: RFC 9266's tls-exporter in our own label (driver/tls.h)
  Bytes data;                    // data
};

// Something that an operator or an embedding program wants to know.
struct Event {
  enum class Kind : std::uint8_t {
    member_alive, member_suspect, member_unreachable, member_dead, member_left, member_updated, member_evicted,
    joined,           // this node has a ring and a member list
    join_refused,     // by `endpoint`, because of `refusal`
    join_failed,      // nobody could be reached at `endpoint`
    refuted,          // somebody suspected this node; it answered with a new incarnation
    clone_alarm,      // another process runs with this node's identity: this one falls silent
    revoked,          // this node is: it falls silent, and its process should end with that error
    left,             // this node's leave is done: the process may end
    user_event,               // an application's event, of the member `id` (perhaps this node); once each
    epoch_began,              // this node has the key of a newer epoch, announced by the member `id`
    epoch_retired,            // this node obeys a retirement, announced by the member `id`
    authority_endorsed        // another key may speak for the authority; the reason names it
  } kind = Kind::joined;
  NodeId id{};
  std::string name;
  std::string reason;            // one short phrase
  Generation generation;
  Incarnation incarnation;
  Endpoint endpoint;
  Refusal refusal = Refusal::malformed;
  // user_event:
  std::string topic;             // the event's own name
  ByteVector payload;            // at most limits::kEventPayload; anything that the origin likes
  Sequence sequence;             // within the origin's generation
  WallTime sent_at;              // by the origin's clock
  std::chrono::milliseconds ttl{};
};
const char* to_string(Event::Kind kind) noexcept;

// Why an event was not sent. Nothing has changed then.
enum class BroadcastError : std::uint8_t {
  bad_name,   // not 1 to 64 characters of [a-z0-9._-]
  too_large,  // more than limits::kEventPayload
  bad_ttl,    // not within kEventTtlMin and kEventTtlMax
  no_ring,    // this node has no key to tell anybody
  not_joined,
  ending,     // leaving, or silenced by a clone alarm
  too_fast    // others would drop it: above the rate that an origin has (events.h)
};
const char* to_string(BroadcastError error) noexcept;  // one phrase for a person

struct Persist {
  enum class What : std::uint8_t { generation, ring, members, verdicts } what = What::members;
  bool before_sending = false;
  ByteVector bytes;  // generation: 8 bytes little-endian; ring: a secret (Keyring::serialize); members: snapshot.h;
                     // verdicts: verdict_file.h
};

using Output = std::variant<Transmit, StreamRequest, Event, Persist>;

}  // namespace quorumor
