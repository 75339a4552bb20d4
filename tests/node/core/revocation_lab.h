// What the tests of revocations ask of a cluster.
#pragma once

#include "support.h"

namespace quorumor::test {

inline const CoreState& state(sim::World& world, sim::World::Index node) { return CoreAccess::impl(world.core(node)).state; }

// But for one.
inline bool all_hold(sim::World& world, std::size_t revocations, sim::World::Index but) {
  for (sim::World::Index i = 0; i < world.size(); ++i) {
    if (i != but && world.is_running(i) && world.peek(i).verdicts().revocations() != revocations) return false;
  }
  return true;
}

}  // namespace quorumor::test
