// A formed cluster must be what one that formed itself is: quiet, in agreement, and able to notice a crash.
#include "sim/formed.h"

#include "node/core/support.h"

#include <malloc.h>

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("a formed cluster is all alive, quiet and in agreement from the first moment") {
  sim::World world(1);
  sim::start_formed(world, 40);
  CHECK(world.all_alive());
  const auto before = world.events().size();
  world.run_for(120s);
  CHECK(world.all_alive());
  CHECK(world.events().size() == before);
  for (std::size_t i = 0; i < 40; ++i) {
    const Stats stats = world.peek(i).stats();
    CHECK(stats.joined);
    CHECK(stats.counters.syncs == 0);
    CHECK(stats.counters.signature_checks == 0);
    CHECK(stats.counters.introductions_out == 0);
    CHECK(stats.counters.probes_failed == 0);
    CHECK(stats.queued_rumors == 0);
    CHECK(stats.by_state[static_cast<std::size_t>(MemberState::alive)] == 40);
  }
}

TEST_CASE("in a formed cluster a crash is noticed, and its return") {
  sim::World world(2);
  sim::start_formed(world, 20);
  world.run_for(10s);
  world.crash(7);
  CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 7); }, 60s));
  world.run_for(15s);
  world.start(7);
  CHECK(world.run_until([&] { return world.all_alive(); }, 10s));
  world.crash(11);
  world.wipe_disk(11);
  world.run_for(2s);
  world.start(11);
  CHECK(world.run_until([&] { return world.all_alive(); }, 30s));
}

TEST_CASE("one that forms itself ends up with the same members, at the same cost a period") {
  sim::World formed(3), grown(3);
  sim::start_formed(formed, 8);
  form_cluster(grown, 8);
  grown.run_for(60s);
  const auto cost = [](sim::World& world) {
    const auto before = world.datagrams();
    world.run_for(60s);
    return world.datagrams() - before;
  };
  const auto a = cost(formed), b = cost(grown);
  CHECK(a > b - b / 10);
  CHECK(a < b + b / 10);
}

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsMeasured = false;  // their allocators are not the one that is measured
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kIsMeasured = false;
#else
constexpr bool kIsMeasured = true;
#endif
#else
constexpr bool kIsMeasured = true;
#endif

std::int64_t bytes_of(std::size_t nodes) {
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
  };
  const std::int64_t before = in_use();
  sim::World world(4);
  world.set_keep_snapshots(false);
  sim::start_formed(world, nodes);
  return in_use() - before;
}

}  // namespace

// bytes(n) = a * n + b * n * n: two sizes give b. Ten thousand nodes are a hundred million pairs.
TEST_CASE("a formed pair costs less than 130 bytes, views included") {
  if (!kIsMeasured) return;
  bytes_of(10);  // what a process allocates once
  const std::int64_t few = bytes_of(250), many = bytes_of(500);
  const std::int64_t pair = (many - 2 * few) / (500 * 500 - 2 * 250 * 250);
  const std::int64_t node = (many - pair * 500 * 500) / 500;
  MESSAGE(pair, " bytes a pair, ", node, " a node beside them");
  CHECK(pair < 130);
  CHECK(node < 450'000);  // of which 307 KB are an arena whose pages are not touched before they are used
}
