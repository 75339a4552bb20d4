// The heartbeat arm of a scenario (heartbeat/heartbeat.h).
#pragma once

#include "sim/run/runner.h"

namespace quorumor::sim {

// Requires: what find_problems demands of this arm (crashes only, no adversaries).
RunResult run_heartbeat(const Scenario& scenario, std::uint64_t seed, const RunOptions& options);

}  // namespace quorumor::sim
