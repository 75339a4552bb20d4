// One run of a scenario: forms the cluster, does what the scenario says when it says so, tells watchers, heals, waits
// for liveness, and reports. The same scenario and seed give the same run, to the byte, on every compiler; watchers
// change nothing in it.
//
// Phases: warm-up (forming included) | measured | healed (if check.liveness): faults undone, losses gone, paused and
// blocked members go on, liars silent; whoever crashed stays so | over. Time and memory: those of the world (world.h).
// A run uses nothing shared: several may go on in threads of their own.
#pragma once

#include "sim/measure/result.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/trace.h"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace quorumor::sim {

struct RunOptions {
  std::function<double()> cpu_seconds;             // of this thread; none: cpu figures are absent
  std::function<void(double share)> progress;      // 0 to 1, about once a virtual second
  const std::atomic<bool>* stop = nullptr;         // becomes true: end now, report what was measured
  TraceWriter* trace = nullptr;                    // is told all that happens; outlives the run
  bool time_lines = true;                          // keep seconds, marks and heat maps (a page needs them)
};

// Requires: find_run_problems(scenario) is empty.
RunResult run_scenario(const Scenario& scenario, std::uint64_t seed, const RunOptions& options = {});
// What scenario_file.h cannot know: behaviours that do not exist, liars without members.
std::vector<std::string> find_run_problems(const Scenario& scenario);

}  // namespace quorumor::sim
