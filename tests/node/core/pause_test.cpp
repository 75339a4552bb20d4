// A process that stood still must not take its own absence for others': SIGSTOP, a frozen machine, a laptop's lid.
#include "node/core/detector_lab.h"
#include "sim/formed.h"

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("pause: datagrams read in one go after idle time are no gap, whatever was queued long ago") {
  DetectorLab lab(6);
  lab.pass(60s);  // gossip has died down; its last tick is long ago
  const auto before = lab.counters().gaps;
  const std::size_t subject = lab.subject(true);
  lab.answers.erase(subject);
  const auto observers = lab.observers_of(subject);
  lab.accuse(observers[0], subject);  // news: a tick is due, and would have been long ago
  REQUIRE(lab.state(subject) == MemberState::suspect);
  const Instant until = lab.member(subject).doubt()->until;
  for (std::size_t i = 1; i < 6; ++i) lab.say(i, lab.blank(MessageKind::want));
  CHECK(lab.counters().gaps == before);
  CHECK(lab.member(subject).doubt()->until == until);
}

TEST_CASE("pause: a call a little late is no gap; one later than a probe timeout is one") {
  for (const Duration late : {Duration{500ms}, Duration{501ms}, Duration{3s}}) {
    DetectorLab lab(6);
    const auto before = lab.counters().gaps;
    const auto due = lab.f.node().next_deadline();
    REQUIRE(due.has_value());
    lab.f.advance(*due + late - lab.f.now());
    lab.act([](Impl&) {});
    CHECK(lab.counters().gaps - before == (late > 500ms ? 1 : 0));
  }
}

TEST_CASE("pause: every suspect's window starts again, in full, and its last look is begun anew") {
  FixtureSetup setup = DetectorLab::with(6);
  setup.config.stream_probe = false;
  DetectorLab lab(setup);
  lab.answers.erase(5);
  lab.accuse(2, 5);
  lab.accuse(3, 5);
  REQUIRE(lab.pass_until([&] { return lab.impl.looks.is_running(lab.id(5), LookKind::last); }, 30s));
  lab.pass(100ms);
  lab.f.advance(10s);
  lab.act([](Impl&) {});
  CHECK(lab.state(5) == MemberState::suspect);
  CHECK(lab.impl.looks.running() == 0);
  const Instant resumed = lab.f.now();
  lab.pass(3s - 1ms);
  CHECK(lab.state(5) == MemberState::suspect);
  CHECK(!lab.impl.looks.is_running(lab.id(5), LookKind::last));
  CHECK(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 10s));
  CHECK(lab.f.now() - resumed >= 4s);
  CHECK(lab.f.now() - resumed < 4100ms);
  CHECK(lab.counters().last_looks == 2);
}

TEST_CASE("pause: what was heard meanwhile counts before anything is concluded") {
  DetectorLab lab(6);
  lab.answers.erase(5);
  lab.accuse(2, 5);
  lab.accuse(3, 5);
  lab.pass(1s);
  lab.f.advance(30s);
  lab.move_on(5);  // the refutation waited in the socket
  CHECK(lab.state(5) == MemberState::alive);
  lab.answers.insert(5);
  lab.pass(60s);
  CHECK(lab.count(Event::Kind::member_dead) == 0);
  CHECK(lab.count(Event::Kind::member_unreachable) == 0);
}

TEST_CASE("pause: a node that stood still declares nobody, hears that it was suspected, and refutes") {
  for (const Duration pause : {Duration{3s}, Duration{12s}}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(pause.count());
      CAPTURE(seed);
      sim::World world(seed);
      sim::start_formed(world, 8);
      world.run_for(5s);
      world.clear_events();
      world.set_pause(3, true);
      world.run_for(pause);
      bool suspected = false;
      for (std::size_t i = 0; i < 8; ++i) suspected = suspected || (i != 3 && world.state_of(3, i) > MemberState::alive);
      world.set_pause(3, false);
      const Instant resumed = world.now();
      CHECK(world.run_until([&] { return world.all_alive(); }, 30s));
      CHECK(world.now() - resumed < 20s);
      world.run_for(20s);
      CHECK(world.core(3).stats().counters.gaps >= 1);
      for (const sim::Recorded& r : world.events()) {
        if (r.node == 3) CHECK(r.event.kind != Event::Kind::member_dead);
        if (r.node == 3) CHECK(r.event.kind != Event::Kind::member_suspect);
        if (r.event.kind == Event::Kind::member_suspect) CHECK(r.event.id == world.id(3));
      }
      if (pause > 10s) CHECK(suspected);
      if (suspected) CHECK(world.core(3).stats().counters.refutations >= 1);
      CHECK(world.core(3).stats().counters.accusations_signed == 0);
    }
  }
}
