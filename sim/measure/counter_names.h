// The cores' own counters under their names, for sums over many processes.
#pragma once

#include "node/core/stats.h"

#include <cstdint>
#include <map>
#include <string>

namespace quorumor::sim {

// Adds `now` less `before` under the names of stats.h; arrays as "dropped.replayed", "messages_in.ping", ...
void add_counters(std::map<std::string, std::uint64_t>& sums, const Counters& now, const Counters& before);

}  // namespace quorumor::sim
