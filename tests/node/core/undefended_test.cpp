// With the defense off the same machines are SWIM + Lifeguard: the control arm of every experiment. One accuser is
// enough, nobody is hinted, nobody looks for others' sake, and there is no last look.
#include "node/core/detector_lab.h"
#include "sim/formed.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

struct Lab : DetectorLab {
  explicit Lab(std::size_t synced = CoreState::kSyncsToDeclare) : DetectorLab(setup(), synced) {}
  static FixtureSetup setup() {
    FixtureSetup out = with(6);
    out.parameters.defense = false;
    out.config.stream_probe = false;
    return out;
  }
};

}  // namespace

TEST_CASE("undefended: one accuser suffices for a death, and nobody looks again") {
  Lab lab;
  lab.pass(100ms);
  lab.accuse(2, 5);  // it lives, and answers every ping: a liar's word is enough here
  CHECK(lab.state(5) == MemberState::suspect);
  const Instant began = lab.f.now();
  CHECK(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 60s));
  CHECK(lab.f.now() - began >= 4s);
  CHECK(lab.f.now() - began <= 24s + 1ms);
  CHECK(lab.counters().last_looks == 0);
  CHECK(lab.counters().verifications == 0);
  CHECK(lab.counters().hints_out == 0);
  CHECK(lab.member(5).doubt()->deferrals == 0);
}

TEST_CASE("undefended: further accusers shorten the window to the least, and no further") {
  Lab lab;
  const Duration least = lab.impl.transitions.window_min();
  lab.answers.erase(5);
  lab.accuse(1, 5);
  const auto window = [&] { return lab.member(5).doubt()->until - lab.member(5).doubt()->since; };
  CHECK(window() == 6 * least);  // K = 2
  lab.accuse(2, 5);
  CHECK(std::chrono::duration<double>(window()).count() ==
        doctest::Approx((6 - 5 * 0.6309) * std::chrono::duration<double>(least).count()).epsilon(0.01));
  lab.accuse(3, 5);
  CHECK(window() == least);
  lab.accuse(4, 5);
  CHECK(window() == least);
}

TEST_CASE("undefended: who has not synced with enough declares nobody dead here either") {
  Lab lab(2);
  lab.answers.erase(5);
  lab.accuse(2, 5);
  lab.pass(40s);
  CHECK(lab.state(5) == MemberState::unreachable);
  lab.impl.state.note_synced(lab.id(4));
  lab.pass(2s);
  CHECK(lab.state(5) == MemberState::dead);
}

TEST_CASE("undefended: a hint makes nobody look") {
  Lab lab;
  lab.hint(1, 3);
  CHECK(lab.impl.looks.running() == 0);
  CHECK(lab.counters().verifications == 0);
}

TEST_CASE("undefended: an accusation under an epoch that this node has yet to hear of does not lapse") {
  Lab lab;
  lab.answers.erase(5);
  lab.tell(1, RumorKind::accusation, lab.accusation(2, {{lab.id(5), Generation{1}, Incarnation{1}}}, Epoch{9}));
  lab.accuse(3, 4);
  REQUIRE(lab.state(5) == MemberState::suspect);
  REQUIRE(lab.state(4) == MemberState::suspect);
  lab.next_epoch(true);
  lab.act([&](Impl& i) { REQUIRE(i.state.ring.retire_through(Epoch{1}).has_value()); });
  CHECK(lab.state(5) == MemberState::suspect);
  CHECK(lab.state(4) == MemberState::alive);
}

TEST_CASE("undefended: everybody may accuse anybody, but not itself") {
  Lab lab;
  CHECK(!lab.impl.accuser.owes(*lab.impl.state.self));
  for (std::size_t i = 1; i < 6; ++i) CHECK(lab.impl.accuser.owes(lab.member(i)));
}

TEST_CASE("undefended: nobody is muted, or one accuser could not be heard at all") {
  Lab lab;
  for (int i = 0; i < 4; ++i) {
    lab.accuse(2, 5);
    CHECK(lab.state(5) == MemberState::suspect);
    lab.move_on(5);
  }
}

TEST_CASE("undefended: a crash is found, and a cluster of one accuser buries it") {
  sim::World world(91);
  ClusterParameters parameters;
  parameters.defense = false;
  world.set_parameters(parameters);
  sim::start_formed(world, 8);
  world.crash(6);
  CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 6); }, 40s));
  world.set_reachable([](std::size_t a, std::size_t b) { return (a == 0) == (b == 0); });
  world.run_for(180s);
  for (std::size_t i = 1; i < 8; ++i) CHECK(world.state_of(i, 0) == MemberState::dead);  // alone, and sure of it
}
