// What stands between an accused member and its death: a full window of this reader's own, and its own last look.
#include "node/core/detector_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

// Six members: m = 3, k = 2; everybody ranks for everybody. The window: 24 s, or 4 s once two accuse.
struct Lab : DetectorLab {
  explicit Lab(std::size_t synced = CoreState::kSyncsToDeclare) : DetectorLab(setup(), synced) {}
  static FixtureSetup setup() {
    FixtureSetup out = with(6);
    out.config.stream_probe = false;
    return out;
  }
  // Enough accuse member 5; none of this node's own looks are among it.
  void condemn(std::size_t subject = 5) {
    accuse(2, subject, 2);
    accuse(3, subject, 3);
    REQUIRE(impl.transitions.judge(member(subject)).condemned);
    REQUIRE(state(subject) == MemberState::suspect);
  }
  bool looking(std::size_t subject = 5) { return impl.looks.is_running(id(subject), LookKind::last); }
};

}  // namespace

TEST_CASE("last look: accused by enough and silent, a member is dead after its window, and not before") {
  Lab lab;
  lab.answers.erase(5);
  const Instant began = lab.f.now();
  lab.condemn();
  lab.forget();
  CHECK(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 30s));
  CHECK(lab.f.now() - began >= 4s);
  CHECK(lab.f.now() - began < 4s + 20ms);
  CHECK(lab.counters().last_looks == 1);
  CHECK(lab.count(Event::Kind::member_dead, lab.id(5)) == 1);
  CHECK(lab.count(Event::Kind::member_unreachable) == 0);
  CHECK(lab.reason(Event::Kind::member_dead).find("last look unanswered") != std::string::npos);
}

TEST_CASE("last look: it begins in the window's last second, at a moment that differs, and takes its time") {
  std::set<std::int64_t> moments;
  for (int round = 0; round < 12; ++round) {
    Lab lab;
    for (int i = 0; i < round; ++i) lab.impl.state.secret_rng.below(10);
    lab.answers.erase(5);
    const Instant began = lab.f.now();
    lab.condemn();
    REQUIRE(lab.pass_until([&] { return lab.looking(); }, 30s));
    const Duration after = lab.f.now() - began;
    CHECK(after >= 3s);
    CHECK(after <= 3500ms);
    moments.insert(after.count());
    // A ping and two relays at once, with an accusation to refute.
    const Instant now = lab.f.now();
    std::size_t relays = 0;
    for (const Heard& h : lab.said(MessageKind::relay)) relays += h.at == now && h.peer == lab.id(5) ? 1 : 0;
    CHECK(relays == 2);
    const auto pings = lab.said(MessageKind::ping, 5);
    REQUIRE(!pings.empty());
    CHECK(pings.back().at == now);
    CHECK(pings.back().carries(RumorKind::accusation));
    CHECK(pings.back().belief.state == MemberState::suspect);
    lab.pass(490ms);
    CHECK(lab.looking());
    CHECK(lab.state(5) == MemberState::suspect);
  }
  CHECK(moments.size() >= 10);
}

TEST_CASE("last look: the condition was met late in the window: the look begins at once, the window waits for it") {
  Lab lab;
  lab.answers.erase(5);
  lab.accuse(2, 5, 2);
  lab.member(5).own_evidence().drop_witnesses([&](const Witness& w) { return w.accuser == lab.id(0); });
  // Only one accuses for long: this node's own looks would be another, so it is kept from them.
  lab.act([&](Impl& i) { i.looks.on_gap(); });
  while (lab.f.now() - lab.member(5).doubt()->since < 10s) {
    lab.pass(100ms);
    lab.act([&](Impl& i) { i.looks.on_gap(); });
  }
  REQUIRE(lab.state(5) == MemberState::suspect);
  REQUIRE(lab.counters().last_looks == 0);
  lab.accuse(3, 5, 3);
  CHECK(lab.looking());
  CHECK(lab.state(5) == MemberState::suspect);
  lab.pass(499ms);
  CHECK(lab.state(5) == MemberState::suspect);
  lab.pass(2ms);
  CHECK(lab.state(5) == MemberState::dead);
}

TEST_CASE("last look: a subject that answers is never dead, however many accuse it: Unreachable after two deferrals") {
  Lab lab;
  const Instant began = lab.f.now();
  lab.condemn();
  for (const std::size_t liar : {1U, 4U}) lab.accuse(liar, 5, liar);
  CHECK(lab.pass_until([&] { return lab.state(5) == MemberState::unreachable; }, 60s));
  CHECK(lab.f.now() - began >= 12s);  // the window, and twice the least more
  CHECK(lab.f.now() - began < 13s);
  CHECK(lab.member(5).doubt()->deferrals == 2);
  CHECK(lab.counters().last_looks == 3);
  CHECK(lab.reason(Event::Kind::member_unreachable) == "accused by enough, but it answered our last look");
  lab.pass(120s);  // it is looked at again and again, and answers
  CHECK(lab.counters().wants_for_accusations == 0);  // there are enough
  CHECK(lab.count(Event::Kind::member_dead) == 0);
  CHECK(lab.state(5) == MemberState::unreachable);
  CHECK(lab.counters().last_looks > 10);
  lab.move_on(5);
  CHECK(lab.state(5) == MemberState::alive);
  CHECK(lab.member(5).doubt() == nullptr);
}

TEST_CASE("last look: an answer over a relay saves as well") {
  Lab lab;
  lab.answers.erase(5);
  lab.condemn();
  REQUIRE(lab.pass_until([&] { return lab.looking(); }, 30s));
  const Heard ping = lab.said(MessageKind::ping, 5).back();
  lab.relayed_ack(4, 5, ping.sequence);
  CHECK(!lab.looking());
  lab.pass(1s);
  CHECK(lab.state(5) == MemberState::suspect);
  CHECK(lab.member(5).doubt()->deferrals == 1);
}

TEST_CASE("last look: any word of the subject after the k-th accusation defers, twice and no more") {
  Lab lab;
  lab.answers.erase(5);
  const Instant began = lab.f.now();
  lab.condemn();
  // It speaks, and yet answers no ping: somebody replays nothing, its way in is cut.
  while (lab.state(5) == MemberState::suspect && lab.f.now() - began < 60s) {
    lab.pass(200ms);
    lab.say(5, lab.blank(MessageKind::want));
  }
  CHECK(lab.state(5) == MemberState::dead);
  CHECK(lab.member(5).doubt()->deferrals == 2);
  CHECK(lab.f.now() - began >= 12s);
  CHECK(lab.f.now() - began < 13s);
}

TEST_CASE("last look: one word defers once") {
  Lab lab;
  lab.answers.erase(5);
  const Instant began = lab.f.now();
  lab.condemn();
  lab.pass(1s);
  lab.say(5, lab.blank(MessageKind::want));
  CHECK(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 60s));
  CHECK(lab.member(5).doubt()->deferrals == 1);
  CHECK(lab.f.now() - began >= 8s);
  CHECK(lab.f.now() - began < 9s);
  CHECK(lab.counters().last_looks == 2);  // each window has its own
}

TEST_CASE("last look: whom too few accuse is Unreachable on time, whatever it says") {
  DetectorLab lab(32);
  const std::size_t subject = lab.subject(false);
  lab.accuse(lab.observers_of(subject).front(), subject);
  const Duration most = lab.impl.transitions.window_min() * 6;
  const Instant began = lab.f.now();
  while (lab.state(subject) == MemberState::suspect && lab.f.now() - began < 2 * most) {
    lab.pass(200ms);
    lab.say(subject, lab.blank(MessageKind::want));
  }
  CHECK(lab.state(subject) == MemberState::unreachable);
  CHECK(lab.f.now() - began < most + 1s);
  CHECK(lab.member(subject).doubt()->deferrals == 0);
}

TEST_CASE("last look: words from before the k-th accusation defer nothing") {
  Lab lab;
  lab.answers.erase(5);
  lab.accuse(2, 5, 2);
  lab.say(5, lab.blank(MessageKind::want));
  lab.pass(1ms);
  lab.accuse(3, 5, 3);
  CHECK(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 60s));
  CHECK(lab.member(5).doubt()->deferrals == 0);
}

TEST_CASE("last look: one accuser is not enough; a failed look alone leaves it Unreachable with the reason") {
  FixtureSetup setup = DetectorLab::with(32);  // k = 4
  setup.config.stream_probe = false;
  DetectorLab lab(setup);
  const std::size_t subject = lab.subject(false);
  lab.answers.erase(subject);
  lab.accuse(lab.observers_of(subject).front(), subject);
  const Instant began = lab.f.now();
  CHECK(lab.pass_until([&] { return lab.state(subject) == MemberState::unreachable; }, 60s));
  const Duration most = lab.impl.transitions.window_min() * 6;
  CHECK(lab.f.now() - began >= most - 1ms);
  CHECK(lab.f.now() - began <= most + 1s);
  CHECK(lab.counters().last_looks == 0);  // it would change nothing
  CHECK(lab.reason(Event::Kind::member_unreachable) ==
        "no refutation in time, but only 1 of 4 accusers needed");
  lab.pass(120s);
  CHECK(lab.state(subject) == MemberState::unreachable);
  // The rest arrives late: looked at at once, then dead.
  const auto observers = lab.observers_of(subject);
  for (std::size_t o = 1; o < 4; ++o) lab.accuse(observers[o], subject);
  CHECK(lab.impl.looks.is_running(lab.id(subject), LookKind::last));
  lab.pass(600ms);
  CHECK(lab.state(subject) == MemberState::dead);
}

TEST_CASE("last look: further accusers shorten the window, on a log scale") {
  FixtureSetup setup = DetectorLab::with(32);
  setup.config.stream_probe = false;
  DetectorLab lab(setup);
  const std::size_t subject = lab.subject(false);
  lab.answers.erase(subject);
  const auto observers = lab.observers_of(subject);
  const double least = std::chrono::duration<double>(lab.impl.transitions.window_min()).count();
  const double expected[] = {6.0, 3.5, 2.04, 1.0};  // 6 - 5 ln(C + 1) / ln 4
  for (std::size_t o = 0; o < 4; ++o) {
    lab.accuse(observers[o], subject);
    const auto& d = *lab.member(subject).doubt();
    CHECK(std::chrono::duration<double>(d.until - d.since).count() == doctest::Approx(expected[o] * least).epsilon(0.01));
  }
}

TEST_CASE("last look: the dead stay dead until they speak for themselves anew") {
  Lab lab;
  lab.answers.erase(5);
  lab.condemn();
  REQUIRE(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 30s));
  lab.answers.insert(5);
  lab.tell(1, RumorKind::core, lab.f.person(5).core_record);
  lab.say(5, lab.blank(MessageKind::want));
  lab.act([&](Impl& i) {
    lab.member(5).own_evidence().drop_witnesses([](const Witness&) { return true; });
    i.transitions.on_ring();
  });
  lab.pass(60s);
  CHECK(lab.state(5) == MemberState::dead);
  lab.move_on(5);
  CHECK(lab.state(5) == MemberState::alive);
  CHECK(lab.impl.state.live == 6);
}

TEST_CASE("last look: the dead come back by a new process as well") {
  Lab lab;
  lab.answers.erase(5);
  lab.condemn();
  REQUIRE(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 30s));
  lab.move_on(5, true);
  CHECK(lab.state(5) == MemberState::alive);
}

TEST_CASE("last look: before it has synced with three, a node declares nobody dead") {
  for (std::size_t synced = 0; synced < CoreState::kSyncsToDeclare; ++synced) {
    Lab lab(synced);
    lab.answers.erase(5);
    lab.condemn();
    lab.pass(60s);
    CHECK(lab.state(5) == MemberState::unreachable);
    CHECK(lab.counters().last_looks == 0);
    CHECK(lab.reason(Event::Kind::member_unreachable) ==
          "accused by enough, but this node has not synced with enough members yet");
    while (lab.impl.state.synced_with.size() < CoreState::kSyncsToDeclare) {
      lab.impl.state.note_synced(lab.id(lab.impl.state.synced_with.size() + 1));
    }
    lab.pass(10s);
    CHECK(lab.state(5) == MemberState::dead);
  }
}

TEST_CASE("last look: past 2m lost observers there is no quorum, and that is what is said") {
  FixtureSetup setup = DetectorLab::with(16);
  setup.config.stream_probe = false;
  DetectorLab lab(setup);
  const std::size_t subject = lab.subject(false);
  lab.answers.erase(subject);
  lab.accuse(lab.observers_of(subject).front(), subject);
  lab.act([&](Impl& i) {
    for (std::size_t lost = 2; lost < 16; ++lost) {
      if (lost != subject) i.state.policy->on_state(lab.id(lost), MemberState::dead);
    }
  });
  REQUIRE(!lab.impl.transitions.judge(lab.member(subject)).quorum);
  CHECK(lab.pass_until([&] { return lab.state(subject) == MemberState::unreachable; }, 60s));
  CHECK(lab.reason(Event::Kind::member_unreachable).find("no quorum") == 0);
}

TEST_CASE("last look: with no way to reach it, it counts as failed") {
  Lab lab;
  lab.answers.erase(5);
  lab.condemn();
  lab.member(5).contact.own().proven.reset();
  lab.member(5).body.reset();
  CHECK(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 30s));
}
