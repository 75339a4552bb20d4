// The main job in virtual time: a cluster forms, notices a crash, says goodbye, keeps quiet when nothing happens.
#include "node/core/support.h"

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("five nodes see each other alive within 3 s of the last start, for many seeds") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim::World world(seed);
    start_cluster(world, 5);
    CHECK(world.run_until([&] { return world.all_alive(); }, 3s));
    CHECK(world.count(Event::Kind::joined) == 5);
  }
}

TEST_CASE("a crash is noticed by every survivor, and nobody else is suspected") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    sim::World world(seed);
    form_cluster(world, 5);
    world.crash(3);
    const Instant crashed = world.now();
    CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 3); }, 14s));
    CHECK(world.now() - crashed > 4s);  // the suspect had its window
    for (const auto& r : world.events()) {
      if (r.event.kind == Event::Kind::member_suspect || r.event.kind == Event::Kind::member_dead) {
        CHECK(r.event.id == world.id(3));
      }
    }
  }
}

TEST_CASE("twenty idle minutes without a suspicion or a sync") {
  sim::World world(7);
  form_cluster(world, 5);
  const std::size_t before = world.events().size();
  const auto syncs = world.core(0).stats().counters.syncs;
  world.run_for(20min);
  CHECK(world.events().size() == before);
  CHECK(world.core(0).stats().counters.syncs == syncs);
  CHECK(world.core(0).stats().health == 0);
  CHECK(world.core(0).stats().queued_rumors == 0);
}

TEST_CASE("with a fifth of all datagrams lost, the cluster forms and a crash is still noticed") {
  sim::World world(11);
  world.set_loss(200'000);
  start_cluster(world, 8);
  CHECK(world.run_until([&] { return world.all_alive(); }, 20s));
  world.crash(5);
  CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 5); }, 60s));
}

TEST_CASE("bodies that loss kept away are asked for: every member can be reached in the end") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    sim::World world(seed);
    start_cluster(world, 6);
    world.run_until([&] { return world.all_alive(); }, 10s);
    // A change of everybody's body, while most of the gossip that carries it is lost.
    world.set_loss(700'000);
    for (std::size_t i = 0; i < 6; ++i) CHECK(world.core(i).set_metadata(world.now(), as_bytes("new")));
    world.run_for(2s);
    world.set_loss(0);
    world.run_for(60s);
    for (std::size_t i = 0; i < 6; ++i) {
      std::size_t reachable = 0;
      world.core(i).for_each_member([&](const MemberView& m) {
        reachable += m.endpoints != nullptr && as_text(m.metadata) == "new" ? 1 : 0;
      });
      CHECK(reachable == 6);
    }
  }
}

TEST_CASE("a pause shorter than the window is refuted, and costs nobody's life") {
  sim::World world(3);
  form_cluster(world, 5);
  world.set_pause(2, true);
  CHECK(world.run_until([&] { return world.count(Event::Kind::member_suspect) > 0; }, 15s));
  world.set_pause(2, false);
  CHECK(world.run_until([&] { return world.all_alive(); }, 5s));
  CHECK(world.count(Event::Kind::member_dead) == 0);
  CHECK(world.count(Event::Kind::refuted) >= 1);
  CHECK(world.core(2).stats().incarnation.value >= 2);
}

TEST_CASE("a member that was cut off and declared dead comes back by itself") {
  sim::World world(5);
  form_cluster(world, 4);
  bool cut = true;
  world.set_reachable([&](std::size_t a, std::size_t b) { return !cut || ((a == 3) == (b == 3)); });
  CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 3); }, 30s));
  cut = false;
  CHECK(world.run_until([&] { return world.all_alive(); }, 60s));
}

TEST_CASE("a partition heals by pings to the dead alone, without a seed to dial") {
  sim::World world(6);
  for (std::size_t i = 0; i < 4; ++i) {
    auto s = spec("n" + std::to_string(i), i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
    s.config.rejoin_interval = 1h;
    world.add(s);
  }
  world.start(0, true);
  world.run_for(100ms);
  for (std::size_t i = 1; i < 4; ++i) world.start(i);
  REQUIRE(world.run_until([&] { return world.all_alive(); }, 10s));
  world.run_for(5s);
  bool cut = true;
  world.set_reachable([&](std::size_t a, std::size_t b) { return !cut || ((a == 3) == (b == 3)); });
  // On both sides, so that neither still probes the other as a live member. The one that is alone is one witness of
  // two that it takes: it finds the others out of reach, and declares nobody.
  const auto apart = [&] {
    const auto lost = [&](std::size_t i) { return world.state_of(i, 3) == MemberState::unreachable; };
    return world.state_of(3, 0) == MemberState::dead && world.state_of(3, 1) == MemberState::dead &&
           world.state_of(3, 2) == MemberState::dead && lost(0) && lost(1) && lost(2);
  };
  REQUIRE(world.run_until(apart, 180s));
  cut = false;
  CHECK(world.run_until([&] { return world.all_alive(); }, 120s));
}

TEST_CASE("leaving is told to all, acknowledged, and is not a failure") {
  sim::World world(9);
  form_cluster(world, 5);
  world.leave(4);
  CHECK(world.run_until([&] { return world.count(Event::Kind::left) == 1; }, 5s));
  CHECK(world.events().back().event.reason == "acknowledged");
  world.crash(4);
  CHECK(world.run_until([&] { return world.all_see(MemberState::left, 4); }, 3s));
  world.run_for(30s);
  CHECK(world.all_see(MemberState::left, 4));
  CHECK(world.count(Event::Kind::member_suspect) == 0);
}

TEST_CASE("a lone member leaves at once") {
  sim::World world(10);
  world.add(spec("only"));
  world.start(0, true);
  world.run_for(1s);
  world.leave(0);
  CHECK(world.count(Event::Kind::left) == 1);
}

TEST_CASE("changed metadata reaches everybody under a new incarnation") {
  sim::World world(12);
  form_cluster(world, 5);
  CHECK(world.core(1).set_metadata(world.now(), as_bytes("role=db")));
  const auto told = [&](std::size_t reader) {
    bool found = false;
    world.core(reader).for_each_member([&](const MemberView& m) {
      found = found || (m.id == world.id(1) && as_text(m.metadata) == "role=db" && m.at.incarnation.value == 2);
    });
    return found;
  };
  CHECK(world.run_until([&] { return told(0) && told(2) && told(3) && told(4); }, 3s));
  const ByteVector too_much(limits::kMetadata + 1);
  CHECK_FALSE(world.core(1).set_metadata(world.now(), too_much));
}

TEST_CASE("a hundred nodes form one cluster") {
  sim::World world(21);
  start_cluster(world, 100);
  for (int i = 0; i < 150 && !world.all_alive(); ++i) world.run_for(100ms);
  CHECK(world.all_alive());
  CHECK(world.count(Event::Kind::member_dead) == 0);
}
