// Who gets in, and what the others are told: each refusal by name, and nothing changes inside.
#include "node/core/support.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

// Starts `outsider` against a cluster of three and returns why it was refused.
std::optional<Refusal> refusal_of(sim::NodeSpec outsider) {
  sim::World world(31);
  form_cluster(world, 3);
  outsider.seeds = {0};
  const auto index = world.add(std::move(outsider));
  world.start(index);
  world.run_until([&] { return world.count(Event::Kind::join_refused) > 0; }, 5s);
  std::optional<Refusal> out;
  for (const auto& r : world.events()) {
    if (r.event.kind == Event::Kind::join_refused && r.node == index) out = r.event.refusal;
  }
  CHECK(world.core(index).stats().joined == !out.has_value());
  CHECK((world.core(index).ring().newest() == nullptr) == out.has_value());
  const std::size_t members = out ? 3 : 4;
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(world.core(i).stats().by_state[static_cast<std::size_t>(MemberState::alive)] == members);
    std::size_t known = 0;
    world.core(i).for_each_member([&](const MemberView&) { ++known; });
    CHECK(known == members);
  }
  return out;
}

constexpr std::int64_t kWorldStart = 1'700'000'000 + 1000;

}  // namespace

TEST_CASE("another authority's node is refused") {
  auto outsider = spec("stranger", {0});
  outsider.foreign_authority = true;
  CHECK(refusal_of(outsider) == Refusal::not_our_cluster);
}

TEST_CASE("an expired credential is refused, with an hour's tolerance") {
  auto outsider = spec("late", {0});
  outsider.not_after = wall_from_seconds(kWorldStart - 3700);
  CHECK(refusal_of(outsider) == Refusal::expired);
  outsider.not_after = wall_from_seconds(kWorldStart - 3500);
  CHECK(refusal_of(outsider) == std::nullopt);
}

TEST_CASE("a credential of the future is refused, with an hour's tolerance") {
  auto outsider = spec("early", {0});
  outsider.not_before = wall_from_seconds(kWorldStart + 3800);
  CHECK(refusal_of(outsider) == Refusal::not_yet_valid);
}

TEST_CASE("a server whose seed is silent or unknown is reported as such, and tried again") {
  sim::World world(33);
  world.add(spec("a"));
  world.add(spec("b", {0}));
  world.start(1);
  CHECK(world.run_until([&] { return world.count(Event::Kind::join_failed) >= 2; }, 10s));
  world.start(0, true);
  CHECK(world.run_until([&] { return world.all_alive(); }, 15s));
}

TEST_CASE("a node without a ring lets nobody in") {
  sim::World world(34);
  world.add(spec("a", {1}));
  world.add(spec("b", {0}));
  world.start(0);
  world.start(1);
  CHECK(world.run_until([&] { return world.count(Event::Kind::join_refused) > 0; }, 5s));
  CHECK(world.events().back().event.refusal == Refusal::no_ring);
}

TEST_CASE("two clusters of one authority that bootstrapped apart do not mix keys, and say so by staying apart") {
  sim::World world(35);
  world.add(spec("a"));
  world.add(spec("b"));
  world.start(0, true);
  world.start(1, true);
  world.run_for(10s);
  CHECK(world.core(0).stats().by_state[static_cast<std::size_t>(MemberState::alive)] == 1);
  CHECK(world.core(1).stats().by_state[static_cast<std::size_t>(MemberState::alive)] == 1);
}

TEST_CASE("a seed given later brings a waiting node in") {
  sim::World world(36);
  form_cluster(world, 3);
  const auto late = world.add(spec("late", {0}));
  world.set_reachable([&](std::size_t a, std::size_t b) { return !(a == late && b == 0) && !(a == 0 && b == late); });
  world.start(late);
  world.run_for(3s);
  CHECK_FALSE(world.core(late).stats().joined);
  world.join(late, {world.endpoint(1)});
  CHECK(world.run_until([&] { return world.core(late).stats().joined; }, 3s));
}

TEST_CASE("a seed that turns out to be this very identity is no refusal for good") {
  sim::World world(37);
  form_cluster(world, 3);
  const auto twin = world.add_clone_of(2);
  world.wipe_disk(twin);
  world.set_reachable([&](std::size_t a, std::size_t b) { return (a == twin) + (b == twin) != 1 || a + b == twin + 2; });
  world.start(twin);
  world.join(twin, {world.endpoint(2)});
  REQUIRE(world.run_until([&] { return world.count(Event::Kind::join_refused) > 0; }, 5s));
  for (const auto& r : world.events()) {
    if (r.event.kind == Event::Kind::join_refused) CHECK(r.event.refusal == Refusal::busy);
  }
}

TEST_CASE("those that a busy seed turned away together do not come back together") {
  sim::World world(37);
  sim::NodeSpec seed = spec("seed");
  seed.config.streams_max = 4;
  world.add(std::move(seed));
  world.start(0, true);
  world.run_for(100ms);
  for (std::size_t i = 1; i <= 60; ++i) world.start(world.add(spec("j" + std::to_string(i), {0})));
  CHECK(world.run_until([&] { return world.all_alive(); }, 20s));
}
