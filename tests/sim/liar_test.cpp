// The liar must lie: an adversary that is harmless by mistake would prove anything.
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

TEST_CASE("who refuses to relay relays nothing, and answers for itself") {
  for (const bool silent : {false, true}) {
    CAPTURE(silent);
    sim::World world(4);
    sim::start_formed(world, 3);
    sim::Liar liar(world, 2);
    if (silent) liar.refuse_relays();
    // 0 and 1 reach one another by 2 alone.
    world.set_loss(0, 1, sim::World::kAll);
    world.set_loss(1, 0, sim::World::kAll);
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
