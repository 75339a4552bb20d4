// What follows from looks: who is hinted, who obeys a hint, how much of that anybody can cause.
#include "node/core/detector_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

// 32 members: m = 7 observers and 3 of slack, k = 4, so that most members do not rank for most others.
constexpr std::size_t kMany = 32;

struct Lab : DetectorLab {
  explicit Lab(std::size_t members = kMany) : DetectorLab(setup_of(members)) {}
  static FixtureSetup setup_of(std::size_t members) {
    FixtureSetup setup = with(members);
    setup.config.stream_probe = false;
    return setup;
  }
  void look(std::size_t at) {
    act([&](Impl& i) { REQUIRE(i.looks.begin(member(at), LookKind::cycle)); });
  }
  // Just after a period of the watch has begun.
  void to_the_period() {
    pass(*impl.watch.next_deadline() - f.now());
    forget();
  }
  std::size_t hints_to(std::size_t to) const { return said(MessageKind::hint, to).size(); }
};

}  // namespace

TEST_CASE("watch: a prober that is no observer signs nothing, and hints all of them") {
  Lab lab;
  const std::size_t subject = lab.subject(false);
  lab.answers.erase(subject);
  lab.look(subject);
  lab.pass(1100ms);
  CHECK(lab.counters().accusations_signed == 0);
  CHECK(lab.state(subject) == MemberState::alive);
  const auto observers = lab.observers_of(subject);
  REQUIRE(observers.size() == 10);
  for (const std::size_t o : observers) {
    REQUIRE(lab.hints_to(o) == 1);
    const Heard hint = lab.said(MessageKind::hint, o).front();
    CHECK(hint.peer == lab.id(subject));
    CHECK(hint.generation == Generation{1});
    CHECK(hint.incarnation == Incarnation{1});
  }
  CHECK(lab.said(MessageKind::hint).size() == 10);
  CHECK(lab.counters().hints_out == 10);
}

TEST_CASE("watch: an observer's own failed probe is its look; it hints whoever has not spoken yet") {
  Lab lab;
  const std::size_t subject = lab.subject(true);
  lab.answers.erase(subject);
  const auto observers = lab.observers_of(subject);
  REQUIRE(observers.size() == 9);
  lab.accuse(observers[0], subject, observers[0]);
  lab.member(observers[1]).contact.own().proven.reset();
  lab.forget();
  lab.look(subject);
  lab.pass(1100ms);
  CHECK(lab.counters().accusations_signed == 1);
  CHECK(lab.hints_to(observers[0]) == 0);  // has accused it
  CHECK(lab.hints_to(observers[1]) == 0);  // nobody knows where it is
  for (std::size_t o = 2; o < 9; ++o) CHECK(lab.hints_to(observers[o]) == 1);
}

TEST_CASE("watch: of whom enough accuse, nobody needs a hint") {
  Lab lab;
  const std::size_t subject = lab.subject(false);
  lab.answers.erase(subject);
  const auto observers = lab.observers_of(subject);
  for (std::size_t o = 0; o < 4; ++o) lab.accuse(observers[o], subject);
  REQUIRE(lab.impl.transitions.judge(lab.member(subject)).condemned);
  lab.look(subject);
  lab.pass(1100ms);
  CHECK(lab.counters().hints_out == 0);
}

TEST_CASE("watch: a hint makes an observer look, and accuse what it has seen itself") {
  for (const bool gone : {true, false}) {
    Lab lab;
    const std::size_t subject = lab.subject(true);
    if (gone) lab.answers.erase(subject);
    const auto pings = lab.said(MessageKind::ping, subject).size();
    lab.hint(1, subject);
    CHECK(lab.said(MessageKind::ping, subject).size() == pings + 1);
    CHECK(lab.counters().verifications == 1);
    CHECK(lab.counters().hints_in == 1);
    CHECK(lab.counters().accusations_signed == 0);  // a hint has no weight
    lab.pass(1200ms);
    CHECK(lab.counters().accusations_signed == (gone ? 1 : 0));
    CHECK(lab.state(subject) == (gone ? MemberState::suspect : MemberState::alive));
    CHECK(lab.counters().hints_out == 0);  // who verifies passes nothing on: hints do not multiply
  }
}

TEST_CASE("watch: who does not rank for the subject does not look for a hint's sake") {
  Lab lab;
  const std::size_t subject = lab.subject(false);
  const auto pings = lab.said(MessageKind::ping, subject).size();
  lab.hint(1, subject);
  CHECK(lab.counters().hints_in == 1);
  CHECK(lab.counters().verifications == 0);
  CHECK(lab.said(MessageKind::ping, subject).size() == pings);
}

TEST_CASE("watch: hints about this node, the sender, strangers and members that left are for nothing") {
  Lab lab(8);
  lab.hint(1, 0);
  lab.hint(2, 2);
  Message m = lab.blank(MessageKind::hint);
  m.peer = lab.id(3);
  m.peer[0] ^= std::byte{1};
  m.generation = Generation{1};
  m.incarnation = Incarnation{1};
  lab.say(3, m);
  CHECK(lab.counters().hints_in == 3);
  CHECK(lab.counters().verifications == 0);
  CHECK(lab.impl.looks.running() == 0);
}

TEST_CASE("watch: one subject a period and sender, three at once; each sender has its own bucket") {
  Lab lab;
  const auto over = [&] { return lab.counters().dropped[static_cast<std::size_t>(DropReason::over_limit)]; };
  const std::size_t unobserved = lab.subject(false);
  for (int i = 0; i < 5; ++i) lab.hint(1, unobserved);
  CHECK(lab.counters().hints_in == 3);
  CHECK(over() == 2);
  lab.hint(3, unobserved);
  CHECK(lab.counters().hints_in == 4);
  lab.pass(1s);
  for (int i = 0; i < 3; ++i) lab.hint(1, unobserved);
  CHECK(lab.counters().hints_in == 5);
  lab.pass(2s);
  for (int i = 0; i < 3; ++i) lab.hint(1, unobserved);
  CHECK(lab.counters().hints_in == 7);
  lab.pass(60s);  // it holds no more than three
  for (int i = 0; i < 5; ++i) lab.hint(1, unobserved);
  CHECK(lab.counters().hints_in == 10);
  CHECK(over() == 7);
}

TEST_CASE("watch: an observer that has accused answers a hint with its accusation, and does not look again") {
  Lab lab;
  const std::size_t subject = lab.subject(true);
  lab.answers.erase(subject);
  lab.hint(1, subject);
  lab.pass(1200ms);
  REQUIRE(lab.counters().accusations_signed == 1);
  lab.pass(300ms);
  lab.forget();
  const auto looked = lab.counters().verifications;
  lab.hint(3, subject);
  CHECK(lab.counters().verifications == looked);
  const auto answer = lab.said(MessageKind::want, 3);
  REQUIRE(answer.size() == 1);
  REQUIRE(answer[0].rumors.size() == 1);
  CHECK(answer[0].rumors[0].first == RumorKind::accusation);
  const ByteVector& record = answer[0].rumors[0].second;
  const auto said = decode_accusation(Bytes(record).first(record.size() - limits::kSignature));
  REQUIRE(said.has_value());
  CHECK(said.value().accuser == lab.id(0));
}

TEST_CASE("watch: others' accusations are no answer to a hint: an observer says what it has seen itself") {
  Lab lab;
  const std::size_t subject = lab.subject(true, 3);
  lab.answers.erase(subject);
  lab.accuse(lab.observers_of(subject).front(), subject);
  lab.forget();
  lab.hint(3, subject);
  CHECK(lab.said(MessageKind::want, 3).empty());
  CHECK(lab.impl.looks.is_running(lab.id(subject), LookKind::verify));
}

TEST_CASE("watch: a hint about a member's past is answered with its core, one about its future not at all") {
  for (const bool restarted : {false, true}) {
    Lab lab;
    const std::size_t subject = lab.subject(true, 3);
    lab.move_on(subject, restarted);
    lab.forget();
    lab.hint(1, subject, 1);
    const auto answer = lab.said(MessageKind::want, 1);
    REQUIRE(answer.size() == 1);
    CHECK(answer[0].carries(RumorKind::core));
    CHECK(lab.counters().verifications == 0);
    lab.hint(2, subject, 7);
    lab.hint(3, subject, 1, 7);
    CHECK(lab.said(MessageKind::want, 2).empty() == !restarted);
    CHECK(lab.said(MessageKind::want, 3).empty());
    CHECK(lab.counters().verifications == 0);
  }
}

TEST_CASE("watch: at most eight looks a period for others' sake, whoever asks") {
  Lab lab(64);  // m = 13: this node ranks for a quarter of them
  for (std::size_t i = 1; i < 64; ++i) lab.answers.erase(i);
  lab.to_the_period();
  const auto before = lab.counters().verifications;
  std::size_t asked = 0;
  for (std::size_t subject = 40; subject > 2; --subject) {
    if (lab.observes(0, subject)) lab.hint(41 + asked++, subject);
  }
  REQUIRE(asked > Watch::kVerificationsPerPeriod);
  CHECK(lab.counters().hints_in == asked);
  CHECK(lab.counters().verifications - before == Watch::kVerificationsPerPeriod);
}

TEST_CASE("watch: a valid accusation is itself a hint to whoever ranks") {
  for (const bool observed : {true, false}) {
    Lab lab;
    const std::size_t subject = lab.subject(observed);
    lab.answers.erase(subject);
    lab.accuse(lab.observers_of(subject).front(), subject);
    CHECK(lab.counters().verifications == (observed ? 1 : 0));
    lab.pass(1200ms);
    CHECK(lab.counters().accusations_signed == (observed ? 1 : 0));
  }
}

TEST_CASE("watch: who comes to rank because others are out of reach looks unprompted") {
  for (std::size_t subject = 2, tried = 0; tried < 2; ++subject) {
    Lab lab;
    if (lab.observes(0, subject)) continue;
    const std::size_t accuser = lab.observers_of(subject).front();
    const auto set = [&](std::size_t i, MemberState state) { lab.impl.state.policy->on_state(lab.id(i), state); };
    // Whom would it take?
    std::vector<std::size_t> lost;
    while (lost.size() < 14 && !lab.observes(0, subject)) {
      lost.push_back(lab.observers_of(subject).at(1));
      set(lost.back(), MemberState::dead);
    }
    const bool ranks = lab.observes(0, subject);
    for (const std::size_t i : lost) set(i, MemberState::alive);
    if (!ranks) continue;
    ++tried;
    lab.answers.erase(subject);
    lab.accuse(accuser, subject);
    REQUIRE(lab.state(subject) == MemberState::suspect);
    lab.pass(1500ms);
    CHECK(lab.counters().verifications == 0);
    for (const std::size_t i : lost) set(i, MemberState::dead);
    lab.pass(1001ms);
    CHECK(lab.counters().verifications == 1);
    lab.pass(1200ms);
    CHECK(lab.counters().accusations_signed == 1);
  }
}

TEST_CASE("watch: no more than eight unprompted looks a period either") {
  Lab lab(64);
  lab.to_the_period();
  const auto before = lab.counters().verifications;
  std::vector<std::size_t> subjects;
  for (std::size_t i = 2; i < 64; ++i) {
    if (lab.observes(0, i)) subjects.push_back(i);
  }
  REQUIRE(subjects.size() > Watch::kVerificationsPerPeriod);
  for (const std::size_t i : subjects) lab.answers.erase(i);
  for (const std::size_t i : subjects) lab.accuse(lab.observers_of(i).front(), i);
  CHECK(lab.counters().verifications - before == Watch::kVerificationsPerPeriod);
  lab.pass(*lab.impl.watch.next_deadline() - lab.f.now() - 1ms);
  CHECK(lab.counters().verifications - before == Watch::kVerificationsPerPeriod);
  lab.pass(2ms);
  CHECK(lab.counters().verifications - before == std::min<std::size_t>(subjects.size(), 16));
}

TEST_CASE("watch: of an Unreachable member the missing accusations are asked for, once a period") {
  Lab lab;
  const std::size_t subject = lab.subject(false);
  lab.answers.erase(subject);
  const auto observers = lab.observers_of(subject);
  lab.accuse(observers[0], subject);
  CHECK(lab.pass_until([&] { return lab.state(subject) == MemberState::unreachable; }, 60s));
  CHECK(lab.counters().wants_for_accusations == 0);
  lab.forget();
  lab.pass(3s);
  CHECK(lab.counters().wants_for_accusations == 3);
  std::size_t asked = 0;
  for (const Heard& h : lab.said(MessageKind::want)) {
    for (const WantItem& w : h.wants) {
      if (w.kind == RumorKind::accusation && w.id == lab.id(subject)) ++asked;
    }
  }
  CHECK(asked == 3);
  for (std::size_t o = 1; o < 4; ++o) lab.accuse(observers[o], subject);
  const auto wants = lab.counters().wants_for_accusations;
  lab.pass(3s);
  CHECK(lab.counters().wants_for_accusations == wants);  // there is nothing missing
}

TEST_CASE("watch: of the dead, what lapses with its epoch is replaced by who ranks, and nobody is woken") {
  Lab lab(6);
  lab.answers.erase(5);
  lab.accuse(2, 5);
  lab.accuse(3, 5);
  REQUIRE(lab.pass_until([&] { return lab.state(5) == MemberState::dead; }, 30s));
  lab.pass(3s);
  const auto looked = lab.counters().verifications, accused = lab.counters().accusations_signed;
  lab.pass(3s);
  CHECK(lab.counters().verifications == looked);  // nothing is missing
  lab.accuse(4, 5);
  CHECK(lab.member(5).evidence().accusers() == 3);  // this node, and two: of one that is dead no more are held
  lab.member(5).own_evidence().drop_witnesses([](const Witness&) { return true; });
  lab.pass(3s);
  CHECK(lab.counters().verifications == looked + 1);
  CHECK(lab.counters().accusations_signed == accused + 1);
  lab.accuse(4, 5);
  CHECK(lab.member(5).evidence().accusers() == 2);
  CHECK(lab.state(5) == MemberState::dead);
  CHECK(lab.count(Event::Kind::member_dead) == 1);
}

TEST_CASE("watch: an accuser that could never come to count is not even checked") {
  Lab lab(120);
  std::size_t far = 0;
  for (std::size_t accuser = 3; accuser < 120; ++accuser) {
    Witness w;
    w.accuser = lab.id(accuser);
    w.epochs = {Epoch{1}};
    if (lab.impl.state.policy->is_worth_holding(lab.id(2), w)) continue;
    ++far;
    const auto checks = lab.counters().signature_checks;
    lab.accuse(accuser, 2);
    CHECK(lab.counters().signature_checks == checks);
  }
  CHECK(far > 0);
  CHECK(lab.member(2).evidence().accusers() == 0);
}

TEST_CASE("watch: asked for accusations, a node gives all that it holds") {
  Lab lab;
  const std::size_t subject = lab.subject(false);
  const auto observers = lab.observers_of(subject);
  for (std::size_t o = 0; o < 3; ++o) lab.accuse(observers[o], subject);
  lab.forget();
  Message want = lab.blank(MessageKind::want);
  want.wants.push_back({RumorKind::accusation, lab.id(subject), 0});
  lab.say(1, want);
  const auto answer = lab.said(MessageKind::want, 1);
  REQUIRE(!answer.empty());
  CHECK(answer[0].rumors.size() == 3);
}
