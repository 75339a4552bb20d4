// Same seed, same trace, to the byte; another seed, another trace. Spurious timers change nothing.
#include "node/core/support.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

std::uint64_t trace(std::uint64_t seed) {
  sim::World world(seed);
  world.set_loss(50'000);
  start_cluster(world, 6);
  world.run_for(20s);
  world.crash(4);
  world.run_for(20s);
  world.start(4);
  world.run_for(10s);
  return world.trace_hash();
}

}  // namespace

TEST_CASE("same seed, same trace") {
  const std::uint64_t first = trace(77);
  CHECK(trace(77) == first);
  CHECK(trace(78) != first);
}

TEST_CASE("a timer that fires too early or twice changes nothing") {
  sim::World world(5);
  form_cluster(world, 3);
  for (int i = 0; i < 100; ++i) {
    for (std::size_t n = 0; n < 3; ++n) {
      const auto deadline = world.core(n).next_deadline();
      REQUIRE(deadline.has_value());
      if (*deadline <= world.now()) continue;
      CHECK(world.core(n).on_timer(world.now()).empty());
      CHECK(world.core(n).next_deadline() == deadline);
    }
    world.run_for(37ms);
  }
}
