// Indirect probes: a broken link between two members is nobody's death, and relays can neither be aimed nor misused.
#include "node/core/support.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

std::size_t suspicions_with_one_broken_link(unsigned indirect_probes) {
  sim::World world(71);
  for (std::size_t i = 0; i < 5; ++i) {
    auto s = spec("n" + std::to_string(i), i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
    s.config.indirect_probes = indirect_probes;
    world.add(s);
  }
  world.start(0, true);
  world.run_for(100ms);
  for (std::size_t i = 1; i < 5; ++i) world.start(i);
  REQUIRE(world.run_until([&] { return world.all_alive(); }, 10s));
  world.set_reachable([](std::size_t a, std::size_t b) { return !(a + b == 3 && (a == 1 || a == 2)); });
  world.run_for(10min);
  CHECK(world.count(Event::Kind::member_dead) == 0);
  return world.count(Event::Kind::member_suspect);
}

}  // namespace

TEST_CASE("two members that cannot reach each other do not suspect each other; without relays they do") {
  CHECK(suspicions_with_one_broken_link(3) == 0);
  CHECK(suspicions_with_one_broken_link(0) > 10);
}

TEST_CASE("one-way reachability is bridged as well") {
  sim::World world(72);
  form_cluster(world, 5);
  world.set_reachable([](std::size_t a, std::size_t b) { return !(a == 1 && b == 2); });
  world.run_for(5min);
  CHECK(world.count(Event::Kind::member_suspect) == 0);
}

TEST_CASE("a fifth of all datagrams lost: relays keep suspicions few and nobody dies") {
  sim::World world(73);
  form_cluster(world, 8);
  world.set_loss(200'000);
  world.run_for(10min);
  CHECK(world.count(Event::Kind::member_dead) == 0);
  // 4,800 probes; each fails with all of ping, second ping and three relays lost: 0.36^2 * 0.59^3 = 2.7 %.
  CHECK(world.count(Event::Kind::refuted) < 300);
}

TEST_CASE("a crashed member is dead all the same, though relays are asked") {
  sim::World world(74);
  form_cluster(world, 5);
  world.crash(4);
  CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 4); }, 14s));
  CHECK(world.core(0).stats().counters.messages_in[static_cast<std::size_t>(MessageKind::relay)] +
            world.core(1).stats().counters.messages_in[static_cast<std::size_t>(MessageKind::relay)] > 0);
}

TEST_CASE("relayed traffic of the past is not accepted again") {
  sim::World world(75);
  form_cluster(world, 4);
  world.set_capture(true);
  world.set_reachable([](std::size_t a, std::size_t b) { return !(a + b == 3 && (a == 1 || a == 2)); });
  world.run_for(60s);
  world.set_capture(false);
  world.set_reachable([](std::size_t, std::size_t) { return false; });
  world.run_for(10ms);
  std::uint64_t before = 0, after = 0;
  for (std::size_t i = 0; i < 4; ++i) before += messages_in(world.core(i).stats());
  for (const auto& c : world.captured()) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (world.endpoint(i) == c.to && !(c.from == world.endpoint(1) && i == 2) &&
          !(c.from == world.endpoint(2) && i == 1)) {
        world.inject(i, c.from, c.datagram);
      }
    }
  }
  world.run_for(0ms);
  for (std::size_t i = 0; i < 4; ++i) after += messages_in(world.core(i).stats());
  CHECK(after == before);
}
