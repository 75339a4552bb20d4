// What is held of every member: signed records, byte for byte, and the local state that was decided from them.
// Insertion checks nothing: callers verify first. Indexes by id; iteration is in insertion order, so that nothing
// depends on a hash's order.
//
// Bound: `capacity` members (credential + core + body: about 1 KB; 128 bytes more once it has sent an event), and at
// most kWitnessesHeld accusations of each.
// A full table refuses new ids; the caller decides whom to reap first.
// Pointers to members stay valid until that member is erased. Not thread-safe.
#pragma once

#include "base/lazy.h"
#include "membership/digest_sum.h"
#include "membership/doubt.h"
#include "membership/event_window.h"
#include "membership/evidence.h"
#include "membership/held.h"
#include "membership/muting.h"
#include "membership/round_trips.h"
#include "wire/links.h"
#include "wire/message.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// Accusations of one subject, from whoever ranks for it or soon may (Policy::is_worth_holding): a quorum admits 3m + 11
// ranks in each of four epochs, m being that of twice as many members. This bounds it whatever a policy says; past it,
// further accusers are not held.
inline constexpr std::size_t kWitnessesHeld = 512;

struct Transition {
  Instant at;
  MemberState state = MemberState::unknown;
  std::string reason;
};

struct Member {
  explicit Member(HeldCredential held) : credential(std::move(held)) {}

  HeldCredential credential;
  std::optional<HeldCore> core;
  std::optional<HeldBody> body;
  Lazy<Evidence> evidence;                  // once there is any beside the held core
  EventWindow events;                       // of the held core's generation
  Instant events_quota;                     // its events have used their rate up to then (node/core/events.h)

  MemberState state = MemberState::unknown;
  bool terminal = false;                    // as it enters the digest; written by MemberTable::set_terminal alone
  bool evicted = false;         // and so not in the digest; written by MemberTable::set_evicted alone
  bool answered_last_ping = false;
  Links::Handle link = Links::kNone;
  RoundTrips round_trips;
  unsigned forwards = 0;                    // relayed to it on behalf of others since:
  Instant forwards_since;
  Instant hints_since;                      // the hints that it may give are used up to then (node/core/watch.h)
  Instant state_since;
  Instant last_heard;                       // an authenticated frame of its own
  std::optional<Instant> unanswered_since;  // of the pings to it, the oldest that has no answer yet
  std::optional<Instant> introduced_at;     // when an introduction was last sent to it
  std::optional<Instant> introduction_answered_at;  // when one of its own was last answered with ours
  std::optional<Instant> synced_at;         // when a sync with it last began
  std::optional<Instant> wanted_at;         // when it was last asked for something missing
  std::optional<Endpoint> proven;           // a claimed endpoint that a frame or stream of its own came from
  EntryName stated;                         // of its process: the newest epoch that it has said it holds,
  EntryName used;                           // the newest under which a frame of it came,
  EntryName last_frame;                     // that of its last frame,
  Epoch acked_epoch;                        // and the newest under which it has acked a probe of ours
  Instant keys_granted_until;               // its share of granted keys is used up to then (node/core/key_exchange.h)

  static constexpr std::size_t kHistory = 8;
  std::unique_ptr<Doubt> doubt;             // from Suspect on, until the core moves
  std::unique_ptr<Muting> muting;           // whose accusations this member has refuted
  Lazy<std::vector<Transition>> history;    // the last kHistory, oldest first; not its becoming a member

  const NodeId& id() const noexcept { return credential.credential.id; }
  // Requires: core. False if that is no news.
  bool learn_witness(const Witness& witness);
  bool is_live() const noexcept { return state == MemberState::alive || state == MemberState::suspect; }
};

class MemberTable {
 public:
  explicit MemberTable(std::size_t capacity = kLinksMax) : capacity_(capacity) {}

  // nullptr if the table is full or the id's prefix belongs to another member. Requires: id not held.
  Member* insert(SignedCredential credential, ByteVector record);
  void erase(const NodeId& id);
  Member* find(const NodeId& id) noexcept;
  const Member* find(const NodeId& id) const noexcept;
  const Member* find_name(std::string_view name) const noexcept;  // linear; for operators
  std::size_t size() const noexcept { return members_.size(); }
  bool full() const noexcept { return members_.size() >= capacity_; }
  const std::vector<std::unique_ptr<Member>>& all() const noexcept { return members_; }

  // Replaces the core, drops accusations of the old coordinate and a body that no longer matches, begins a window of
  // events for a new generation, and keeps the digest up to date.
  // False, and nothing changes, unless it takes precedence over the held one (a newer one, or preferred in a
  // conflict). Requires: the core is the member's own.
  bool set_core(Member& member, HeldCore core);
  void set_terminal(Member& member, bool terminal);  // Left enters the digest; timers do not
  // Evicted members add nothing: what evicts them is compared by itself (verdicts.h).
  void set_evicted(Member& member, bool evicted);

  // Over the leaves H(id, core digest, terminal) of everything held: equal knowledge, equal digest.
  using Sum = DigestSum;
  const Sum& sum() const noexcept { return sum_; }
  // What two members compare in a ping: 8 bytes, different for every pair. `beside`: of what is held outside the table.
  std::uint64_t pair_digest(const NodeId& a, const NodeId& b, const Sum& beside = {}) const noexcept;

 private:
  static std::optional<Digest> leaf(const Member& member) noexcept;
  void add_leaf(const Member& member) noexcept;
  void remove_leaf(const Member& member) noexcept;

  std::size_t capacity_;
  std::vector<std::unique_ptr<Member>> members_;
  // The only index: a prefix belongs to one member. Never iterated.
  boost::unordered_flat_map<std::uint64_t, Member*> by_prefix_;
  Sum sum_;
};

}  // namespace quorumor
