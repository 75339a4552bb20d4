// Many runs on all cores: a thread each, since a run shares nothing (run/runner.h). Results come back in the order in
// which the runs were asked for, whatever order they end in.
#pragma once

#include "sim/run/runner.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <vector>

namespace quorumor::sim {

struct Job {
  const Scenario* scenario = nullptr;
  std::uint64_t seed = 0;
  bool time_lines = true;
};

struct PoolProgress {
  std::size_t done = 0, all = 0;
  double share = 0;        // of all work, runs under way included
  std::size_t failed = 0;  // runs that did not pass
};

// Ctrl-C, once: what runs ends early and reports what it has; a second one ends the process.
const std::atomic<bool>& stop_on_interrupt();

// `threads` at once (0: one a core). `on_done` is called by the calling thread, in order of the jobs; false ends the
// rest. `on_progress` about ten times a second. After an interrupt, jobs not begun are left out.
void run_pool(const std::vector<Job>& jobs, unsigned threads, const std::atomic<bool>& stop,
              const std::function<bool(std::size_t job, RunResult&&)>& on_done,
              const std::function<void(const PoolProgress&)>& on_progress);

// Processor time of the calling thread, in seconds.
double thread_cpu_seconds();

}  // namespace quorumor::sim
