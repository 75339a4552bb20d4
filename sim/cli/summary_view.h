// Results for a terminal: what was run, every figure, what was expected, what broke.
#pragma once

#include "sim/report/result_set.h"

namespace quorumor::sim {

std::string render_point(const Point& point);
// One row a point: what was swept, and the figures named (those expected, if none are named).
std::string render_sweep(const ResultSet& results, const std::vector<std::string>& figures);
std::string render_violation(const Violation& violation, std::uint64_t seed);

}  // namespace quorumor::sim
