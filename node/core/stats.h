// Counters and gauges of one core. Counters only grow. What a peer causes is counted here, never logged a packet.
#pragma once

#include "membership/policy.h"
#include "node/core/output.h"
#include "wire/frame.h"

#include <array>
#include <optional>

namespace quorumor {

// Why an announcement was not taken.
enum class AnnouncementRefusal : std::uint8_t {
  malformed,
  not_entitled,   // no keymaster, evicted, or under a superseded credential
  bad_signature,
  buried,         // retired, or older than what is kept: a replay, most likely
  unchained,      // extends nothing that this node knows: a jump, or a chain that it has not met
  too_soon,       // within the minimum interval of its predecessor
  forked,         // its signer has announced this epoch before, and nobody has given the key of that
  not_now         // held back: ahead of our clock, of a key, or of the pace; counted each time that it is put off
};
inline constexpr std::size_t kAnnouncementRefusals = 8;
const char* to_string(AnnouncementRefusal reason) noexcept;  // one word, for metrics

struct Counters {
  std::uint64_t datagrams_in = 0, datagrams_out = 0, bytes_in = 0, bytes_out = 0;
  std::uint64_t gossip_bytes_out = 0;    // of bytes_out, what the gossip tick sent (config: gossip_bandwidth)
  std::array<std::uint64_t, kDropReasons> dropped{};          // by DropReason
  std::array<std::uint64_t, kMessageKinds> messages_in{}, messages_out{};
  std::uint64_t introductions_in = 0, introductions_out = 0;
  std::uint64_t rumors_known = 0;        // changed nothing: dropped unverified
  std::uint64_t rumors_accepted = 0;
  std::uint64_t rumors_bad_signature = 0;
  std::uint64_t rumors_orphaned = 0;     // depend on something that is missing
  std::uint64_t rumors_lapsed = 0;       // of those, waited for it in vain, or were pushed out of the pen
  std::uint64_t rumors_refused = 0;      // not entitled, malformed content, over a limit
  std::uint64_t conflicts = 0;           // two cores at one coordinate
  std::uint64_t signature_checks = 0;
  std::uint64_t frames_of_evicted = 0;   // opened, and refused
  std::uint64_t verdicts_over_limit = 0; // revocations and force-leaves that found no room
  std::uint64_t probes = 0, probes_failed = 0;
  std::uint64_t refutations = 0;
  std::uint64_t hints_in = 0, hints_out = 0;
  std::uint64_t verifications = 0;       // looks that this observer took because of a hint or an accusation
  std::uint64_t accusations_signed = 0;  // batches count once
  std::uint64_t last_looks = 0;
  std::uint64_t wants_for_accusations = 0;
  std::uint64_t nacks_sent = 0;
  std::uint64_t gaps = 0;                // times that this process stood still for longer than a probe timeout
  std::uint64_t streams_in = 0, streams_out = 0, streams_refused = 0;
  std::uint64_t syncs = 0;
  std::uint64_t events_sent = 0;         // by this node's own application
  std::uint64_t events_delivered = 0;    // each once, own ones included
  std::uint64_t events_out_of_time = 0;  // past their TTL, or ahead of our clock
  std::uint64_t events_too_old = 0;      // from before this node knew their origin, or far behind its newest
  std::uint64_t events_over_quota = 0;   // more than an origin may have a second
  std::uint64_t events_wanted = 0;       // questions for an event that was missed: each event and time counts
  std::uint64_t events_recovered = 0;    // of those delivered, what had been asked for
  std::uint64_t announcements_accepted = 0;  // of epochs and of retirements, own ones included
  std::array<std::uint64_t, kAnnouncementRefusals> announcements_refused{};  // by AnnouncementRefusal
  std::uint64_t keys_requested = 0;      // of peers, by this node
  std::uint64_t keys_taken = 0;          // that a peer gave and this node lacked
  std::uint64_t keys_given = 0;
  std::uint64_t keys_refused = 0;        // to peers that are not entitled, or over their share
  std::uint64_t rotations = 0;           // announced by this node
  std::uint64_t retirements = 0;         // announced by this node
  std::uint64_t epochs_retired = 0;      // retirements obeyed
  std::uint64_t epochs_wiped = 0;        // keys wiped from memory and disk
};

struct Stats {
  Counters counters;
  Epoch epoch;                            // newest whose key is held; 0: none
  std::size_t ring_live = 0, ring_keys = 0, ring_retired = 0;  // live epochs, those with keys; retired, still readable
  Epoch retired_floor;
  int health = 0;                         // 0 (healthy) to 7
  std::array<std::size_t, 7> by_state{};  // by MemberState, this node included
  QuorumView quorum;
  bool joined = false;
  Generation generation;
  Incarnation incarnation;
  std::size_t queued_rumors = 0;
  Serial serial;                          // of this node's own credential
  WallTime not_after;                     // when it expires
  std::size_t revocations = 0, force_leaves = 0;  // held
};

// A member as queries show it. Views live until the next call into the core.
struct MemberView {
  NodeId id{};
  std::string_view name, zone;
  MemberState state = MemberState::unknown;
  Instant since;
  WallTime not_after;                            // of its credential
  Coordinate at;
  const std::vector<Endpoint>* endpoints = nullptr;  // nullptr: body unknown
  Bytes metadata;
  double phi = 0;                                // how surprising its present silence is (round_trips.h)
  std::optional<Duration> round_trip;            // mean, once it is known well enough
  Epoch stated_epoch;                            // newest epoch that it says it holds; of this node: that it holds
  std::uint64_t stated_commitment = 0;           // and which of that number: prefix
  bool self = false;
};

}  // namespace quorumor
