#include "node/core/transitions.h"

#include "membership/precedence.h"
#include "membership/suspicion.h"

#include <algorithm>

namespace quorumor {
namespace {

Event::Kind event_of(MemberState state) noexcept {
  switch (state) {
    case MemberState::suspect: return Event::Kind::member_suspect;
    case MemberState::unreachable: return Event::Kind::member_unreachable;
    case MemberState::dead: return Event::Kind::member_dead;
    case MemberState::left: return Event::Kind::member_left;
    case MemberState::evicted: return Event::Kind::member_evicted;
    case MemberState::unknown:
    case MemberState::alive: break;
  }
  return Event::Kind::member_alive;
}

std::string missing(const Member& member, const Tally& tally, bool may_declare) {
  if (!tally.quorum) return "no quorum: too many of its observers are out of reach themselves";
  if (!tally.condemned) {
    return "no refutation in time, but only " + std::to_string(tally.counting) + " of " +
           std::to_string(tally.needed) + " accusers needed";
  }
  if (!may_declare) return "accused by enough, but this node has not synced with enough members yet";
  const bool answered = member.doubt() != nullptr && member.doubt()->look == Look::answered;
  if (answered) return "accused by enough, but it answered our last look";
  return "no refutation in time";
}

}  // namespace

Tally Transitions::judge(const Member& member) const {
  muted_.clear();
  if (member.dossier->muting) member.dossier->muting->muted(s_.now, muted_);
  return s_.policy->judge(member.id(), member.evidence().witnesses(), muted_);
}

Duration Transitions::window_min() const noexcept {
  return suspicion_timeout_min(s_.config.suspicion_mult, s_.live, s_.config.probe_interval);
}

// Who has spoken with one member only may have been told one side of the story.
bool Transitions::may_declare() const noexcept {
  return s_.joined && s_.synced_with.size() >= syncs_to_declare();
}

StateInputs Transitions::inputs_of(const Member& member, const Tally& tally) const {
  StateInputs in;
  in.current = member.state;
  in.evicted = s_.is_revoked(member);
  in.leaving = member.core && (member.core->core.leaving || s_.is_force_left(member));
  // Once begun, a suspicion rests on its accusations, not on how the view of who may accuse has changed since.
  const bool doubted = member.state == MemberState::suspect || member.state == MemberState::unreachable;
  in.accused = tally.suspected || (doubted && !member.evidence().witnesses().empty());
  const bool looked = !s_.policy->looks_itself() || (member.doubt() && member.doubt()->look == Look::failed);
  in.condemned = tally.condemned && looked && may_declare();
  in.seen_alive = member.state == MemberState::alive;
  // Unreachable means that the window is over and a condition was missing: it may still be met.
  in.window_over = member.state == MemberState::unreachable;
  return in;
}

void Transitions::on_new_core(Member& member) {
  // Observers are not ranked for whom nobody accuses: else to join n members would cost n * n.
  StateInputs in = inputs_of(member, member.evidence().witnesses().empty() ? Tally{} : judge(member));
  const bool restarted = member.state == MemberState::dead || member.state == MemberState::left ||
                         member.state == MemberState::evicted ||
                         member.state == MemberState::unreachable;
  in.current = MemberState::unknown;
  in.window_over = false;
  in.seen_alive = true;
  const char* reason = member.state == MemberState::unknown   ? "new claim"
                       : member.state == MemberState::suspect ? "refuted"
                       : restarted                            ? "back with a newer claim"
                                                              : "newer claim";
  if (member.doubt() != nullptr) member.dossier.own().doubt.reset();
  apply(member, in, member.core->core.leaving ? "left" : reason);
}

void Transitions::on_confirmed(Member& member) {
  if (member.state != MemberState::unknown) return;
  StateInputs in = inputs_of(member, judge(member));
  in.seen_alive = true;
  apply(member, in, "known claim");
}

void Transitions::on_heard(Member& member) {
  if (member.state != MemberState::unreachable || !member.evidence().witnesses().empty()) return;
  StateInputs in = inputs_of(member, judge(member));
  in.seen_alive = true;
  in.window_over = false;
  apply(member, in, "heard, and nobody accuses it any more");
}

void Transitions::on_accused(Member& member, const Member& accuser) {
  const Tally tally = judge(member);
  const bool is_doubted = member.state == MemberState::suspect && member.doubt() != nullptr;
  StateInputs in = inputs_of(member, tally);
  if (in.accused && !is_doubted && decide_state(in) == MemberState::suspect) begin_doubt(member);
  apply(member, in, "accused by " + std::string(accuser.credential->credential.name));
  if (member.doubt()) plan(member, tally);
}

void Transitions::reconsider(Member& member) {
  if (member.evidence().witnesses().empty() || &member == s_.self) return;
  const Member* accuser = s_.table.find(member.evidence().witnesses().front().accuser);
  if (accuser != nullptr) on_accused(member, *accuser);
}

void Transitions::begin_doubt(Member& member) {
  auto doubt = std::make_unique<Doubt>();
  doubt->since = s_.now;
  doubt->until = s_.now + window_min() * 6;
  doubt->look_share = static_cast<std::uint32_t>(s_.secret_rng.below(65'536));
  doubt->expected = s_.without.shrinking_windows ? 0 : s_.policy->expected_confirmations();
  member.dossier.own().doubt = std::move(doubt);
}

// Where the window ends, given the accusers so far, and when the look before its end begins. The window counts from
// the moment at which this reader began to doubt; further accusers only shorten it.
void Transitions::plan(Member& member, const Tally& tally) {
  Doubt& d = *member.doubt();
  if (tally.condemned && !d.condemned_at) {
    d.condemned_at = s_.now;
    if (member.state == MemberState::unreachable) d.look_at = d.until = s_.now;
  }
  if (member.state == MemberState::suspect && d.deferrals == 0) {
    const Duration min = window_min();
    const auto confirmations = static_cast<unsigned>(tally.counting > 0 ? tally.counting - 1 : 0);
    const Duration left =
        suspicion_remaining(confirmations, d.expected, s_.now - d.since, min, min * 6);
    d.until = std::min(d.until, s_.now + std::max(left, Duration::zero()));
  }
  if (s_.policy->looks_itself() && d.look == Look::none && member.state == MemberState::suspect) {
    // The last second of a window of one-second periods; scaled with them.
    const Duration spare = std::max<Duration>(s_.config.probe_interval - look_timeout(), Duration::zero());
    d.look_at = d.until - look_timeout() - spare * d.look_share / 65'536;
    if (d.look_at < s_.now) d.look_at = s_.now;
    if (tally.condemned) timers_.push({d.look_at, member.id()});
  }
  timers_.push({std::max(d.until, s_.now), member.id()});
  step(member);
}

// What is due now. Called whenever something that it depends on has changed; again does nothing.
void Transitions::step(Member& member) {
  Doubt& d = *member.doubt();
  const bool doubted = member.state == MemberState::suspect || member.state == MemberState::unreachable;
  if (!doubted || d.look == Look::due || d.look == Look::running) return;
  const Tally tally = judge(member);
  if (s_.policy->looks_itself() && tally.condemned && d.look == Look::none && s_.now >= d.look_at && may_declare()) {
    d.look = Look::due;
    due_looks_.push_back(member.id());
    return;
  }
  if (s_.now >= d.until) end_window(member, tally);
}

void Transitions::end_window(Member& member, const Tally& tally) {
  Doubt& d = *member.doubt();
  // It spoke since enough have accused it: they may be wrong, or its refutation is still on its way.
  const bool spoke =
      d.condemned_at && member.contact->last_heard > std::max(*d.condemned_at, d.deferred_at.value_or(d.since));
  if (s_.policy->looks_itself() && spoke && d.deferrals < Doubt::kDeferralsMost) {
    ++d.deferrals;
    d.deferred_at = s_.now;
    d.until = s_.now + window_min();
    d.look = Look::none;
    plan(member, tally);
    return;
  }
  StateInputs in = inputs_of(member, tally);
  in.window_over = true;
  const MemberState next = decide_state(in);
  const std::string why = next == MemberState::dead
                              ? "no refutation in time, accused by " + std::to_string(tally.counting) +
                                    (s_.policy->looks_itself() ? ", last look unanswered" : "")
                              : missing(member, tally, may_declare());
  apply(member, in, why);
  if (member.state == MemberState::unreachable && s_.policy->looks_itself()) {
    // As long as it is accused by enough, look again.
    d.look = Look::none;
    d.look_at = d.until = s_.now + window_min();
    timers_.push({d.look_at, member.id()});
  }
}

void Transitions::on_looked(Member& member, bool answered) {
  if (!member.doubt() || (member.doubt()->look != Look::running && member.doubt()->look != Look::due)) return;
  member.doubt()->look = answered ? Look::answered : Look::failed;
  member.doubt()->look_ended = s_.now;
  step(member);
}

std::optional<NodeId> Transitions::take_due_look() {
  while (!due_looks_.empty()) {
    const NodeId id = due_looks_.back();
    due_looks_.pop_back();
    const Member* member = s_.table.find(id);
    if (member != nullptr && member->doubt() && member->doubt()->look == Look::due) return id;
  }
  return std::nullopt;
}

void Transitions::on_verdict(Member& member, const std::string& reason) {
  apply(member, inputs_of(member, judge(member)), reason);
}

void Transitions::on_accuser_gone(const NodeId& accuser, const char* reason) {
  for (Member* const m : s_.table.unsettled()) {
    const auto& held = m->evidence().witnesses();
    if (std::none_of(held.begin(), held.end(), [&](const Witness& w) { return w.accuser == accuser; })) continue;
    m->own_evidence().drop_witnesses([&](const Witness& w) { return w.accuser == accuser; });
    if (m != s_.self) apply(*m, inputs_of(*m, judge(*m)), reason);
  }
}

void Transitions::on_ring() {
  for (const auto& m : s_.table.all()) {
    if (m->evidence().witnesses().empty()) continue;
    m->own_evidence().drop_witnesses([&](const Witness& w) {
      return std::none_of(w.epochs.begin(), w.epochs.end(), [&](Epoch e) {
        return s_.ring.retired_floor() < e && (s_.ring.find(e) != nullptr || s_.ring.newest()->epoch() < e);
      });
    });
    // Some may count only now: those under an epoch that this node had not heard of.
    if (m != s_.self && !m->evidence().witnesses().empty()) {
      reconsider(*m);
    } else {
      apply(*m, inputs_of(*m, judge(*m)), "its accusations lapsed");
    }
  }
}

void Transitions::on_gap() {
  for (const auto& m : s_.table.all()) {
    const bool doubted = m->state == MemberState::suspect || m->state == MemberState::unreachable;
    if (!doubted || !m->doubt()) continue;
    m->doubt()->since = s_.now;
    m->doubt()->until = m->doubt()->look_at = s_.now + window_min() * 6;
    m->doubt()->look = Look::none;
    m->doubt()->deferrals = 0;
    plan(*m, judge(*m));
  }
}

void Transitions::apply(Member& member, const StateInputs& inputs, const std::string& reason) {
  const MemberState next = decide_state(inputs);
  if (next != member.state) set(member, next, reason);
}

void Transitions::note(Member& member, const std::string& reason) {
  auto& history = member.dossier.own().history.own();
  if (history.size() >= Dossier::kHistory) history.erase(history.begin());
  history.push_back({s_.now, member.state, reason});
}

void Transitions::set(Member& member, MemberState state, const std::string& reason) {
  const bool was_live = member.is_live();
  const bool appeared = member.state == MemberState::unknown && state == MemberState::alive;
  s_.table.set_state(member, state, s_.now);
  s_.policy->on_state(member.id(), state);
  if (member.is_live() != was_live) {
    s_.live = was_live ? s_.live - 1 : s_.live + 1;
    s_.policy->on_live(s_.live, s_.now);
    if (was_live) {
      schedule_.remove(member.slot);
    } else {
      schedule_.add(member.slot, s_.secret_rng);
    }
  }
  if (!appeared) note(member, reason);
  s_.event(event_of(state), member, reason);
  // Nobody who hears of it from now on takes in what it said, the accused among them: it could not be refuted.
  if (state == MemberState::left) on_accuser_gone(member.id(), "its accuser has left");
}

void Transitions::on_timer() {
  while (!timers_.empty() && timers_.top().at <= s_.now) {
    const Timer due = timers_.top();
    timers_.pop();
    Member* member = s_.table.find(due.id);
    if (member != nullptr && member->doubt()) step(*member);
  }
}

std::optional<Instant> Transitions::next_deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.top().at;
}

}  // namespace quorumor
