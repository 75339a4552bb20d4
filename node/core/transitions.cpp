#include "node/core/transitions.h"

#include "membership/precedence.h"
#include "membership/suspicion.h"

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

}  // namespace

std::size_t Transitions::counting(const Member& member) const {
  std::size_t n = 0;
  for (const HeldAccusation& a : member.accusations) n += s_.policy->counts(member.id(), a.accusation) ? 1 : 0;
  return n;
}

StateInputs Transitions::inputs_of(const Member& member) const {
  const std::size_t accusers = counting(member);
  StateInputs in;
  in.current = member.state;
  in.leaving = member.core && member.core->core.leaving;
  in.accused = s_.policy->suspects(accusers);
  in.condemned = s_.policy->condemns(accusers);
  // Unreachable means that the window is over and a condition was missing: it may still be met.
  in.window_over = member.state == MemberState::unreachable ||
                   (member.state == MemberState::suspect && s_.now >= member.suspect_until);
  in.seen_alive = member.state == MemberState::alive;
  return in;
}

void Transitions::on_new_core(Member& member) {
  StateInputs in = inputs_of(member);
  const bool restarted = member.state == MemberState::dead || member.state == MemberState::left ||
                         member.state == MemberState::unreachable;
  in.current = MemberState::unknown;
  in.window_over = false;
  in.seen_alive = true;
  const char* reason = member.state == MemberState::unknown   ? "new claim"
                       : member.state == MemberState::suspect ? "refuted"
                       : restarted                            ? "back with a newer claim"
                                                              : "newer claim";
  apply(member, in, member.core->core.leaving ? "left" : reason);
}

void Transitions::on_confirmed(Member& member) {
  if (member.state != MemberState::unknown) return;
  StateInputs in = inputs_of(member);
  in.seen_alive = true;
  apply(member, in, "known claim");
}

void Transitions::on_accused(Member& member) {
  const HeldAccusation& last = member.accusations.back();
  const Member* accuser = s_.table.find(last.accuser);
  const std::string who = accuser != nullptr ? accuser->credential.credential.name : "?";
  apply(member, inputs_of(member), "accused by " + who);
  if (member.state == MemberState::suspect) arm(member);
}

void Transitions::apply(Member& member, const StateInputs& inputs, const std::string& reason) {
  const MemberState next = decide_state(inputs);
  if (next != member.state) set(member, next, reason);
}

void Transitions::set(Member& member, MemberState state, const std::string& reason) {
  const bool was_live = member.is_live();
  member.state = state;
  member.state_since = s_.now;
  s_.table.set_terminal(member, state == MemberState::left || state == MemberState::evicted);
  if (member.is_live() != was_live) {
    s_.live = was_live ? s_.live - 1 : s_.live + 1;
    s_.policy->set_live(s_.live);
    if (was_live) {
      schedule_.remove(member.id());
    } else {
      schedule_.add(member.id(), s_.secret_rng);
    }
  }
  if (state == MemberState::suspect) arm(member);
  s_.event(event_of(state), member, reason);
}

// The window counts from the moment at which this reader began to suspect; further accusers only shorten it.
void Transitions::arm(Member& member) {
  const Duration min = suspicion_timeout_min(s_.config.suspicion_mult, s_.live, s_.config.probe_interval);
  const std::size_t accusers = counting(member);
  const auto confirmations = static_cast<unsigned>(accusers > 0 ? accusers - 1 : 0);
  const Duration left = suspicion_remaining(confirmations, s_.policy->expected_confirmations(),
                                            s_.now - member.state_since, min, min * 6);
  member.suspect_until = s_.now + std::max(left, Duration::zero());
  timers_.push({member.suspect_until, member.id()});
}

void Transitions::on_timer() {
  while (!timers_.empty() && timers_.top().at <= s_.now) {
    const Timer due = timers_.top();
    timers_.pop();
    Member* member = s_.table.find(due.id);
    if (member == nullptr || member->state != MemberState::suspect || member->suspect_until > s_.now) continue;
    apply(*member, inputs_of(*member), "no refutation in time");
  }
}

std::optional<Instant> Transitions::next_deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.top().at;
}

}  // namespace quorumor
