// A relay's side of an indirect probe: whom it tells that no answer came, and when.
#include "node/core/detector_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

struct Lab : DetectorLab {
  Lab() : DetectorLab(quiet(8)) {}
  void ask(std::size_t asker, std::size_t target, std::uint64_t sequence) {
    const ByteVector sealed(60, std::byte{1});
    Message m = blank(MessageKind::relay);
    m.peer = id(target);
    m.sequence = Sequence{sequence};
    m.sealed = sealed;
    say(asker, m);
  }
};

}  // namespace

TEST_CASE("nack: no answer by 80 % of the timeout, and the asker hears of it, by its sequence, once") {
  Lab lab;
  lab.ask(1, 2, 77);
  REQUIRE(lab.said(MessageKind::relayed, 2).size() == 1);
  lab.pass(399ms);
  CHECK(lab.said(MessageKind::nack).empty());
  lab.pass(1ms);
  const auto nacks = lab.said(MessageKind::nack);
  REQUIRE(nacks.size() == 1);
  CHECK(nacks[0].to == 1);
  CHECK(nacks[0].sequence == Sequence{77});
  lab.pass(5s);
  CHECK(lab.said(MessageKind::nack).size() == 1);
  CHECK(lab.counters().nacks_sent == 1);
}

TEST_CASE("nack: an answer that was passed on in time leaves nothing to say; another's does not help") {
  Lab lab;
  lab.ask(1, 2, 77);
  lab.ask(3, 2, 78);
  lab.ask(1, 4, 79);
  lab.ask(2, 1, 0);  // the target's ack, on its way back to the first asker: no sequence, for nobody awaits more
  lab.pass(1s);
  const auto nacks = lab.said(MessageKind::nack);
  REQUIRE(nacks.size() == 2);
  std::set<std::uint64_t> sequences;
  for (const Heard& h : nacks) sequences.insert(h.sequence.value);
  CHECK(sequences == std::set<std::uint64_t>{78, 79});
}

TEST_CASE("nack: what was not forwarded is not awaited; nor is anything after a gap") {
  Lab lab;
  lab.member(2).contact.own().proven.reset();
  lab.ask(1, 2, 77);
  lab.pass(1s);
  CHECK(lab.said(MessageKind::nack).empty());
  lab.ask(1, 3, 78);
  lab.f.advance(10s);
  lab.pass(1s);
  CHECK(lab.said(MessageKind::nack).empty());
}

TEST_CASE("nack: at most so many answers are awaited") {
  Lab lab;
  for (std::uint64_t i = 0; i < 140; ++i) lab.ask(1, 2 + i % 6 , 100 + i);  // 20 a second each
  lab.f.advance(0s);
  const auto forwarded = lab.said(MessageKind::relayed).size();
  CHECK(forwarded == 120);
  lab.pass(390ms);
  CHECK(lab.said(MessageKind::nack).empty());
  lab.pass(10ms);
  CHECK(lab.said(MessageKind::nack).size() == 120);
}
