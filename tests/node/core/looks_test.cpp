// One look at a member: what is sent when, what ends it, what it says of this node's own health.
#include "node/core/detector_lab.h"
#include "sim/formed.h"

#include <map>

using namespace quorumor;
using namespace quorumor::test;

namespace {

struct Lab : DetectorLab {
  explicit Lab(std::size_t members = 8, FixtureSetup setup = {}) : DetectorLab(adjusted(members, std::move(setup))) {}
  static FixtureSetup adjusted(std::size_t members, FixtureSetup setup) {
    FixtureSetup out = quiet(members);
    out.config.probe_timeout = 500ms;
    out.config.stream_probe = setup.config.stream_probe;
    out.config.indirect_probes = setup.config.indirect_probes;
    if (setup.endpoint) out.endpoint = setup.endpoint;
    return out;
  }
  // Begins a look at a member; its ping's sequence.
  Sequence look(std::size_t at, LookKind kind) {
    forget();
    act([&](Impl& i) { REQUIRE(i.looks.begin(member(at), kind)); });
    REQUIRE(said(MessageKind::ping, at).size() == 1);
    return said(MessageKind::ping, at).front().sequence;
  }
  int health() { return impl.state.health.score(); }
  bool running(std::size_t at, LookKind kind) { return impl.looks.is_running(id(at), kind); }
  std::set<std::size_t> relays(std::size_t target = 2) {
    std::set<std::size_t> out;
    for (const Heard& h : said(MessageKind::relay)) {
      if (h.peer == id(target)) out.insert(h.to);
    }
    return out;
  }
};

FixtureSetup without_streams() {
  FixtureSetup setup;
  setup.config.stream_probe = false;
  return setup;
}

}  // namespace

TEST_CASE("looks: an answered ping ends the look at once, is measured, and heals") {
  Lab lab;
  lab.impl.state.health.apply(+3);
  const auto samples = lab.member(2).contact->round_trips.samples();
  lab.look(2, LookKind::cycle);
  CHECK(!lab.running(2, LookKind::cycle));
  CHECK(lab.member(2).contact->round_trips.samples() == samples + 1);
  CHECK(lab.health() == 2);
  lab.look(2, LookKind::verify);  // for somebody else's sake: says nothing of this node's own probes
  CHECK(lab.health() == 2);
  lab.pass(5s);
  CHECK(lab.said(MessageKind::relay).empty());
  CHECK(lab.counters().probes_failed == 0);
}

TEST_CASE("looks: without samples the second ping comes after the fixed bound, with relays; the look ends at twice it") {
  Lab lab(8, without_streams());
  lab.answers.clear();
  lab.look(2, LookKind::cycle);
  const Instant began = lab.f.now();
  lab.pass(499ms);
  CHECK(lab.said(MessageKind::ping, 2).size() == 1);
  lab.pass(1ms);
  const auto pings = lab.said(MessageKind::ping, 2);
  REQUIRE(pings.size() == 2);
  CHECK(pings[1].sequence == pings[0].sequence);  // any answer will do
  CHECK(pings[1].introduced);                     // it may have lost the session, or restarted
  CHECK(lab.relays().size() == 3);
  for (const Heard& h : lab.said(MessageKind::relay)) {
    CHECK(h.peer == lab.id(2));
    CHECK(h.at == began + 500ms);
    CHECK(h.to != 2);
  }
  lab.pass(499ms);
  CHECK(lab.running(2, LookKind::cycle));
  lab.pass(1ms);
  CHECK(!lab.running(2, LookKind::cycle));
  CHECK(lab.counters().probes_failed == 1);
  CHECK(lab.said(MessageKind::ping, 2).size() == 2);
}

TEST_CASE("looks: measured round trips bring the second ping forward, not below the least, and leave the end alone") {
  Lab lab(8, without_streams());
  for (int i = 0; i < 40; ++i) lab.member(2).contact.own().round_trips.add(60ms);
  const Duration expected = lab.member(2).contact->round_trips.timeout(50ms, 500ms);
  REQUIRE(expected < 300ms);
  lab.answers.clear();
  lab.look(2, LookKind::cycle);
  lab.pass(expected - 1ms);
  CHECK(lab.said(MessageKind::ping, 2).size() == 1);
  lab.pass(1ms);
  CHECK(lab.said(MessageKind::ping, 2).size() == 2);
  lab.pass(1s - expected - 1ms);
  CHECK(lab.running(2, LookKind::cycle));
  lab.pass(1ms);
  CHECK(!lab.running(2, LookKind::cycle));
  lab.impl.state.health.apply(-7);
  for (int i = 0; i < 400; ++i) lab.member(2).contact.own().round_trips.add(0ms);
  lab.look(2, LookKind::cycle);
  lab.pass(49ms);
  CHECK(lab.said(MessageKind::ping, 2).size() == 1);
  lab.pass(1ms);
  CHECK(lab.said(MessageKind::ping, 2).size() == 2);
}

TEST_CASE("looks: local health stretches the cycle's look alone") {
  struct Case {
    LookKind kind;
    Duration until;
  };
  for (const Case& c : {Case{LookKind::cycle, 4s}, {LookKind::verify, 1s}, {LookKind::last, 500ms}}) {
    Lab lab(8, without_streams());
    lab.answers.clear();
    lab.impl.state.health.apply(+3);
    lab.look(2, c.kind);
    lab.pass(c.until - 1ms);
    CHECK(lab.running(2, c.kind));
    lab.pass(1ms);
    CHECK(!lab.running(2, c.kind));
    CHECK(lab.counters().probes_failed == (c.kind == LookKind::cycle ? 1 : 0));
    if (c.kind != LookKind::cycle) CHECK(lab.health() == 3);  // neither is a probe of this node's own
  }
}

TEST_CASE("looks: a last look asks two relays at once, and does not dial") {
  Lab lab;
  lab.answers.clear();
  lab.look(2, LookKind::last);
  CHECK(lab.relays().size() == 2);
  lab.pass(600ms);
  CHECK(lab.said(MessageKind::relay).size() == 2);
  CHECK(lab.said(MessageKind::ping, 2).size() == 1);
  CHECK(lab.dials.empty());
}

TEST_CASE("looks: an answer over a relay ends it and is no sample") {
  for (const LookKind kind : {LookKind::cycle, LookKind::verify, LookKind::last}) {
    Lab lab;
    lab.answers.clear();
    const Sequence sequence = lab.look(2, kind);
    const auto samples = lab.member(2).contact->round_trips.samples();
    lab.pass(kind == LookKind::cycle ? 510ms : 100ms);  // before the second ping too: nobody timed that way
    lab.relayed_ack(4, 3, sequence);  // another member's answer
    CHECK(lab.running(2, kind));
    lab.relayed_ack(4, 2, Sequence{sequence.value + 1});
    CHECK(lab.running(2, kind));
    lab.relayed_ack(4, 2, sequence);
    CHECK(!lab.running(2, kind));
    CHECK(lab.member(2).contact->round_trips.samples() == samples);
  }
}

TEST_CASE("looks: an ack after the second ping is ambiguous and no sample") {
  Lab lab;
  lab.answers.clear();
  const Sequence sequence = lab.look(2, LookKind::cycle);
  const auto samples = lab.member(2).contact->round_trips.samples();
  lab.pass(520ms);
  lab.ack(2, sequence);
  CHECK(!lab.running(2, LookKind::cycle));
  CHECK(lab.member(2).contact->round_trips.samples() == samples);
}

TEST_CASE("looks: relays are of different network groups where there are enough, and distinct in any case") {
  for (int round = 0; round < 10; ++round) {
    FixtureSetup setup = without_streams();
    // Twelve members of one group, and two of others.
    setup.endpoint = [](std::size_t i) {
      return i == 5 || i == 9 ? apart(i) : Endpoint::v4(10, 0, static_cast<std::uint8_t>(i), 1, 7947);
    };
    Lab lab(14, std::move(setup));
    for (int i = 0; i < round; ++i) lab.impl.state.secret_rng.below(10);
    lab.answers.clear();
    lab.look(2, LookKind::cycle);
    lab.pass(600ms);
    const auto relays = lab.relays();
    CHECK(relays.size() == 3);
    std::map<std::uint64_t, int> groups;
    for (const std::size_t r : relays) ++groups[network_group(lab.impl.state, lab.f.person(r).endpoint)];
    CHECK(groups.size() >= 2);
  }
  FixtureSetup one_group = without_streams();
  one_group.endpoint = [](std::size_t i) { return Endpoint::v4(10, 0, static_cast<std::uint8_t>(i), 1, 7947); };
  Lab lab(8, std::move(one_group));
  lab.answers.clear();
  lab.look(2, LookKind::cycle);
  lab.pass(600ms);
  CHECK(lab.relays().size() == 3);
}

TEST_CASE("looks: only live, proven members relay; with none there is nobody to ask") {
  Lab lab(4, without_streams());
  lab.member(1).contact.own().proven.reset();
  lab.answers.clear();
  lab.look(2, LookKind::cycle);
  lab.pass(600ms);
  CHECK(lab.relays() == std::set<std::size_t>{3});
  Lab doubted(5, without_streams());
  doubted.answers.clear();
  doubted.accuse(1, 3);  // a suspect may be the one that drops
  doubted.look(2, LookKind::cycle);
  doubted.pass(600ms);
  CHECK(doubted.relays() == std::set<std::size_t>{1, 4});
  FixtureSetup setup = without_streams();
  setup.config.indirect_probes = 0;
  Lab none(8, std::move(setup));
  none.answers.clear();
  none.look(2, LookKind::cycle);
  none.pass(600ms);
  CHECK(none.relays().empty());
}

TEST_CASE("looks: nacks keep health, each missing one costs a point") {
  for (std::size_t nacks = 0; nacks <= 3; ++nacks) {
    Lab lab(8, without_streams());
    lab.answers.clear();
    const Sequence sequence = lab.look(2, LookKind::cycle);
    lab.pass(600ms);
    const auto relays = lab.relays();
    REQUIRE(relays.size() == 3);
    std::size_t told = 0;
    for (const std::size_t r : relays) {
      if (told++ < nacks) lab.nack(r, sequence);
    }
    for (std::size_t other = 1; other < 8; ++other) {  // who was not asked has nothing to say
      if (relays.count(other) == 0) lab.nack(other, sequence);
    }
    lab.pass(1s);
    CHECK(lab.health() == static_cast<int>(3 - nacks));
  }
}

TEST_CASE("looks: a nack for another sequence is for nothing") {
  Lab lab(8, without_streams());
  lab.answers.clear();
  const Sequence sequence = lab.look(2, LookKind::cycle);
  lab.pass(600ms);
  for (const std::size_t r : lab.relays()) lab.nack(r, Sequence{sequence.value + 1});
  lab.pass(1s);
  CHECK(lab.health() == 3);
}

TEST_CASE("looks: what a member or relay cost is returned when another accuses it") {
  FixtureSetup setup = without_streams();
  setup.config.indirect_probes = 0;
  Lab lab(8, std::move(setup));
  lab.answers.clear();
  lab.look(2, LookKind::cycle);
  lab.pass(1100ms);
  REQUIRE(lab.health() == 1);
  const auto observers = lab.observers_of(2);
  lab.accuse(lab.observers_of(3).front(), 3, 4);  // somebody else is gone: says nothing of this
  CHECK(lab.health() == 1);
  lab.accuse(observers.at(0), 2);
  CHECK(lab.health() == 0);
  lab.impl.state.health.apply(+2);
  lab.accuse(observers.at(1), 2);  // once
  CHECK(lab.health() == 2);
}

TEST_CASE("looks: this node's own accusation returns nothing") {
  FixtureSetup setup = without_streams();
  setup.config.indirect_probes = 0;
  Lab lab(6, std::move(setup));
  lab.answers.clear();
  const std::size_t subject = lab.subject(true);
  lab.look(subject, LookKind::cycle);
  lab.pass(2s);
  REQUIRE(lab.counters().accusations_signed == 1);
  REQUIRE(lab.state(subject) == MemberState::suspect);
  CHECK(lab.health() == 1);
}

TEST_CASE("looks: a TLS probe is dialled after the relays, once; other kinds of silence do not count as its answer") {
  Lab lab;
  lab.answers.clear();
  const Instant began = lab.f.now();
  lab.look(2, LookKind::cycle);
  lab.pass(660ms);
  CHECK(lab.dials.empty());
  lab.pass(10ms);
  REQUIRE(lab.dials.size() == 1);
  CHECK(lab.dials[0].to == lab.f.person(2).endpoint);
  CHECK(lab.f.now() - began < 700ms);
  lab.pass(200ms);
  CHECK(lab.dials.size() == 1);
  lab.act([&](Impl& i) { i.looks.on_stream_answer(lab.id(3)); });
  CHECK(lab.running(2, LookKind::cycle));
  lab.act([&](Impl& i) { i.looks.on_stream_answer(lab.id(2)); });
  CHECK(!lab.running(2, LookKind::cycle));
  lab.pass(2s);
  CHECK(lab.counters().probes_failed == 0);
}

TEST_CASE("looks: a session that nobody dialled for a look, or a last look, is not answered by TLS") {
  Lab lab;
  lab.answers.clear();
  lab.look(2, LookKind::cycle);
  lab.act([&](Impl& i) { i.looks.on_stream_answer(lab.id(2)); });
  CHECK(lab.running(2, LookKind::cycle));
  lab.look(3, LookKind::last);
  lab.act([&](Impl& i) { i.looks.on_stream_answer(lab.id(3)); });
  CHECK(lab.running(3, LookKind::last));
}

TEST_CASE("looks: a member whose UDP is blocked stays alive by TLS") {
  for (const bool streams : {true, false}) {
    sim::World world(streams ? 41 : 42);
    Config config;
    config.stream_probe = streams;
    sim::start_formed(world, 6, config);
    for (std::size_t i = 0; i < 5; ++i) {
      world.set_loss(5, i, sim::World::kAll);
      world.set_loss(i, 5, sim::World::kAll);
    }
    world.run_for(60s);
    if (streams) {
      for (std::size_t i = 0; i < 5; ++i) CHECK(world.state_of(5, i) == MemberState::alive);
      CHECK(world.count(Event::Kind::member_dead) == 0);
      CHECK(world.core(0).stats().counters.probes_failed == 0);
    } else {
      for (std::size_t i = 0; i < 5; ++i) CHECK(world.state_of(5, i) == MemberState::dead);
    }
  }
}

TEST_CASE("looks: one that began before the core moved accuses nobody") {
  for (const LookKind kind : {LookKind::cycle, LookKind::verify}) {
    for (const bool moves : {false, true}) {
      Lab lab(6, without_streams());
      lab.answers.clear();
      const std::size_t subject = lab.subject(true);
      lab.look(subject, kind);
      lab.pass(600ms);
      if (moves) lab.move_on(subject);
      lab.pass(1s);
      CHECK(lab.counters().accusations_signed == (moves ? 0 : 1));
      CHECK(lab.state(subject) == (moves ? MemberState::alive : MemberState::suspect));
      if (moves) CHECK(lab.said(MessageKind::hint).empty());
    }
  }
}

TEST_CASE("looks: after a gap those in flight are forgotten") {
  Lab lab(6, without_streams());
  lab.answers.clear();
  const std::size_t subject = lab.subject(true);
  lab.look(subject, LookKind::cycle);
  lab.look(subject, LookKind::verify);
  lab.f.advance(10s);  // nobody called
  lab.pass(2s);
  CHECK(lab.counters().gaps == 1);
  CHECK(lab.impl.looks.running() == 0);
  CHECK(lab.counters().accusations_signed == 0);
  CHECK(lab.state(subject) == MemberState::alive);
  CHECK(lab.health() == 0);
}

TEST_CASE("looks: one of a kind at a member, and no more than there is room for") {
  Lab lab(140, without_streams());
  lab.answers.clear();
  lab.look(2, LookKind::cycle);
  lab.act([&](Impl& i) {
    CHECK(!i.looks.begin(lab.member(2), LookKind::cycle));
    CHECK(i.looks.begin(lab.member(2), LookKind::verify));
    for (std::size_t m = 3; m < 139; ++m) i.looks.begin(lab.member(m), LookKind::verify);
    CHECK(i.looks.running() == Looks::kLooksMost);
    CHECK(!i.looks.has_room());
  });
}
