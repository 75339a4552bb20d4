// A cluster that has formed already: every member holds every other's verified records, at a proven endpoint, as it
// would after a join, the gossip of it and a round of pings. For experiments that are about what comes later: a
// thousand members that joined one another by streams would verify three million signatures first (over a minute).
// Here nothing is verified, because nothing was received: records are copied from the cores that made them.
// Cost: n * n copies of a member, about 7 us and 1.8 KB each (a thousand members: 7 s and 1.7 GB).
#pragma once

#include "sim/world.h"

namespace quorumor::sim {

// Adds n machines n0, n1, ... and starts them as one formed cluster of their own epoch; the first is the keymaster.
// When they start again they join by the first three. Returns the index of the first.
// Requires: the world's recorded events are of no interest before (a start emits `joined` alone).
// `zones`: they are dealt out to so many in turn, from zone 0; 0: they are of none (NodeSpec::zone).
World::Index start_formed(World& world, std::size_t n, const Config& config = {}, std::uint32_t zones = 0);

}  // namespace quorumor::sim
