// The measures of a run: watchers that fill a RunResult.
#pragma once

#include "sim/cast/watcher.h"
#include "sim/measure/result.h"

#include <memory>
#include <vector>

namespace quorumor::sim {

class Measure : public Watcher {
 public:
  virtual void report(const Stage& stage, RunResult& out) = 0;
};

// All of them: false positives (Lifeguard's FP and FP-), detection, dissemination, load by kind of message, convergence
// of joins, partners and isolation, cost, counters, time lines and heat maps.
std::vector<std::unique_ptr<Measure>> measures(const Stage& stage);

}  // namespace quorumor::sim
