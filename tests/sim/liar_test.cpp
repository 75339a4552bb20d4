// The liar must lie: an adversary that is harmless by mistake would prove anything. Where a test is about the lie and
// not about what stands against it, the defense is off: one accuser is enough then, and nobody is muted.
#include "sim/liar.h"

#include "node/core/support.h"
#include "sim/formed.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

std::uint64_t refused(const sim::World& world) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < world.size(); ++i) {
    const auto& c = world.peek(i).stats().counters;
    sum += c.rumors_bad_signature + c.rumors_refused;
  }
  return sum;
}

}  // namespace

TEST_CASE("a false accusation is well made: all that hear it verify it, and its subject refutes it") {
  sim::World world(1);
  ClusterParameters trusting;
  trusting.defense = false;  // one accuser is enough to suspect
  world.set_parameters(trusting);
  sim::start_formed(world, 6);
  sim::Liar liar(world, 1);
  liar.accuse(3);
  CHECK(liar.told() == 4);  // all but itself and the subject
  world.run_for(10ms);
  CHECK(world.all_see(MemberState::alive, 3) == false);
  CHECK(world.run_until([&] { return world.all_alive(); }, 5s));
  CHECK(world.count(Event::Kind::refuted) == 1);
  CHECK(refused(world) == 0);
}

TEST_CASE("a lie to one reader reaches that reader") {
  sim::World world(2);
  ClusterParameters trusting;
  trusting.defense = false;
  world.set_parameters(trusting);
  sim::start_formed(world, 6);
  sim::Liar liar(world, 1);
  liar.accuse(3, {5});
  CHECK(liar.told() == 1);
  world.run_for(3ms);
  CHECK(world.state_of(3, 5) == MemberState::suspect);
}

TEST_CASE("an accuser without end accuses every incarnation, until it stops, or is no more") {
  sim::World world(3);
  ClusterParameters trusting;
  trusting.defense = false;  // nobody is muted
  world.set_parameters(trusting);
  sim::start_formed(world, 6);
  {
    sim::Liar liar(world, 1);
    liar.keep_accusing(3, 500ms);
    world.run_for(20s);
    CHECK(world.count(Event::Kind::refuted) >= 5);
    CHECK(world.peek(3).stats().incarnation.value >= 5);
    const auto told = liar.told();
    CHECK(told >= 4 * 39);
    liar.stop_accusing();
    world.run_for(5s);
    CHECK(liar.told() == told);
    liar.keep_accusing(3, 500ms);
  }
  world.run_for(5s);
  const auto refuted = world.count(Event::Kind::refuted);
  world.run_for(10s);
  CHECK(world.count(Event::Kind::refuted) == refuted);
}

TEST_CASE("with the defense on it goes on lying, but after two refutations nobody listens") {
  sim::World world(3);
  sim::start_formed(world, 6);
  REQUIRE(world.peek(0).stats().quorum.threshold == 2);
  sim::Liar liar(world, 1);
  REQUIRE(liar.counts_against(3));
  liar.keep_accusing(3, 500ms);
  world.run_for(5s);
  CHECK(world.count(Event::Kind::refuted) <= 3);
  const auto suspected = world.count(Event::Kind::member_suspect);
  CHECK(suspected >= 8);
  const auto told = liar.told();
  world.run_for(60s);
  CHECK(liar.told() >= told + 4 * 119);
  // Who has muted the liar suspects nobody for its word; the accused goes on refuting, ever more seldom, for those that
  // might not have: after 4 s at most here, the shortest window.
  CHECK(world.count(Event::Kind::refuted) >= 10);
  CHECK(world.count(Event::Kind::refuted) <= 20);
  CHECK(world.count(Event::Kind::member_suspect) == suspected);
  CHECK(world.count(Event::Kind::member_dead) == 0);
  for (std::size_t reader = 0; reader < 6; ++reader) {  // what the liar itself makes of its lies is its own affair
    if (reader != 1 && reader != 3) CHECK(world.state_of(3, reader) == MemberState::alive);
  }
}

TEST_CASE("one who was not drawn to watch a member lies about it in vain") {
  sim::World world(7);
  sim::start_formed(world, 40);
  std::size_t drawn = 0, others = 0;
  for (std::size_t i = 1; i < 40; ++i) {
    sim::Liar liar(world, i);
    if (liar.counts_against(0)) {
      ++drawn;
      continue;
    }
    ++others;
    liar.accuse(0);
  }
  world.run_for(10s);
  CHECK(drawn >= world.peek(0).stats().quorum.threshold);
  CHECK(others > 0);
  CHECK(world.count(Event::Kind::member_suspect) == 0);
}

// 0 and 1 reach one another by 2 alone. Streams are cut as well: a probe over TLS would do without relays.
TEST_CASE("who refuses to relay relays nothing, and answers for itself") {
  for (const bool silent : {false, true}) {
    CAPTURE(silent);
    sim::World world(4);
    sim::start_formed(world, 3);
    sim::Liar liar(world, 2);
    if (silent) liar.refuse_relays();
    world.set_reachable([](std::size_t a, std::size_t b) { return a == 2 || b == 2; });
    world.run_for(30s);
    bool suspected = false;
    for (const auto& r : world.events()) {
      if (r.event.kind == Event::Kind::member_suspect) {
        suspected = true;
        CHECK(r.event.id != world.id(2));
      }
    }
    CHECK(suspected == silent);
  }
}

TEST_CASE("who keeps rumors passes nothing on") {
  for (const bool silent : {false, true}) {
    CAPTURE(silent);
    sim::World world(5);
    sim::start_formed(world, 3);
    // 0 and 1 hear of one another by 2 alone; what 0 has to tell gets no farther than 2.
    sim::Liar liar(world, 2);
    if (silent) liar.keep_rumors();
    world.set_reachable([](std::size_t a, std::size_t b) { return a == 2 || b == 2; });
    world.run_for(100ms);
    CHECK(world.core(0).set_metadata(world.now(), as_bytes("news")));
    const auto accepted = [&] { return world.peek(1).stats().counters.rumors_accepted; };
    const auto before = accepted();
    world.run_for(400ms);
    CHECK((accepted() > before) == !silent);
  }
}
