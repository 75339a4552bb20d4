// Revocations are not lost: on disk, across restarts and partitions, and the same set everywhere in the end.
#include "revocation_lab.h"
#include "sim/authority.h"

using namespace quorumor;
using quorumor::sim::World;
using namespace quorumor::test;

TEST_CASE("a revoked node that restarts with its disk, or with the record on it, does not come back") {
  World world(5);
  form_cluster(world, 5);
  world.crash(4);
  REQUIRE_FALSE(sim::revoke(world, 4, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 4); }, 2s));
  for (int boot = 0; boot < 2; ++boot) {  // the second time it knows from its own disk
    world.clear_events();
    world.start(4);
    world.run_for(3s);
    CHECK(world.count(Event::Kind::revoked) == 1);
    CHECK(world.all_see(MemberState::evicted, 4));
    CHECK(world.count(Event::Kind::member_alive) <= 4);  // as it sees the others
    world.crash(4);
  }
}

TEST_CASE("two sides of a partition that revoke different members heal to the union") {
  World world(6);
  form_cluster(world, 10);
  world.set_reachable([](World::Index a, World::Index b) { return (a < 5) == (b < 5); });
  REQUIRE_FALSE(sim::revoke(world, 1, 0).has_value());
  REQUIRE_FALSE(sim::revoke(world, 8, 9).has_value());
  world.run_for(20s);
  world.crash(1);  // they are silent, and learn nothing more
  world.crash(8);
  CHECK(world.peek(2).verdicts().revocations() == 1);
  CHECK(world.peek(7).verdicts().revocations() == 1);
  world.set_reachable(nullptr);
  CHECK(world.run_until([&] { return world.all_see(MemberState::evicted, 1) && world.all_see(MemberState::evicted, 8); },
                        120s));
  CHECK(world.peek(2).verdicts().sum() == world.peek(7).verdicts().sum());
}

TEST_CASE("members that differ in a revocation alone sync, and those that agree on it do not") {
  World world(7);
  form_cluster(world, 6);
  const auto nobody = world.add(test::spec("nobody", {0}));  // admitted, never started
  const ByteVector record = sim::sign_revocation(world, nobody);
  // It is told to one member and its rumor is lost: only the digest can show the difference.
  offer(world, 2, RumorKind::revocation, record);
  CoreAccess::impl(world.core(2)).state.queue.erase_about(world.id(nobody));
  CHECK(world.run_until([&] { return all_hold(world, 1, nobody); }, 90s));
  world.run_for(120s);  // syncs that were begun meanwhile end
  std::uint64_t syncs = 0, later = 0;
  for (World::Index i = 0; i < 6; ++i) syncs += world.peek(i).stats().counters.syncs;
  world.run_for(180s);
  for (World::Index i = 0; i < 6; ++i) later += world.peek(i).stats().counters.syncs;
  CHECK(later == syncs);
}

TEST_CASE("members that came to know an evicted one in different ways agree in their digests") {
  World world(8);
  form_cluster(world, 5);
  REQUIRE_FALSE(sim::revoke(world, 4, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 4); }, 2s));
  world.crash(4);
  const auto late = world.add(test::spec("late", {1}));
  world.start(late);
  world.run_for(10s);
  CHECK(world.state_of(4, late) == MemberState::evicted);  // its credential is known, its claims never are
  CHECK(state(world, late).table.sum() == state(world, 0).table.sum());
  CHECK(state(world, late).verdicts.sum() == state(world, 0).verdicts.sum());
}

TEST_CASE("a revocation is on disk at once where an operator gives it, and soon where it is heard of") {
  World world(17);
  form_cluster(world, 3);
  bool before_sending = false;
  world.act(0, [&](NodeCore& core) {
    const auto outputs = core.revoke(world.now(), sim::sign_revocation(world, 2));
    for (const Output& o : outputs.value()) {
      const auto* p = std::get_if<Persist>(&o);
      if (p != nullptr && p->what == Persist::What::verdicts) before_sending = p->before_sending;
    }
    return outputs.value();
  });
  CHECK(before_sending);
  world.run_for(2s);
  world.crash(0);
  world.crash(1);
  world.set_reachable([](World::Index, World::Index) { return false; });  // nobody to ask
  world.start(0);
  world.start(1);
  CHECK(world.peek(0).verdicts().revocations() == 1);
  CHECK(world.peek(1).verdicts().revocations() == 1);
}

TEST_CASE("of a burst of revocations all are told, and the file is written once a second") {
  World world(18);
  form_cluster(world, 4);
  constexpr std::size_t kMany = 300;
  std::vector<ByteVector> records;
  for (std::size_t i = 0; i < kMany; ++i) records.push_back(sim::sign_revocation(world, 3, {}, Serial{1'000 + i}));
  std::size_t writes = 0;
  world.crash(3);
  for (const ByteVector& record : records) {
    world.act(0, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(world.now());
      impl.intake.take({RumorKind::revocation, record, {}});
      const auto outputs = impl.end();
      for (const Output& o : outputs) writes += std::holds_alternative<Persist>(o) ? 1 : 0;
      return outputs;
    });
  }
  CHECK(writes <= 1);
  CHECK(world.run_until([&] { return all_hold(world, kMany, 3); }, 60s));
  world.run_for(2s);
  for (World::Index i = 0; i < 3; ++i) world.crash(i);
  for (World::Index i = 0; i < 3; ++i) world.start(i);
  CHECK(all_hold(world, kMany, 3));
  CHECK(world.peek(1).verdicts().revoked_through(world.id(3)) == Serial{1'000 + kMany - 1});
}

TEST_CASE("restarts of everybody at once forget no revocation") {
  World world(15);
  form_cluster(world, 6);
  REQUIRE_FALSE(sim::revoke(world, 5, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 5); }, 2s));
  world.run_for(15s);  // snapshots
  for (World::Index i = 0; i < 6; ++i) world.crash(i);
  world.clear_events();
  for (World::Index i = 0; i < 5; ++i) world.start(i);
  world.run_for(10s);
  CHECK(world.all_see(MemberState::evicted, 5));
  CHECK(world.all_alive());
  for (World::Index i = 0; i < 5; ++i) CHECK(world.peek(i).verdicts().revocations() == 1);
}
