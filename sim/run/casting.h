// Who is meant: Picks against a world, by a generator of its own.
#pragma once

#include "crypto/drbg.h"
#include "sim/cast/cast.h"
#include "sim/scenario/scenario.h"
#include "sim/world.h"

#include <vector>

namespace quorumor::sim {

enum class Eligible : std::uint8_t {
  running,   // honest, and their process runs
  stopped,   // honest, and it does not: whom a restart means
  any        // honest or not, running or not: whom an adversary aims at
};

// Ascending, without repetition. Named members are taken as they are named; `all`, shares and numbers mean the eligible
// ones. A share is rounded down. Fewer eligible than asked for: all of them.
std::vector<World::Index> pick(const Picks& picks, World& world, const Cast& cast, Eligible eligible, Drbg& rng);

}  // namespace quorumor::sim
