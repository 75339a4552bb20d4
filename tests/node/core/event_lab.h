// A node and an authenticated peer that tells it events of whoever, signed by whoever.
#pragma once

#include "bench/fixture.h"
#include "node/core/impl.h"

#include <doctest/doctest.h>

namespace quorumor::test {

using bench::Fixture;
using bench::Person;

struct Told {
  std::string topic;
  Sequence sequence;
};

struct EventLab {
  Fixture f{4};
  std::vector<Told> heard;

  const NodeId& id(std::size_t i) const { return f.person(i).credential.credential.id; }
  Counters counters() { return f.node().stats().counters; }
  WallTime wall() const { return wall_from_seconds(1'700'000'000) + std::chrono::milliseconds{passed}; }
  std::int64_t passed = 0;  // ms
  void pass(std::chrono::milliseconds by) {
    f.advance(by);
    passed += by.count();
  }

  EventHeader header(std::size_t origin, std::uint64_t sequence, std::string_view payload = {}) const {
    EventHeader e;
    e.origin = id(origin);
    e.serial = Serial{1};
    e.generation = Generation{1};
    e.sequence = Sequence{sequence};
    e.at = wall();
    e.ttl = 10s;
    e.name = "e";
    e.payload_size = static_cast<std::uint16_t>(payload.size());
    e.payload_digest = event_payload_digest(as_bytes(payload));
    return e;
  }
  ByteVector sign(const EventHeader& e, const Person& by) {
    const ByteVector content = encode_event(e);
    return join_record(content, by.identity.sign(SignDomain::event, f.cluster(), content));
  }
  // One rumor in a frame of the peer. True if the node told its application.
  bool tell(const ByteVector& record, std::string_view payload = {}, RumorKind kind = RumorKind::event) {
    Message m = f.blank(MessageKind::want);
    m.rumors.push_back({kind, record, as_bytes(payload)});
    const std::size_t before = heard.size();
    for (const Output& o : f.node().on_datagram(f.now(), f.peer().endpoint, f.frame(m))) {
      const auto* e = std::get_if<Event>(&o);
      if (e != nullptr && e->kind == Event::Kind::user_event) heard.push_back({e->topic, e->sequence});
    }
    return heard.size() > before;
  }
  bool say(std::size_t origin, const EventHeader& e, std::string_view payload = {}) {
    return tell(sign(e, f.person(origin)), payload);
  }
  void move_to_generation(std::size_t i, std::uint64_t generation, std::uint64_t next_event) {
    Core core = decode_core(Bytes(f.person(i).core_record).first(limits::kCoreContent)).value();
    core.at.generation = Generation{generation};
    core.next_event = Sequence{next_event};
    const auto content = encode_core(core);
    tell(join_record(content, f.person(i).identity.sign(SignDomain::core, f.cluster(), content)), {}, RumorKind::core);
  }
};

}  // namespace quorumor::test
