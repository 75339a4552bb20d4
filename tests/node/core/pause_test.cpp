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
  const Instant until = lab.member(subject).doubt->until;
  for (std::size_t i = 1; i < 6; ++i) lab.say(i, lab.blank(MessageKind::want));
  CHECK(lab.counters().gaps == before);
  CHECK(lab.member(subject).doubt->until == until);
}
