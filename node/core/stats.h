// Counters and gauges of one core. Counters only grow. What a peer causes is counted here, never logged a packet.
#pragma once

#include "membership/policy.h"
#include "node/core/output.h"
#include "wire/frame.h"

#include <array>

namespace quorumor {

struct Counters {
  std::uint64_t datagrams_in = 0, datagrams_out = 0, bytes_in = 0, bytes_out = 0;
  std::array<std::uint64_t, kDropReasons> dropped{};          // by DropReason
  std::array<std::uint64_t, kMessageKinds> messages_in{}, messages_out{};
  std::uint64_t introductions_in = 0, introductions_out = 0;
  std::uint64_t rumors_known = 0;        // changed nothing: dropped unverified
  std::uint64_t rumors_accepted = 0;
  std::uint64_t rumors_bad_signature = 0;
  std::uint64_t rumors_orphaned = 0;     // depend on something that is missing
  std::uint64_t rumors_refused = 0;      // not entitled, malformed content, over a limit
  std::uint64_t conflicts = 0;           // two cores at one coordinate
  std::uint64_t signature_checks = 0;
  std::uint64_t probes = 0, probes_failed = 0;
  std::uint64_t refutations = 0;
  std::uint64_t streams_in = 0, streams_out = 0, streams_refused = 0;
  std::uint64_t syncs = 0;
  std::uint64_t events_sent = 0;         // by this node's own application
  std::uint64_t events_delivered = 0;    // each once, own ones included
  std::uint64_t events_out_of_time = 0;  // past their TTL, or ahead of our clock
  std::uint64_t events_too_old = 0;      // from before this node knew their origin, or far behind its newest
  std::uint64_t events_over_quota = 0;   // more than an origin may have a second
};

struct Stats {
  Counters counters;
  Epoch epoch;                            // newest whose key is held; 0: none
  int health = 0;                         // 0 (healthy) to 7
  std::array<std::size_t, 7> by_state{};  // by MemberState, this node included
  QuorumView quorum;
  bool joined = false;
  Generation generation;
  Incarnation incarnation;
  std::size_t queued_rumors = 0;
};

// A member as queries show it. Views live until the next call into the core.
struct MemberView {
  NodeId id{};
  std::string_view name, zone;
  MemberState state = MemberState::unknown;
  Instant since;
  Coordinate at;
  const std::vector<Endpoint>* endpoints = nullptr;  // nullptr: body unknown
  Bytes metadata;
  bool self = false;
};

}  // namespace quorumor
