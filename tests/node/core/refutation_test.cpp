// The accused's side, and everybody's memory of who was refuted: how an honest member stays alive among liars, and what
// it takes for an accusation to be heard at all.
#include "node/core/detector_lab.h"
#include "sim/formed.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

constexpr Generation kOwn{1 << 20};  // the fixture's node

struct Lab : DetectorLab {  // m = 3, k = 2, everybody ranks
  Lab() : DetectorLab(with(6)) {}
  std::uint64_t incarnation() const { return impl.state.self->core->core.at.incarnation.value; }
  void accuse_node(std::size_t by) {
    tell(by, RumorKind::accusation, accusation(by, {{id(0), kOwn, Incarnation{incarnation()}}}));
  }
  int health() const { return impl.state.health.score(); }
  // `subject` refutes what `accuser` says, `times` times, too fast for anything to be forgiven.
  void mute(std::size_t accuser, std::size_t subject, int times = 2) {
    for (int i = 0; i < times; ++i) {
      accuse(accuser, subject);
      REQUIRE(state(subject) == MemberState::suspect);
      move_on(subject);
      REQUIRE(state(subject) == MemberState::alive);
    }
  }
};

}  // namespace

TEST_CASE("refutation: whoever was refuted twice by a member cannot make it suspect alone; with another it counts") {
  Lab lab;
  lab.mute(2, 5);
  lab.accuse(2, 5);
  CHECK(lab.state(5) == MemberState::alive);
  CHECK(lab.member(5).evidence().accusers() == 1);  // held all the same
  lab.pass(3s);  // nor does looking again at what is held
  lab.member(5).own_evidence().drop_witnesses([&](const Witness& w) { return w.accuser == lab.id(0); });
  CHECK(lab.state(5) == MemberState::alive);
  lab.accuse(3, 5);
  CHECK(lab.state(5) == MemberState::suspect);
  CHECK(lab.impl.transitions.judge(lab.member(5)).condemned);
  CHECK(lab.impl.transitions.judge(lab.member(5)).counting == 2);
}

// Who hears of the leaving first takes in nothing that it said, the accused too: so it would never be refuted.
TEST_CASE("refutation: what an accuser said goes with it when it leaves") {
  Lab lab;
  lab.accuse(2, 5);
  REQUIRE(lab.state(5) == MemberState::suspect);
  Core core = lab.member(2).core->whole();
  core.at.incarnation = Incarnation{core.at.incarnation.value + 1};
  core.leaving = true;
  lab.tell(1, RumorKind::core, lab.signed_by(2, SignDomain::core, to_vector(encode_core(core))));
  REQUIRE(lab.state(2) == MemberState::left);
  CHECK(lab.state(5) == MemberState::alive);
  CHECK(lab.member(5).evidence().accusers() == 0);
  lab.accuse(2, 5);
  CHECK(lab.state(5) == MemberState::alive);
}

TEST_CASE("refutation: k muted accusers are heard") {
  Lab lab;
  lab.mute(2, 5);
  lab.mute(3, 5);
  lab.accuse(2, 5);
  CHECK(lab.state(5) == MemberState::alive);
  lab.accuse(3, 5);
  CHECK(lab.state(5) == MemberState::suspect);
}

TEST_CASE("refutation: muting is about one subject, and forgotten with time") {
  Lab lab;
  lab.mute(2, 5);
  lab.accuse(2, 4);
  CHECK(lab.state(4) == MemberState::suspect);
  lab.move_on(4);
  lab.pass(10min + 1s);
  lab.accuse(2, 5);
  CHECK(lab.state(5) == MemberState::suspect);
}

TEST_CASE("refutation: a restart refutes nobody: that process did end") {
  Lab lab;
  for (int i = 0; i < 3; ++i) {
    lab.accuse(2, 5);
    REQUIRE(lab.state(5) == MemberState::suspect);
    lab.move_on(5, true);
    REQUIRE(lab.state(5) == MemberState::alive);
  }
}

TEST_CASE("refutation: one refutation is forgiven sooner than two") {
  Lab lab;
  lab.mute(2, 5, 1);
  lab.pass(10min + 1s);
  lab.mute(2, 5, 1);
  lab.accuse(2, 5);
  CHECK(lab.state(5) == MemberState::suspect);
}

TEST_CASE("refutation: one comes at once, the next is owed until the second is over") {
  Lab lab;
  lab.accuse_node(2);
  CHECK(lab.incarnation() == 2);
  CHECK(lab.count(Event::Kind::refuted) == 1);
  lab.pass(300ms);
  lab.accuse_node(3);
  CHECK(lab.incarnation() == 2);
  lab.pass(699ms);
  CHECK(lab.incarnation() == 2);
  lab.pass(1ms);
  CHECK(lab.incarnation() == 3);
  lab.pass(10s);
  CHECK(lab.incarnation() == 3);
  CHECK(lab.counters().refutations == 2);
}

TEST_CASE("refutation: one that is owed and then settled otherwise, or by leaving, leaves no timer that is due for ever") {
  for (const bool leaves : {false, true}) {
    Lab lab;
    lab.accuse_node(2);
    lab.accuse_node(3);
    REQUIRE(lab.impl.self.next_deadline().has_value());
    lab.act([&](Impl& i) {
      if (leaves) {
        i.state.leaving = true;
        i.self.leave();
      } else {
        i.self.set_metadata(as_bytes("changed"));
      }
    });
    const auto incarnation = lab.incarnation();
    lab.f.advance(1100ms);
    lab.act([](Impl& i) { i.self.on_timer(); });
    CHECK(!lab.impl.self.next_deadline().has_value());
    CHECK(lab.incarnation() == incarnation);
  }
}

TEST_CASE("refutation: it says so at once to whoever asks, and spreads it") {
  Lab lab;
  lab.pass(10s);
  lab.forget();
  Message ping = lab.blank(MessageKind::ping);
  const ByteVector record = lab.accusation(2, {{lab.id(0), kOwn, Incarnation{1}}});
  ping.rumors.push_back({RumorKind::accusation, record, {}});
  lab.say(4, ping);
  const auto acks = lab.said(MessageKind::ack, 4);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].carries(RumorKind::core));
}

TEST_CASE("refutation: whom it has refuted before it refutes again, later each time, at last after a shortest window") {
  Lab lab;
  const auto answered_within = [&](Duration least, Duration most) {
    const auto before = lab.incarnation();
    lab.accuse_node(2);
    lab.pass(least);
    CHECK(lab.incarnation() == before);
    lab.pass(most - least);
    CHECK(lab.incarnation() == before + 1);
  };
  lab.accuse_node(2);
  REQUIRE(lab.incarnation() == 2);
  answered_within(800ms, 1100ms);
  answered_within(1700ms, 2100ms);
  answered_within(3500ms, 4100ms);
  REQUIRE(lab.impl.transitions.window_min() == 4s);
  answered_within(3500ms, 4100ms);  // not eight: a reader that has muted nobody must not run out of its window
  lab.accuse_node(2);
  lab.pass(500ms);
  const auto before = lab.incarnation();
  lab.accuse_node(3);  // for one that it has not refuted, a second is enough
  lab.pass(700ms);
  CHECK(lab.incarnation() == before + 1);
}

TEST_CASE("refutation: one accuser may be wrong; two mean that this node was slow") {
  Lab lab;
  lab.accuse_node(2);
  CHECK(lab.health() == 0);
  lab.pass(200ms);
  lab.accuse_node(3);  // of the new incarnation; waits with the next one
  lab.accuse_node(4);
  CHECK(lab.health() == 0);
  lab.pass(800ms);
  CHECK(lab.incarnation() == 3);
  CHECK(lab.health() == 1);
}

TEST_CASE("refutation: who believes this node to be less than alive is answered with what it can hear") {
  Lab lab;
  lab.accuse_node(2);
  lab.pass(1100ms);
  lab.accuse_node(2);
  lab.pass(1100ms);
  REQUIRE(lab.incarnation() == 3);
  lab.accuse_node(2);  // muted: not refuted for its own sake
  CHECK(lab.incarnation() == 3);
  Message doubt = lab.blank(MessageKind::ping);
  for (const MemberState state : {MemberState::alive, MemberState::suspect}) {
    doubt.belief = {kOwn, Incarnation{3}, state};
    lab.say(4, doubt);
    CHECK(lab.incarnation() == 3);  // one liar's word about a belief is no better
  }
}

TEST_CASE("refutation: nothing is refuted by who leaves") {
  Lab lab;
  lab.act([&](Impl& i) {
    i.state.leaving = true;
    i.self.leave();
  });
  const auto before = lab.incarnation();
  lab.accuse_node(2);
  lab.accuse_node(3);
  lab.pass(2s);
  CHECK(lab.incarnation() == before);
}

TEST_CASE("refutation: a suspect is told who accuses it, by every ping") {
  Lab lab;
  lab.answers.erase(5);
  lab.accuse(2, 5);
  lab.forget();
  REQUIRE(lab.pass_until([&] { return !lab.said(MessageKind::ping, 5).empty(); }, 5s));
  const Heard ping = lab.said(MessageKind::ping, 5).front();
  CHECK(ping.carries(RumorKind::accusation));
  CHECK(ping.belief.state == MemberState::suspect);
}

TEST_CASE("refutation: when its accusations lapse with their epochs a suspect is alive, an accused dead stays dead") {
  for (const bool dead : {false, true}) {
    Lab lab;
    lab.answers.clear();
    lab.accuse(2, 5);
    lab.accuse(3, 5);
    REQUIRE(lab.state(5) == MemberState::suspect);
    if (dead) REQUIRE(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 30s));
    lab.next_epoch(true);
    CHECK(lab.member(5).evidence().accusers() >= 2);
    lab.act([&](Impl& i) { REQUIRE(i.state.ring.retire_through(Epoch{1}).has_value()); });
    CHECK(lab.state(5) == (dead ? MemberState::dead : MemberState::alive));
    CHECK(lab.member(5).evidence().accusers() == 0);
  }
}

TEST_CASE("refutation: a partition heals although both sides hold their accusers for dead") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    sim::World world(seed);
    Config config;
    config.rejoin_interval = 1h;
    sim::start_formed(world, 10, config);
    bool cut = true;
    world.set_reachable([&](std::size_t a, std::size_t b) { return !cut || (a < 5) == (b < 5); });
    world.run_for(180s);
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 5; j < 10; ++j) {
        CHECK(world.state_of(i, j) >= MemberState::unreachable);
        CHECK(world.state_of(j, i) >= MemberState::unreachable);
      }
    }
    cut = false;
    CHECK(world.run_until([&] { return world.all_alive(); }, 120s));
  }
}
