// This node's own accusations: what goes under one signature, what never does.
#include "node/core/detector_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

Accusation decoded(const ByteVector& record) {
  const auto a = decode_accusation(Bytes(record).first(record.size() - limits::kSignature));
  REQUIRE(a.has_value());
  return a.value();
}

// The distinct accusations of this node that it holds, by the subjects' evidence.
std::vector<Accusation> own(DetectorLab& lab) {
  std::set<std::shared_ptr<const ByteVector>> records;
  for (std::size_t i = 1; i < lab.size(); ++i) {
    for (const Witness& w : lab.member(i).evidence().witnesses()) {
      if (w.accuser == lab.id(0)) records.insert(w.record);
    }
  }
  std::vector<Accusation> out;
  for (const auto& r : records) out.push_back(decoded(*r));
  return out;
}

void fail(DetectorLab& lab, std::size_t from, std::size_t to) {
  lab.act([&](Impl& i) {
    for (std::size_t m = from; m < to; ++m) i.accuser.accuse(lab.member(m));
  });
}

}  // namespace

TEST_CASE("accuser: findings of a tenth of a second go under one signature, 24 at most, each batch queued once") {
  // m = 3 of 61 with slack: whom this node ranks for is few, so without a defense, where it may accuse anybody.
  FixtureSetup setup = DetectorLab::quiet(61);
  setup.parameters.defense = false;
  DetectorLab lab(setup);
  for (std::size_t i = 1; i < 61; ++i) lab.answers.erase(i);
  const auto queued = lab.impl.state.queue.size();
  fail(lab, 2, 42);
  lab.pass(50ms);
  fail(lab, 42, 60);
  CHECK(lab.counters().accusations_signed == 0);
  lab.pass(49ms);
  CHECK(lab.counters().accusations_signed == 0);
  lab.pass(1ms);
  CHECK(lab.counters().accusations_signed == 3);  // 58 subjects
  CHECK(lab.impl.state.queue.size() == queued + 3);
  std::size_t subjects = 0;
  for (const Accusation& a : own(lab)) {
    CHECK(a.subjects.size() <= limits::kAccusedSubjects);
    CHECK(std::is_sorted(a.subjects.begin(), a.subjects.end()));
    subjects += a.subjects.size();
  }
  CHECK(subjects == 58);
  for (std::size_t i = 2; i < 60; ++i) CHECK(lab.state(i) == MemberState::suspect);
}

TEST_CASE("accuser: who has crashed with many others is accused in few signatures") {
  DetectorLab lab(DetectorLab::quiet(16));  // m + 3 = 6 rank for each
  std::size_t ranked = 0;
  for (std::size_t i = 2; i < 16; ++i) ranked += lab.observes(0, i) ? 1 : 0;
  REQUIRE(ranked >= 3);
  fail(lab, 2, 16);
  lab.pass(100ms);
  CHECK(lab.counters().accusations_signed == 1);
  const auto said = own(lab);
  REQUIRE(said.size() == 1);
  CHECK(said[0].subjects.size() == ranked);
  for (const AccusedSubject& s : said[0].subjects) CHECK(lab.observes(0, lab.index(s.id)));
}

TEST_CASE("accuser: nothing is signed about whom it does not rank for, itself, or twice") {
  DetectorLab lab(DetectorLab::quiet(32));
  const std::size_t unranked = lab.subject(false), ranked = lab.subject(true);
  fail(lab, unranked, unranked + 1);
  fail(lab, 0, 1);
  lab.pass(1s);
  CHECK(lab.counters().accusations_signed == 0);
  CHECK(lab.impl.accuser.owes(lab.member(ranked)));
  fail(lab, ranked, ranked + 1);
  CHECK(!lab.impl.accuser.owes(lab.member(ranked)));
  fail(lab, ranked, ranked + 1);
  lab.pass(1s);
  fail(lab, ranked, ranked + 1);
  lab.pass(1s);
  CHECK(lab.counters().accusations_signed == 1);
  CHECK(own(lab).front().subjects.size() == 1);
}

TEST_CASE("accuser: whoever has moved on before the signature is left out; after it, may be accused again") {
  DetectorLab lab(DetectorLab::quiet(6));
  fail(lab, 2, 4);
  lab.move_on(2);
  lab.pass(100ms);
  REQUIRE(own(lab).size() == 1);
  CHECK(own(lab).front().subjects.size() == 1);
  CHECK(own(lab).front().subjects.front().id == lab.id(3));
  lab.move_on(3, true);
  CHECK(own(lab).empty());
  fail(lab, 3, 4);
  lab.pass(100ms);
  REQUIRE(own(lab).size() == 1);
  CHECK(own(lab).front().subjects.front().generation == Generation{2});
  CHECK(lab.counters().accusations_signed == 2);
}

TEST_CASE("accuser: a finding about a process that has ended meanwhile is not signed") {
  DetectorLab lab(DetectorLab::quiet(6));
  fail(lab, 2, 3);
  lab.move_on(2, true);  // the same incarnation, of another generation
  REQUIRE(lab.member(2).core->core.at.incarnation == Incarnation{1});
  lab.pass(100ms);
  CHECK(lab.counters().accusations_signed == 0);
}

TEST_CASE("accuser: what was found under different epochs goes under different signatures") {
  DetectorLab lab(DetectorLab::quiet(6));
  fail(lab, 2, 3);
  const Epoch next = lab.next_epoch();
  fail(lab, 3, 4);
  lab.pass(100ms);
  CHECK(lab.counters().accusations_signed == 2);
  for (const Accusation& a : own(lab)) {
    REQUIRE(a.subjects.size() == 1);
    const bool early = a.subjects.front().id == lab.id(2);
    CHECK(a.epochs == (early ? std::vector<Epoch>{Epoch{1}} : std::vector<Epoch>{Epoch{1}, next}));
  }
}

TEST_CASE("accuser: all live epochs under which it ranks are named, and it says so again when they change") {
  DetectorLab lab(DetectorLab::quiet(6));
  fail(lab, 2, 3);
  lab.pass(100ms);
  REQUIRE(own(lab).size() == 1);
  CHECK(own(lab).front().epochs == std::vector<Epoch>{Epoch{1}});
  const auto next = lab.next_epoch();
  REQUIRE(lab.impl.state.ring.entries().size() == 2);
  CHECK(lab.impl.accuser.owes(lab.member(2)));  // under the new one it has not spoken
  fail(lab, 2, 4);
  lab.pass(100ms);
  for (const Accusation& a : own(lab)) CHECK(a.epochs == std::vector<Epoch>{Epoch{1}, next});
  CHECK(!lab.impl.accuser.owes(lab.member(2)));
}
