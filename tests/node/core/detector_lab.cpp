#include "node/core/detector_lab.h"

namespace quorumor::test {
namespace {

Heard read(const Message& m, Instant at, std::size_t to, bool introduced) {
  Heard h;
  h.at = at;
  h.to = to;
  h.introduced = introduced;
  h.kind = m.kind;
  h.sequence = m.sequence;
  h.belief = m.belief;
  h.peer = m.peer;
  h.generation = m.generation;
  h.incarnation = m.incarnation;
  for (const Rumor& r : m.rumors) h.rumors.emplace_back(r.kind, to_vector(r.record));
  h.wants.assign(m.wants.begin(), m.wants.end());
  if (m.kind == MessageKind::relay || m.kind == MessageKind::relayed) h.sealed = to_vector(m.sealed);
  return h;
}

}  // namespace

// Outputs point into the core, and answering is a call into it: they are read before anybody answers.
void DetectorLab::take(std::span<const Output> outputs) {
  std::vector<Heard> fresh;
  Message message;
  for (const Output& o : outputs) {
    if (const auto* e = std::get_if<Event>(&o)) events.push_back(*e);
    if (const auto* r = std::get_if<StreamRequest>(&o); r != nullptr && r->action == StreamRequest::Action::dial) {
      dials.push_back(*r);
    }
    const auto* t = std::get_if<Transmit>(&o);
    if (t == nullptr) continue;
    for (std::size_t i = 1; i < size(); ++i) {
      if (f.person(i).endpoint != t->to) continue;
      alignas(8) std::array<std::byte, limits::kDatagram> plain{};
      const auto opened = f.open(t->datagram, i, plain);
      REQUIRE(opened.has_value());
      REQUIRE(decode_message(*opened, message));
      fresh.push_back(read(message, f.now(), i, t->datagram.front() == kLongType));
    }
  }
  heard.insert(heard.end(), fresh.begin(), fresh.end());
  for (const Heard& h : fresh) {
    if (h.kind == MessageKind::ping && answers.count(h.to) != 0) ack(h.to, h.sequence);
  }
}

void DetectorLab::move_on(std::size_t i, bool restart, std::size_t by) {
  Core core = member(i).core->whole();
  if (restart) {
    core.at.generation = Generation{core.at.generation.value + 1};
    core.at.incarnation = Incarnation{1};
  } else {
    core.at.incarnation = Incarnation{core.at.incarnation.value + 1};
  }
  tell(by, RumorKind::core, signed_by(i, SignDomain::core, to_vector(encode_core(core))));
}

Epoch DetectorLab::next_epoch(bool with_key) {
  Drbg rng(ByteArray<32>{}, "next");
  EpochKey key = EpochKey::generate(rng);
  Announcement a = impl.state.ring.newest()->announcement.announcement;
  a.predecessor = impl.state.ring.newest()->announcement.digest();
  a.epoch = Epoch{a.epoch.value + 1};
  a.commitment = key.commitment(f.cluster());
  a.signed_at += 1h;
  act([&](Impl& i) {
    REQUIRE(i.state.ring.offer(sign_announcement(f.person(0).identity, f.cluster(), a)).has_value());
    if (with_key) REQUIRE(i.state.ring.set_key(a.epoch, std::move(key)).has_value());
  });
  return a.epoch;
}

void DetectorLab::relayed_ack(std::size_t relay, std::size_t target, Sequence sequence) {
  Message inner = blank(MessageKind::ack);
  inner.sequence = sequence;
  const ByteVector sealed = f.frame(inner, target);
  Message m = blank(MessageKind::relayed);
  m.peer = id(target);
  m.sealed = sealed;
  say(relay, m);
}

void DetectorLab::pass(Duration duration) {
  const Instant end = f.now() + duration;
  while (const auto due = f.node().next_deadline()) {
    if (*due > end) break;
    if (*due > f.now()) f.advance(*due - f.now());
    take(f.node().on_timer(f.now()));
  }
  f.advance(end - f.now());
}

}  // namespace quorumor::test
