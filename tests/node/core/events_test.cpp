// An application's events: once everywhere, and only what their origin signed, for as long as it said. First in a
// cluster, then rumor by rumor from an authenticated peer that lies.
#include "bench/fixture.h"
#include "node/core/events.h"
#include "node/core/support.h"

#include <algorithm>

using namespace quorumor;
using namespace quorumor::test;
using quorumor::bench::Fixture;
using quorumor::bench::Person;

namespace {

std::size_t told(const sim::World& world, std::size_t node, std::string_view topic) {
  return static_cast<std::size_t>(std::count_if(world.events().begin(), world.events().end(), [&](const auto& r) {
    return r.node == node && r.event.kind == Event::Kind::user_event && r.event.topic == topic;
  }));
}

// How many of the nodes were told exactly once.
std::size_t told_once(const sim::World& world, std::size_t nodes, std::string_view topic) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < nodes; ++i) out += told(world, i, topic) == 1 ? 1 : 0;
  return out;
}

}  // namespace

// --- in a cluster ---

TEST_CASE("an event reaches all of 20 under a loss of one in five, once each") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    sim::World world(seed);
    form_cluster(world, 20);
    world.set_loss(200'000);
    const std::string payload(limits::kEventPayload, 'x');
    REQUIRE(!world.broadcast(7, "deploy", payload));
    CHECK(world.run_until([&] { return told_once(world, 20, "deploy") == 20; }, 10s));
    world.run_for(60s);
    CHECK(told_once(world, 20, "deploy") == 20);
    for (const auto& r : world.events()) {
      if (r.event.kind != Event::Kind::user_event) continue;
      CHECK(r.event.id == world.id(7));
      CHECK(r.event.name == "n7");
      CHECK(r.event.generation == world.core(7).stats().generation);
      CHECK(r.event.sequence == Sequence{1});
      CHECK(as_text(r.event.payload) == payload);
      CHECK(r.event.ttl == 60s);
    }
  }
}

TEST_CASE("a member that restarts is not told again what it was told") {
  sim::World world(21);
  form_cluster(world, 4);
  REQUIRE(!world.broadcast(1, "once", "", 3600s));
  REQUIRE(world.run_until([&] { return told_once(world, 4, "once") == 4; }, 5s));
  world.run_for(12s);  // a snapshot is on disk
  world.crash(2);
  world.run_for(1s);
  world.start(2);
  REQUIRE(world.run_until([&] { return world.core(2).stats().joined && world.all_alive(); }, 10s));
  world.run_for(40s);
  CHECK(told(world, 2, "once") == 1);
  // What it missed it is told by its sync.
  world.crash(2);
  world.run_for(1s);
  REQUIRE(!world.broadcast(1, "meanwhile", "", 3600s));
  world.run_for(30s);  // nobody gossips it any more
  world.start(2);
  REQUIRE(world.run_until([&] { return told(world, 2, "meanwhile") == 1; }, 10s));
  world.run_for(40s);
  CHECK(told(world, 2, "meanwhile") == 1);
  CHECK(told(world, 2, "once") == 1);
}

TEST_CASE("who joins late is told what is live, once, and nothing that is over") {
  sim::World world(22);
  form_cluster(world, 5);
  REQUIRE(!world.broadcast(3, "over", "", 5s));
  world.run_for(30s);
  REQUIRE(!world.broadcast(3, "live", "", 600s));
  world.run_for(30s);  // nobody gossips it any more
  const auto late = world.add(spec("late", {0}));
  world.start(late);
  REQUIRE(world.run_until([&] { return world.all_alive(); }, 10s));
  CHECK(world.run_until([&] { return told(world, late, "live") == 1; }, 5s));
  world.run_for(60s);
  CHECK(told(world, late, "live") == 1);
  CHECK(told(world, late, "over") == 0);
  CHECK(told_once(world, 5, "over") == 5);
}

TEST_CASE("after 256 events the origin's core names the next one, and who joins then is told none before it") {
  sim::World world(23);
  form_cluster(world, 3);
  const auto incarnation = world.core(1).stats().incarnation;
  for (std::uint64_t i = 1; i <= Events::kReissueAfter; ++i) {
    world.run_for(120ms);
    REQUIRE(!world.broadcast(1, i == Events::kReissueAfter ? "last" : "some", "", 600s));
    const std::uint64_t moved = i == Events::kReissueAfter ? 1 : 0;  // never with each
    REQUIRE(world.core(1).stats().incarnation.value == incarnation.value + moved);
  }
  world.run_for(30s);
  CHECK(told(world, 0, "some") == Events::kReissueAfter - 1);
  CHECK(told_once(world, 3, "last") == 3);
  const auto late = world.add(spec("late", {0}));
  world.start(late);
  REQUIRE(world.run_until([&] { return world.all_alive(); }, 10s));
  world.run_for(10s);
  CHECK(told(world, late, "last") == 0);
  CHECK(told(world, late, "some") == 0);
  REQUIRE(!world.broadcast(1, "new", "", 600s));
  world.run_for(5s);
  CHECK(told_once(world, 4, "new") == 4);
}

TEST_CASE("an origin that restarts begins anew and is heard") {
  sim::World world(24);
  form_cluster(world, 4);
  for (int i = 0; i < 5; ++i) REQUIRE(!world.broadcast(3, "first-life", ""));
  world.run_for(12s);
  world.crash(3);
  world.run_for(1s);
  world.start(3);
  REQUIRE(world.run_until([&] { return world.core(3).stats().joined && world.all_alive(); }, 10s));
  REQUIRE(!world.broadcast(3, "second-life", ""));
  world.run_for(5s);
  CHECK(told_once(world, 4, "second-life") == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(told(world, i, "first-life") == 5);
}

TEST_CASE("what cannot be sent is an error that says why, and nothing happens") {
  sim::World world(25);
  form_cluster(world, 2);
  const auto before = world.events().size();
  CHECK(world.broadcast(0, "Big", "x") == BroadcastError::bad_name);
  CHECK(world.broadcast(0, "", "x") == BroadcastError::bad_name);
  CHECK(world.broadcast(0, "big", std::string(600, 'x')) == BroadcastError::too_large);
  CHECK(world.broadcast(0, "big", std::string(513, 'x')) == BroadcastError::too_large);
  CHECK(world.broadcast(0, "long", "x", 3601s) == BroadcastError::bad_ttl);
  CHECK(world.broadcast(0, "short", "x", 0s) == BroadcastError::bad_ttl);
  const auto alone = world.add(spec("alone", {0}));
  world.set_reachable([&](auto from, auto to) { return from != alone && to != alone; });
  world.start(alone);
  CHECK(world.broadcast(alone, "x", "x") == BroadcastError::no_ring);
  for (unsigned i = 0; i < Events::kOwnBurst; ++i) REQUIRE(!world.broadcast(1, "fast", ""));
  CHECK(world.broadcast(1, "fast", "") == BroadcastError::too_fast);
  world.run_for(100ms);
  CHECK(!world.broadcast(1, "fast", ""));
  CHECK(world.broadcast(1, "fast", "") == BroadcastError::too_fast);
  world.run_for(10s);
  CHECK(told(world, 0, "fast") == Events::kOwnBurst + 1);
  world.leave(0);
  CHECK(world.broadcast(0, "x", "x") == BroadcastError::ending);
  CHECK(world.events().size() > before);
  for (const auto& r : world.events()) {
    if (r.event.kind == Event::Kind::user_event) CHECK(r.event.topic == "fast");
  }
}

// --- rumor by rumor ---

namespace {

struct Told {
  std::string topic;
  Sequence sequence;
};

struct Lab {
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
    ByteVector out = content;
    const Signature s = by.identity.sign(SignDomain::event, f.cluster(), content);
    out.insert(out.end(), s.begin(), s.end());
    return out;
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
    ByteVector record = to_vector(content);
    const Signature s = f.person(i).identity.sign(SignDomain::core, f.cluster(), content);
    record.insert(record.end(), s.begin(), s.end());
    tell(record, {}, RumorKind::core);
  }
};

}  // namespace

TEST_CASE("a genuine event is told once, whoever brings it however often") {
  Lab lab;
  const EventHeader e = lab.header(3, 1, "hello");
  CHECK(lab.say(3, e, "hello"));
  const auto checks = lab.counters().signature_checks;
  for (int i = 0; i < 5; ++i) CHECK(!lab.say(3, e, "hello"));
  CHECK(lab.counters().signature_checks == checks);  // what is known is not verified again
  CHECK(lab.counters().events_delivered == 1);
}

TEST_CASE("a sequence is taken only by what its origin signed") {
  Lab lab;
  EventHeader e = lab.header(3, 1, "hello");
  CHECK(!lab.tell(lab.sign(e, lab.f.person(2)), "hello"));  // somebody else's signature
  CHECK(lab.counters().rumors_bad_signature == 1);
  ByteVector bent = lab.sign(e, lab.f.person(3));
  bent[60] ^= std::byte{1};
  CHECK(!lab.tell(bent, "hello"));
  CHECK(lab.say(3, e, "hello"));  // none of it has used the sequence up
}

TEST_CASE("the payload is the one that was signed") {
  Lab lab;
  const EventHeader e = lab.header(3, 1, "hello");
  const auto checks = lab.counters().signature_checks;
  CHECK(!lab.say(3, e, "hellO"));
  CHECK(!lab.say(3, e, "hello!"));
  CHECK(!lab.say(3, e, ""));
  CHECK(lab.counters().signature_checks == checks);
  CHECK(lab.counters().rumors_refused == 3);
  CHECK(lab.say(3, e, "hello"));
}

TEST_CASE("an event is for its time, and five seconds for clocks that differ") {
  Lab lab;
  lab.pass(100s);
  struct Case {
    std::chrono::milliseconds age;  // against our clock; its TTL is 10 s
    bool told;
  };
  static constexpr Case kCases[] = {{0ms, true},       {9'999ms, true}, {15'000ms, true}, {15'001ms, false},
                                    {99'000ms, false}, {-5'000ms, true}, {-5'001ms, false}, {-3'600'000ms, false}};
  std::uint64_t sequence = 1, out_of_time = 0;
  for (const Case& c : kCases) {
    CAPTURE(c.age.count());
    EventHeader e = lab.header(3, sequence++);
    e.at = lab.wall() - c.age;
    CHECK(lab.say(3, e) == c.told);
    out_of_time += c.told ? 0 : 1;
  }
  CHECK(lab.counters().events_out_of_time == out_of_time);
  CHECK(lab.counters().rumors_refused == 0);  // whoever passed it on may have another clock
}

TEST_CASE("an event counts under its origin's current generation and credential only") {
  Lab lab;
  lab.move_to_generation(3, 5, 1);
  EventHeader e = lab.header(3, 1);
  e.generation = Generation{4};
  CHECK(!lab.say(3, e));
  e.generation = Generation{6};  // a claim that we have not seen
  CHECK(!lab.say(3, e));
  CHECK(lab.counters().rumors_orphaned == 1);
  e.generation = Generation{5};
  e.serial = Serial{0};
  CHECK(!lab.say(3, e));
  e.serial = Serial{2};
  CHECK(!lab.say(3, e));
  CHECK(lab.counters().rumors_orphaned == 2);
  e.serial = Serial{1};
  CHECK(lab.say(3, e));
  lab.move_to_generation(3, 6, 1);
  e.generation = Generation{6};  // the same sequence in the next life is another event
  CHECK(lab.say(3, e));
}

TEST_CASE("what was said before this node knew of its origin is history") {
  Lab lab;
  lab.move_to_generation(3, 2, 100);
  const auto say = [&](std::uint64_t sequence) {
    EventHeader e = lab.header(3, sequence);
    e.generation = Generation{2};
    return lab.say(3, e);
  };
  CHECK(!say(99));
  CHECK(lab.counters().events_too_old == 1);
  CHECK(say(100));
  CHECK(say(300));
  lab.tell(lab.f.person(3).core_record, {}, RumorKind::core);  // an older core changes nothing
  CHECK(say(200));
}

TEST_CASE("a newer core of the same process does not make live events history") {
  Lab lab;
  CHECK(lab.say(3, lab.header(3, 5)));
  Core core = decode_core(Bytes(lab.f.person(3).core_record).first(limits::kCoreContent)).value();
  core.at.incarnation = Incarnation{2};
  core.next_event = Sequence{257};
  const auto content = encode_core(core);
  ByteVector record = to_vector(content);
  const Signature s = lab.f.person(3).identity.sign(SignDomain::core, lab.f.cluster(), content);
  record.insert(record.end(), s.begin(), s.end());
  lab.tell(record, {}, RumorKind::core);
  CHECK(!lab.say(3, lab.header(3, 5)));
  CHECK(lab.say(3, lab.header(3, 256)));
}

TEST_CASE("corroborated events are refused for now") {
  Lab lab;
  EventHeader e = lab.header(3, 1);
  e.policy = EventPolicy::corroborated;
  CHECK(!lab.say(3, e));
  CHECK(lab.counters().rumors_refused == 1);
  CHECK(lab.say(3, lab.header(3, 1)));
}

TEST_CASE("an origin has its rate; what is over is dropped, counted, and costs nobody else") {
  Lab lab;
  std::uint64_t sequence = 0;
  std::size_t heard = 0;
  for (int i = 0; i < 150; ++i) heard += lab.say(3, lab.header(3, ++sequence)) ? 1 : 0;
  CHECK(heard == Events::kBurst);
  CHECK(lab.counters().events_over_quota == 50);
  CHECK(lab.counters().rumors_refused == 0);
  CHECK(lab.say(4, lab.header(4, 1)));
  lab.pass(1000ms);
  heard = 0;
  for (int i = 0; i < 50; ++i) heard += lab.say(3, lab.header(3, ++sequence)) ? 1 : 0;
  CHECK(heard == 10);
  lab.pass(100ms);
  CHECK(lab.say(3, lab.header(3, Events::kBurst + 1)));  // dropped is not taken: it may come again
}

TEST_CASE("a forger cannot use up an origin's rate") {
  Lab lab;
  for (std::uint64_t i = 1; i <= 500; ++i) lab.tell(lab.sign(lab.header(3, i), lab.f.person(2)));
  CHECK(lab.counters().events_over_quota == 0);
  for (std::uint64_t i = 1; i <= Events::kBurst; ++i) CHECK(lab.say(3, lab.header(3, i)));
}

TEST_CASE("two events under one sequence are a conflict; what was told first stays") {
  Lab lab;
  EventHeader e = lab.header(3, 1, "one");
  CHECK(lab.say(3, e, "one"));
  e = lab.header(3, 1, "two");
  CHECK(!lab.tell(lab.sign(e, lab.f.person(2)), "two"));  // forged: no conflict of the origin's
  CHECK(lab.counters().conflicts == 0);
  CHECK(!lab.say(3, e, "two"));
  CHECK(lab.counters().conflicts == 1);
}
