// Coming back: with a disk, without one, all at once, and the cases where somebody else is us.
#include "node/core/support.h"

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("a restarted member is alive everywhere within 3 s, with a higher generation") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    sim::World world(seed);
    form_cluster(world, 5);
    const Generation before = world.core(2).stats().generation;
    world.crash(2);
    REQUIRE(world.run_until([&] { return world.all_see(MemberState::dead, 2); }, 20s));
    world.start(2);
    CHECK(world.run_until([&] { return world.all_alive(); }, 3s));
    CHECK(world.core(2).stats().generation > before);
  }
}

TEST_CASE("a restart faster than its detection confuses nobody") {
  sim::World world(4);
  form_cluster(world, 5);
  world.crash(1);
  world.run_for(300ms);
  world.start(1);
  CHECK(world.run_until([&] { return world.all_alive() && world.core(1).stats().joined; }, 3s));
  world.run_for(30s);
  CHECK(world.count(Event::Kind::member_dead) == 0);
  CHECK(world.all_alive());
}

TEST_CASE("the bootstrap node restarts into its own cluster without a seed") {
  sim::World world(6);
  form_cluster(world, 4);
  world.run_for(15s);  // a snapshot is on disk
  world.crash(0);
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::dead, 0); }, 20s));
  world.start(0, true);  // the same command line as before: --bootstrap is a no-op now
  CHECK(world.run_until([&] { return world.all_alive(); }, 5s));
  CHECK(world.core(0).stats().epoch == Epoch{1});
}

TEST_CASE("the whole cluster restarts at once and finds itself from its snapshots") {
  sim::World world(8);
  form_cluster(world, 6);
  world.run_for(15s);
  for (std::size_t i = 0; i < 6; ++i) world.crash(i);
  world.run_for(60s);
  for (std::size_t i = 0; i < 6; ++i) world.start(i);
  CHECK(world.run_until([&] { return world.all_alive(); }, 10s));
  world.run_for(20s);
  CHECK(world.all_alive());
}

TEST_CASE("a member that lost its disk, and whose clock was once ahead, takes a generation above its own past") {
  sim::World world(13);
  form_cluster(world, 4);
  const Generation before = world.core(3).stats().generation;
  world.crash(3);
  world.wipe_disk(3);
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::dead, 3); }, 20s));
  world.set_wall_offset(3, -std::chrono::hours{1});  // boots with a lower wall clock than last time
  world.start(3);
  CHECK(world.run_until([&] { return world.all_alive(); }, 5s));
  CHECK(world.core(3).stats().generation > before);
  CHECK(world.count(Event::Kind::clone_alarm) == 0);
}

TEST_CASE("two processes with one identity: the one that meets the other falls silent") {
  sim::World world(14);
  form_cluster(world, 4);
  const auto twin = world.add_clone_of(2);
  world.start(twin);
  CHECK(world.run_until([&] { return world.count(Event::Kind::clone_alarm) >= 1; }, 300s));
  for (const auto& r : world.events()) {
    if (r.event.kind == Event::Kind::clone_alarm) CHECK((r.node == 2 || r.node == twin));
  }
}

TEST_CASE("floors: an older claim of a member is never believed again, whatever was restarted") {
  sim::World world(15);
  world.set_capture(true);
  form_cluster(world, 3);
  world.run_for(15s);
  const auto old_traffic = world.captured();
  world.crash(2);
  world.run_for(2s);
  world.start(2);
  REQUIRE(world.run_until([&] { return world.all_alive(); }, 10s));
  const auto generation = world.core(2).stats().generation;
  world.crash(0);
  world.run_for(1s);
  world.start(0);
  REQUIRE(world.run_until([&] { return world.core(0).stats().joined && world.all_alive(); }, 10s));
  for (const auto& c : old_traffic) {
    if (c.to == world.endpoint(0)) world.inject(0, c.from, c.datagram);
  }
  world.run_for(1s);
  world.core(0).for_each_member([&](const MemberView& m) {
    if (m.id == world.id(2)) CHECK(m.at.generation == generation);
  });
}
