// What the core's tests share: a cluster of n in the virtual world, started and joined.
#pragma once

#include "node/core/impl.h"
#include "sim/world.h"

#include <doctest/doctest.h>

namespace quorumor::test {

inline sim::NodeSpec spec(std::string name, std::vector<std::size_t> seeds = {}) {
  sim::NodeSpec out;
  if (seeds.empty()) out.roles = {std::string(kKeymasterRole)};
  out.name = std::move(name);
  out.seeds = std::move(seeds);
  return out;
}

// Adds and starts n nodes; the first bootstraps, the others join by it.
inline void start_cluster(sim::World& world, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    world.add(spec("n" + std::to_string(i), i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0}));
  }
  world.start(0, true);
  world.run_for(100ms);
  for (std::size_t i = 1; i < n; ++i) world.start(i);
}

inline void form_cluster(sim::World& world, std::size_t n) {
  start_cluster(world, n);
  REQUIRE(world.run_until([&] { return world.all_alive(); }, 10s));
  world.run_for(2s);  // let the gossip of the joins die down
}

// What `to` makes of a rumor, as if a peer had told it.
inline IntakeResult offer(sim::World& world, sim::World::Index to, RumorKind kind, const ByteVector& record) {
  IntakeResult result{};
  world.act(to, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    result = impl.intake.take({kind, record, {}});
    return impl.end();
  });
  return result;
}

inline std::uint64_t dropped(const Stats& stats, DropReason reason) {
  return stats.counters.dropped[static_cast<std::size_t>(reason)];
}
inline std::uint64_t messages_in(const Stats& stats) {
  std::uint64_t sum = 0;
  for (const auto n : stats.counters.messages_in) sum += n;
  return sum;
}

}  // namespace quorumor::test
