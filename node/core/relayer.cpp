#include "node/core/relayer.h"

namespace quorumor {

bool Relayer::forward(const Member& asker, const Message& message) {
  Member* target = s_.table.find(message.peer);
  if (target == nullptr || target == s_.self || target == &asker || !target->contact->proven) return false;
  Contact& contact = target->contact.own();
  if (s_.now - contact.forwards_since >= 1s) {
    contact.forwards_since = s_.now;
    contact.forwards = 0;
  }
  if (contact.forwards >= kForwardsPerSecond) return false;
  ++contact.forwards;
  Message& relayed = sender_.blank(MessageKind::relayed);
  relayed.peer = asker.id();
  relayed.sealed = message.sealed;
  if (!sender_.send(*target, relayed, {})) return false;
  note_forward(asker, *target, message.sequence);
  return true;
}

void Relayer::note_forward(const Member& asker, const Member& target, Sequence sequence) {
  // What a target sends back to an asker is the answer that was awaited.
  std::erase_if(awaited_, [&](const Awaited& a) { return a.asker == target.id() && a.target == asker.id(); });
  if (sequence == Sequence{} || awaited_.size() >= kAwaitedMost) return;
  awaited_.push_back({s_.now + s_.config.probe_timeout * 4 / 5, asker.id(), target.id(), sequence});
}

void Relayer::on_timer() {
  while (!awaited_.empty() && awaited_.front().nack_at <= s_.now) {
    const Awaited due = awaited_.front();
    awaited_.erase(awaited_.begin());
    Member* asker = s_.table.find(due.asker);
    if (asker == nullptr || !asker->contact->proven) continue;
    if (sender_.send(*asker, sender_.blank(MessageKind::nack, due.sequence), {})) ++s_.counters.nacks_sent;
  }
}

std::optional<Instant> Relayer::next_deadline() const {
  if (awaited_.empty()) return std::nullopt;
  return awaited_.front().nack_at;
}

bool Relayer::accept(Member& relay, const Endpoint& relay_from, const Message& message) {
  Member* sender = s_.table.find(message.peer);
  if (sender == nullptr || sender == s_.self || sender->state == MemberState::evicted) return false;
  const auto opened = s_.links.open(s_.ring, message.sealed, plain_);
  if (!opened || s_.by_link[opened.value().peer] != sender) return false;
  if (!decode_message(opened.value().plain, inner_)) return false;
  // It is from its sender, whoever carried it; only where it came from says nothing about the sender's endpoint.
  note_frame(s_, sender->contact.own(), opened.value().under);
  for (const Rumor& rumor : inner_.rumors) {
    if (intake_.take(rumor) == IntakeResult::orphaned) s_.pen.put(s_.now, sender->id(), intake_.missing(), rumor);
  }
  intake_.events().on_stated(*sender, inner_.next_event);
  if (inner_.kind == MessageKind::ack) {
    looks_.on_ack(*sender, inner_.sequence, false);
    return true;
  }
  if (inner_.kind != MessageKind::ping) return false;
  const Sender::Answering answering(sender_, *sender, opened.value().under);
  const Bytes ack = sender_.seal_bare(*sender, sender_.blank(MessageKind::ack, inner_.sequence), sealed_);
  if (ack.empty()) return false;
  Message& back = sender_.blank(MessageKind::relay);
  back.peer = sender->id();
  back.sealed = ack;
  Sender::Options options;
  options.to = relay_from;
  return sender_.send(relay, back, options);
}

}  // namespace quorumor
