// Results as JSON, made to be read by programs: every run with its seed, figures, samples, counters, violations and
// time lines, and for each point a summary of every figure. 64-bit numbers are strings (docs/adr/0006). The layout is
// documented in docs/SIMULATOR.md.
#pragma once

#include "sim/report/result_set.h"

namespace quorumor::sim {

std::string to_json(const ResultSet& results);

}  // namespace quorumor::sim
