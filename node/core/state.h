// What the machines of the core share: who this node is, what it holds, the outputs of the current call. Each machine
// is a class of its own over this, and calls only those that stand before it in impl.h, which says how they are put
// together; core.cpp calls them.
#pragma once

#include "crypto/drbg.h"
#include "membership/local_health.h"
#include "membership/member_table.h"
#include "membership/policy.h"
#include "membership/rumor_queue.h"
#include "membership/verdicts.h"
#include "node/core/ablation.h"
#include "node/core/core.h"
#include "node/core/grafts.h"
#include "node/core/outputs.h"
#include "node/core/pen_keeper.h"

#include <memory>

namespace quorumor {

struct CoreState {
  CoreState(CoreOptions&& options, const Config& settings, Instant start, WallTime wall);

  ClusterId cluster;
  Authorities authorities;  // changes by Revocations alone
  SigningKey identity;
  Generation generation;
  std::vector<Endpoint> advertise;
  ByteVector metadata;
  Config config;

  Drbg public_rng;  // draws that may show on the wire
  Drbg secret_rng;  // draws that must not
  Keyring ring;
  Links links;
  MemberTable table;
  Verdicts verdicts;
  RumorQueue queue;
  LocalHealth health;
  Ablation without;  // nothing, but in experiments
  std::unique_ptr<Policy> policy;
  Counters counters;
  PenKeeper pen{table, counters};
  std::size_t persisted_basis = 0;  // the n of the last boot: a restart must not lower k
  Outputs out;

  Instant now;
  Duration wall_offset{};  // wall clock minus `now`'s clock
  Member* self = nullptr;  // always in the table
  std::vector<Member*> by_link;   // Links::Handle -> member
  Sequence next_event{1};         // of this node's own
  bool joined = false;            // holds a ring and has synced, or bootstrapped
  bool leaving = false;
  bool silent = false;            // a clone runs elsewhere, or this node is revoked: nothing more is sent
  bool snapshot_dirty = false;
  std::size_t live = 1;           // Alive or Suspect, this node included
  // Distinct members that this boot has synced with, as far as it matters: fewer, and it declares nobody dead.
  static constexpr std::size_t kSyncsToDeclare = 3;
  boost::container::static_vector<NodeId, kSyncsToDeclare> synced_with;
  Grafts grafts;                  // chains of epochs that are not ours yet

  const NodeId& id() const noexcept { return self->id(); }
  WallTime wall_now() const noexcept {
    return WallTime{std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch() + wall_offset)};
  }
  // By the credential that is held of it: one of a higher serial is a pardon.
  bool is_revoked(const Member& m) const noexcept {
    const Serial through = m.evidence().evicted_through();
    return through != Serial{} && m.credential->credential.serial <= through;
  }
  bool is_force_left(const Member& m) const noexcept {
    return m.core && m.core->core.at.generation <= m.evidence().force_left();
  }
  std::uint64_t pair_digest(const Member& peer) const noexcept {
    return table.pair_digest(id(), peer.id(), verdicts.sum());
  }
  bool is_loopback_cluster() const noexcept { return !advertise.empty() && advertise.front().is_loopback(); }
  void event(Event::Kind kind, const Member& member, std::string reason);
  void note_synced(const NodeId& peer);
  // The link to a member, made when it is first needed. kNone: its core is not held, or there is no room.
  Links::Handle link_to(Member& member);
  // The ring changed: the policy that its newest epoch asks for, told of its epochs and of all members.
  void adapt_policy();
};

// Members of one network group (/16 of IPv4, /32 of IPv6) may fail, or lie, together: relays are taken from different
// ones where there are several. Of a loopback cluster every member is a group of its own.
std::uint64_t network_group(const CoreState& state, const Endpoint& endpoint) noexcept;

// A frame of its has authenticated under `under`, whoever carried it.
void note_frame(const CoreState& state, Contact& from, const EntryName& under) noexcept;

std::size_t alive_members(const CoreState& state) noexcept;  // in state Alive, this node included

// Where a member can be reached: its proven endpoint, else the first usable one of its body. Loopback addresses are
// refused outside loopback clusters: a lying member must not aim us at our own services.
std::optional<Endpoint> endpoint_of(const CoreState& state, const Member& member) noexcept;

}  // namespace quorumor
