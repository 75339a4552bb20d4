// What a scenario expects of a run, held against what the run gave. A figure that the run does not have meets nothing.
#pragma once

#include "sim/measure/result.h"

#include <optional>

namespace quorumor::sim {

// A scalar, or a distribution's "name.p99"; nothing if the run has none of it.
std::optional<double> figure_of(const RunResult& run, const std::string& name);
void judge_expectations(const std::vector<Expectation>& expectations, RunResult& run);

}  // namespace quorumor::sim
