// Which events a node takes, rumor by rumor, from an authenticated peer that lies; which it holds, asks for and answers.
#include "node/core/event_lab.h"

#include <algorithm>
#include <array>

using namespace quorumor;
using namespace quorumor::test;
using Lab = EventLab;

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
  EventHeader odd = lab.header(3, 2, "hello");
  odd.payload_size = 4;  // what its origin signed contradicts itself
  CHECK(!lab.say(3, odd, "hello"));
  CHECK(lab.counters().rumors_refused == 4);
}

TEST_CASE("of itself a node takes no event from others, whoever signed it") {
  Lab lab;
  EventHeader e = lab.header(0, 1);
  e.generation = lab.f.node().stats().generation;
  const auto checks = lab.counters().signature_checks;
  CHECK(!lab.say(0, e));
  CHECK(lab.counters().signature_checks == checks);
}

TEST_CASE("a remembered window counts for the process that it was of") {
  Lab lab;
  Events& events = CoreAccess::impl(lab.f.node()).events;
  EventWindow window;
  window.accept(Sequence{7});
  events.restore({lab.id(3), Generation{2}, window.save()});
  CHECK(lab.say(3, lab.header(3, 7)));
  events.restore({lab.id(4), Generation{1}, window.save()});
  CHECK(!lab.say(4, lab.header(4, 7)));
  CHECK(lab.say(4, lab.header(4, 8)));
  events.restore({NodeId{}, Generation{1}, window.save()});  // of nobody that we know
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
  REQUIRE(lab.heard.size() == 1);
  lab.move_to_generation(3, 6, 1);  // the same sequence in the next life is another event: it has waited for this
  CHECK(lab.heard.size() == 2);
  CHECK(lab.heard.back().sequence == Sequence{1});
  e.generation = Generation{6};
  CHECK(!lab.say(3, e));  // once
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
  const Signature s = lab.f.person(3).identity.sign(SignDomain::core, lab.f.cluster(), content);
  lab.tell(join_record(content, s), {}, RumorKind::core);
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

// --- what is missing, wanted and held ---

namespace {

// The peer's side of the wire: what the node sent to it in answer to one message.
std::vector<Message> answers(Lab& lab, const Message& message, std::vector<ByteVector>& storage) {
  const Person& peer = lab.f.peer();
  Links links(lab.f.cluster(), peer.credential.credential.id, SessionKey::from_bytes(peer.session_secret));
  const auto own = lab.f.node().snapshot().members.front().core;
  const Core core = decode_core(Bytes(own).first(limits::kCoreContent)).value();
  links.put(core.id, core.session_key);
  std::vector<Message> out;
  for (const Output& o : lab.f.node().on_datagram(lab.f.now(), peer.endpoint, lab.f.frame(message))) {
    const auto* t = std::get_if<Transmit>(&o);
    if (t == nullptr) continue;
    storage.emplace_back(limits::kDatagram);
    const auto opened = links.open(lab.f.ring(), t->datagram, storage.back());
    REQUIRE(opened.has_value());
    out.emplace_back();
    REQUIRE(decode_message(opened.value().plain, out.back()).has_value());
  }
  return out;
}

}  // namespace

TEST_CASE("an event of somebody unknown is asked for again, after who it is") {
  Lab lab;
  EventHeader e = lab.header(3, 77);
  e.origin[5] ^= std::byte{1};
  const ByteVector record = lab.sign(e, lab.f.person(3));
  Message m = lab.f.blank(MessageKind::want);
  m.rumors.push_back({RumorKind::event, record, {}});
  std::vector<ByteVector> storage;
  const auto out = answers(lab, m, storage);
  REQUIRE(out.size() == 1);
  REQUIRE(out[0].wants.size() == 3);
  const RumorKind kinds[] = {RumorKind::credential, RumorKind::core, RumorKind::event};
  const std::uint64_t coordinates[] = {0, 0, 77};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(out[0].wants[i].kind == kinds[i]);
    CHECK(out[0].wants[i].id == e.origin);
    CHECK(out[0].wants[i].coordinate == coordinates[i]);
  }
}

TEST_CASE("a wanted event is answered with itself while it is held") {
  Lab lab;
  const EventHeader e = lab.header(3, 5, "hello");
  REQUIRE(lab.say(3, e, "hello"));
  std::vector<ByteVector> storage;
  Message want = lab.f.blank(MessageKind::want);
  want.wants.push_back({RumorKind::event, lab.id(3), 5});
  const auto out = answers(lab, want, storage);
  REQUIRE(out.size() == 1);
  REQUIRE(out[0].rumors.size() == 1);
  CHECK(out[0].rumors[0].kind == RumorKind::event);
  CHECK(equal(out[0].rumors[0].record, lab.sign(e, lab.f.person(3))));
  CHECK(as_text(out[0].rumors[0].payload) == "hello");
  want.wants.front().coordinate = 6;
  CHECK(answers(lab, want, storage).empty());
}

TEST_CASE("live events: those out of time go first, then the oldest of whoever has most") {
  Lab lab;
  Events& events = CoreAccess::impl(lab.f.node()).events;
  const auto held = [&](std::size_t origin, std::uint64_t sequence) {
    return !events.find(lab.id(origin), Sequence{sequence}).record.empty();
  };
  const std::string payload(limits::kEventPayload, 'x');
  std::array<std::uint64_t, 6> next{};
  const auto say = [&](std::size_t origin, std::chrono::milliseconds ttl) {
    EventHeader e = lab.header(origin, ++next[origin], payload);
    e.ttl = ttl;
    lab.pass(100ms);
    REQUIRE(lab.say(origin, e, payload));
  };
  for (int i = 0; i < 3; ++i) say(2, 1s);  // over in 6 s
  for (int i = 0; i < 3; ++i) say(4, 3600s);
  CHECK(events.live().size() == 6);
  for (int i = 0; i < 600; ++i) say(3, 3600s);
  CHECK(!held(2, 1));
  CHECK(!held(2, 3));
  CHECK(held(4, 1));  // a flood displaces its own
  CHECK(held(4, 3));
  CHECK(!held(3, 1));
  CHECK(held(3, 600));
  const std::size_t each = lab.sign(lab.header(3, 1), lab.f.person(3)).size() + payload.size();
  const auto live = events.live();
  CHECK(live.size() == Events::kLiveBytes / each);
  CHECK(live.front().sequence == Sequence{600});  // newest first
  CHECK(live.back().origin == lab.id(4));
  lab.pass(3'700'000ms);
  lab.f.node().on_timer(lab.f.now());
  CHECK(events.live().empty());
}

TEST_CASE("live events: small ones are held up to a number") {
  Lab lab;
  Events& events = CoreAccess::impl(lab.f.node()).events;
  for (std::uint64_t i = 1; i <= 600; ++i) {
    EventHeader e = lab.header(3, i);
    e.ttl = 3600s;
    lab.pass(100ms);
    REQUIRE(lab.say(3, e));
  }
  CHECK(events.live().size() == Events::kLiveMax);
}
