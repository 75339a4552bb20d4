// Whose word about a member counts most: whom a scenario or an experiment corrupts, crashes or holds up on purpose.
#pragma once

#include "sim/world.h"

#include <vector>

namespace quorumor::sim {

// The running members whose word counts against `subject`, each by its own node's view: they rank for it under its
// newest epoch (without defense: anybody). The best-ranked first, so that liars drawn from them count at every reader.
std::vector<World::Index> observers_of(World& world, World::Index subject);

}  // namespace quorumor::sim
