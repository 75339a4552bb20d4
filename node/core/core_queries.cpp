// What can be asked of a core, and the words for what it tells: nothing here changes anything.
#include "node/core/explanation.h"
#include "node/core/impl.h"
#include "node/core/keys_view.h"

namespace quorumor {

Stats NodeCore::stats() const {
  const CoreState& s = impl_->state;
  Stats out;
  out.counters = s.counters;
  if (const auto* newest = s.ring.newest_with_key()) out.epoch = newest->epoch();
  out.ring_live = s.ring.entries().size();
  for (const Keyring::Entry& entry : s.ring.entries()) out.ring_keys += entry.has_key() ? 1 : 0;
  out.ring_retired = s.ring.retired().size();
  out.retired_floor = s.ring.retired_floor();
  out.health = s.health.score();
  for (const auto& m : s.table.all()) ++out.by_state[static_cast<std::size_t>(m->state)];
  out.quorum = s.policy->quorum();
  out.joined = s.joined;
  out.generation = s.generation;
  out.incarnation = s.self->core->core.at.incarnation;
  out.queued_rumors = s.queue.size();
  out.serial = s.self->credential->credential.serial;
  out.not_after = s.self->credential->credential.not_after;
  out.revocations = s.verdicts.revocations();
  out.force_leaves = s.verdicts.size() - s.verdicts.revocations();
  return out;
}

void NodeCore::for_each_member(const std::function<void(const MemberView&)>& visit) const {
  for (const auto& m : impl_->state.table.all()) {  // self was inserted first
    MemberView v;
    v.id = m->id();
    v.name = m->credential->credential.name;
    v.zone = m->credential->credential.zone;
    v.state = m->state;
    v.not_after = m->credential->credential.not_after;
    v.since = m->state_since;
    if (m->core) v.at = m->core->core.at;
    if (m->body) {
      v.endpoints = &m->body->endpoints;
      v.metadata = m->body->metadata();
    }
    const Contact& contact = *m->contact;
    if (contact.unanswered_since) v.phi = contact.round_trips.phi(impl_->state.now - *contact.unanswered_since);
    if (contact.round_trips.samples() >= RoundTrips::kFew) v.round_trip = contact.round_trips.mean();
    v.self = m == impl_->state.self;
    v.stated_epoch = contact.stated.epoch;
    v.stated_commitment = contact.stated.commitment;
    if (const auto* newest = impl_->state.ring.newest_with_key(); newest != nullptr && v.self) {
      v.stated_epoch = newest->epoch();
      v.stated_commitment = commitment_prefix(newest->commitment());
    }
    visit(v);
  }
}

std::optional<Explanation> NodeCore::explain(Instant now, std::string_view name) const {
  return quorumor::explain(impl_->state, impl_->transitions, name, now);
}

std::optional<KeysError> NodeCore::check_keymaster() const { return impl_->keymaster.check(); }
KeysView NodeCore::keys() const { return view_keys(impl_->state, impl_->epochs, impl_->keymaster); }
std::vector<std::string> NodeCore::laggards(Epoch epoch, std::size_t most) const {
  return laggards_of(impl_->state, epoch, most);
}

const NodeId& NodeCore::id() const noexcept { return impl_->state.id(); }
const Keyring& NodeCore::ring() const noexcept { return impl_->state.ring; }

Snapshot NodeCore::snapshot() const { return impl_->snapshot(); }
const Authorities& NodeCore::authorities() const noexcept { return impl_->state.authorities; }
const Verdicts& NodeCore::verdicts() const noexcept { return impl_->state.verdicts; }

const char* to_string(Event::Kind kind) noexcept {
  switch (kind) {
    case Event::Kind::member_alive: return "alive";
    case Event::Kind::member_suspect: return "suspect";
    case Event::Kind::member_unreachable: return "unreachable";
    case Event::Kind::member_dead: return "dead";
    case Event::Kind::member_left: return "left";
    case Event::Kind::member_updated: return "updated";
    case Event::Kind::member_evicted: return "evicted";
    case Event::Kind::joined: return "joined";
    case Event::Kind::join_refused: return "join-refused";
    case Event::Kind::join_failed: return "join-failed";
    case Event::Kind::refuted: return "refuted";
    case Event::Kind::clone_alarm: return "clone-alarm";
    case Event::Kind::revoked: return "revoked";
    case Event::Kind::left: return "leave-done";
    case Event::Kind::user_event: return "user-event";
    case Event::Kind::epoch_began: return "epoch-began";
    case Event::Kind::epoch_retired: return "epoch-retired";
    case Event::Kind::authority_endorsed: return "authority-endorsed";
  }
  return "?";
}

}  // namespace quorumor
