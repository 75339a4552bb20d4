// A scenario from a seed alone: its own cluster, network, faults and adversaries, all within the bounds for which
// safety is promised (docs/THREAT_MODEL.md), then the healing and the demand for liveness. Whatever is not drawn is a
// default. Adding a draw changes what later seeds mean: figures in docs/EVIDENCE.md name the version that they were
// made with.
#pragma once

#include "sim/scenario/scenario.h"

namespace quorumor::sim {

struct SwarmOptions {
  std::size_t nodes_most = 24;  // at least 4
  Duration duration_most = std::chrono::seconds(120);
};
Scenario swarm_scenario(std::uint64_t seed, const SwarmOptions& options = {});
// In a few words, for a line of a list: "n=9 lan, 12% loss, 1 liar (victim-accuser), crash x2, pause".
std::string describe(const Scenario& scenario);

}  // namespace quorumor::sim
