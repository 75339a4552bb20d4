#include "node/core/watch.h"

#include <algorithm>

namespace quorumor {

void Watch::settle() {
  while (const auto result = looks_.take_result()) on_result(*result);
  while (const auto accused = intake_.take_accused()) {
    if (Member* subject = s_.table.find(*accused)) verify(*subject);
  }
  while (looks_.has_room()) {
    const auto due = transitions_.take_due_look();
    if (!due) break;
    Member* member = s_.table.find(*due);
    member->doubt()->look = Look::running;
    // Nobody to ask and no address to ask at: that is what a look would find.
    if (!looks_.begin(*member, LookKind::last)) transitions_.on_looked(*member, false);
    ++s_.counters.last_looks;
  }
}

void Watch::on_result(const LookResult& result) {
  Member* target = s_.table.find(result.target);
  if (target == nullptr || !target->core || !s_.joined || s_.leaving) return;
  if (!result.answered && target->core->core.at != result.at) return;  // it has moved on: that silence was another's
  if (!result.over) return hint_observers(*target);
  if (result.kind == LookKind::last) return transitions_.on_looked(*target, result.answered);
  // Who verifies for others' sake may find what the others already hold for out of reach.
  if (!result.answered && (target->is_live() || result.kind == LookKind::verify)) accuser_.accuse(*target);
}

void Watch::hint_observers(const Member& subject) {
  if (!subject.is_live() || transitions_.judge(subject).condemned) return;
  s_.policy->observers_of(subject.id(), observers_);
  const auto& witnesses = subject.evidence().witnesses();
  for (const NodeId& id : observers_) {
    const bool said =
        std::any_of(witnesses.begin(), witnesses.end(), [&](const Witness& w) { return w.accuser == id; });
    Member* observer = s_.table.find(id);
    if (said || observer == nullptr || observer->state != MemberState::alive || !observer->contact->proven) continue;
    Message& hint = sender_.blank(MessageKind::hint);
    hint.peer = subject.id();
    hint.generation = subject.core->core.at.generation;
    hint.incarnation = subject.core->core.at.incarnation;
    if (sender_.send(*observer, hint, {})) ++s_.counters.hints_out;
  }
}

bool Watch::on_hint(Member& from, const Endpoint& from_endpoint, const Message& message) {
  // A bucket of three that fills by one a period.
  const Duration period = s_.config.probe_interval;
  Instant& since = from.contact.own().hints_since;
  if (since + period * kHintBurst < s_.now) since = s_.now - period * kHintBurst;
  if (since + period > s_.now) return false;
  since += period;
  ++s_.counters.hints_in;
  Member* subject = s_.table.find(message.peer);
  if (subject == nullptr || !subject->core || subject == s_.self || subject == &from) return true;
  const Coordinate& at = subject->core->core.at;
  Message& answer = sender_.blank(MessageKind::want);
  if (message.generation != at.generation || message.incarnation != at.incarnation) {
    if (std::tie(message.generation, message.incarnation) > std::tie(at.generation, at.incarnation)) return true;
    answer.rumors.push_back({RumorKind::core, subject->core->record, {}});  // it looks at somebody's past
  } else {
    for (const Witness& w : subject->evidence().witnesses()) {
      if (w.accuser == s_.id()) answer.rumors.push_back({RumorKind::accusation, *w.record, {}});
    }
    if (answer.rumors.empty()) return verify(*subject), true;
  }
  Sender::Options options;
  options.to = from_endpoint;
  options.gossip = false;
  sender_.send(from, answer, options);
  return true;
}

void Watch::verify(Member& subject) {
  if (!s_.policy->looks_itself() || !s_.joined || s_.leaving || verifications_ >= kVerificationsPerPeriod) return;
  if (subject.state == MemberState::left || subject.state == MemberState::evicted || !accuser_.owes(subject)) return;
  if (looks_.is_running(subject.id(), LookKind::verify)) return;
  if (!looks_.begin(subject, LookKind::verify)) return;
  ++verifications_;
  ++s_.counters.verifications;
}

void Watch::on_timer() {
  if (s_.now < period_at_) return;
  period_at_ = s_.now + s_.config.probe_interval;
  verifications_ = 0;
  s_.policy->on_live(s_.live, s_.now);
  s_.table.settle();
  sweep();
  want_accusations();
}

// In an order that chance begins, so that a limit does not always cut off the same members: round the table from a
// random member on, of whom only those that are not settled matter.
void Watch::sweep() {
  const auto& open = s_.table.unsettled();
  for (std::size_t i = 0; i < open.size(); ++i) {
    Member& m = *open[i];
    if (m.state != MemberState::dead && !m.evidence().witnesses().empty()) transitions_.reconsider(m);
  }
  const auto& all = s_.table.all();
  const std::uint64_t from = all[static_cast<std::size_t>(s_.secret_rng.below(all.size()))]->number;
  const auto first = static_cast<std::size_t>(
      std::partition_point(open.begin(), open.end(), [&](const Member* m) { return m->number < from; }) - open.begin());
  for (std::size_t i = 0; i < open.size() && verifications_ < kVerificationsPerPeriod; ++i) {
    Member& m = *open[(first + i) % open.size()];
    const bool doubted = m.state == MemberState::suspect || m.state == MemberState::unreachable;
    const bool lapsed = m.state == MemberState::dead && m.evidence().witnesses().empty();
    if (doubted || lapsed) verify(m);
  }
}

void Watch::want_accusations() {
  Message* question = nullptr;
  for (const Member* m : s_.table.unsettled()) {
    if (m->state != MemberState::unreachable || transitions_.judge(*m).condemned) continue;
    if (question == nullptr) question = &sender_.blank(MessageKind::want);
    if (question->wants.size() < question->wants.capacity()) {
      question->wants.push_back({RumorKind::accusation, m->id(), 0});
    }
  }
  if (question != nullptr && prober_.ask_somebody(*question)) ++s_.counters.wants_for_accusations;
}

std::optional<Instant> Watch::next_deadline() const { return period_at_; }

}  // namespace quorumor
