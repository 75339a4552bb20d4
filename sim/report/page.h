// Results as one HTML page that needs nothing else (no network, no other file), made to be read by someone who has five
// minutes: what was run and whether it held, the figures, time lines of states with what happened marked in them,
// latency distributions, load against what was swept, heat maps of who thinks what of whom, and each violation with its
// trace.
#pragma once

#include "sim/report/result_set.h"

namespace quorumor::sim {

std::string to_page(const ResultSet& results);

}  // namespace quorumor::sim
