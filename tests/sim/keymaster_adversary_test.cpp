// Keymasters that misuse their office.
#include "sim/adversary_lab.h"

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("keymaster-withholder: nobody speaks under an epoch whose key nobody gets; nothing is lost") {
  AdversaryLab lab(6);
  const auto liar = lab.begin("keymaster-withholder", by({0}));
  lab.world.run_for(30s);
  CHECK(liar->acts() > 5);  // questions that it did not answer
  const auto joiner = lab.join_by({0, 1});
  lab.world.run_for(10s);
  for (std::size_t i = 1; i < 7; ++i) {
    const std::size_t node = i < 6 ? i : joiner;
    CHECK(lab.world.peek(node).stats().epoch == Epoch{1});
    CHECK(lab.world.peek(node).ring().newest()->epoch() == Epoch{2});
    CHECK(lab.counters(node).keys_requested > 0);
  }
  CHECK(lab.world.all_alive());
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  liar->stop();
  CHECK(lab.world.run_until([&] {
    for (std::size_t i = 0; i < 6; ++i) {
      if (lab.world.peek(i).stats().epoch != Epoch{2}) return false;
    }
    return true;
  }, 60s));
}

TEST_CASE("keymaster-withholder: without the role it announces nothing") {
  AdversaryLab lab(6);
  const auto liar = lab.begin("keymaster-withholder", by({1}));
  lab.world.run_for(10s);
  CHECK(liar->acts() == 0);
}

TEST_CASE("keymaster-thrasher: members follow at their own pace, and nobody is lost") {
  AdversaryLab lab(6);
  const auto liar = lab.begin("keymaster-thrasher", by({0}, {}, 5));
  lab.world.run_for(30s);
  CHECK(liar->acts() > 10);
  const auto epoch = lab.world.peek(3).stats().epoch;
  MESSAGE("in 30 s it began " << liar->acts() << " epochs; another is at " << epoch.value << ", suspicions "
                              << lab.world.count(Event::Kind::member_suspect));
  CHECK(epoch.value > 1);
  CHECK(lab.world.count(Event::Kind::member_dead) == 0);
  liar->stop();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 120s));
}
