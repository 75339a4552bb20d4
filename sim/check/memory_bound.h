// What one member's memory accounts for, and the most that it may: counted from the outside, by what its containers hold,
// because an allocator's own numbers are no part of a repeatable run.
#pragma once

#include "sim/cast/inspect.h"

#include <cstddef>
#include <string>

namespace quorumor::sim {

// Bytes in the member table, the rumor queue, the pen, links, evidence, streams' sessions and live events. An estimate:
// records and nodes of containers are counted, an allocator's losses are not. O(members).
std::size_t memory_of(const World& world, World::Index node);
// The most that can be, by the limits of these containers, for as many members as the node holds now.
std::size_t memory_bound_of(const World& world, World::Index node);
// Which container is over its own limit; empty if none.
std::string find_overflow(const World& world, World::Index node);

}  // namespace quorumor::sim
