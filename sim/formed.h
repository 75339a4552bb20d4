// A cluster that has formed already: every member holds every other's verified records, at a proven endpoint, as it
// would after a join, the gossip of it and a round of pings. For experiments that are about what comes later: a
// thousand members that joined one another by streams would verify three million signatures first (over a minute).
// Here nothing is verified, because nothing was received: the members of all tables share the records of the cores that
// made them, and, until they speak with one another, what they know of how to (base/shared.h).
// Cost: n * n members at about a quarter of a microsecond and 120 bytes each (tests/sim/formed_test.cpp), and n nodes.
#pragma once

#include "sim/world.h"

namespace quorumor::sim {

// Adds n machines n0, n1, ... and starts them as one formed cluster of their own epoch; the first is the keymaster.
// When they start again they join by the first three. Returns the index of the first.
// Requires: the world's recorded events are of no interest before (a start emits `joined` alone).
// `zones`: they are dealt out to so many in turn, from zone 0; 0: they are of none (NodeSpec::zone).
World::Index start_formed(World& world, std::size_t n, const Config& config = {}, std::uint32_t zones = 0);

}  // namespace quorumor::sim
