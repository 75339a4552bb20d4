// A scenario as `run` and `sweep` are asked for it: a file, and what is set over it.
#pragma once

#include "sim/cli/library.h"
#include "sim/report/result_set.h"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace quorumor::sim {

struct AskedScenario {
  std::string file;
  std::vector<std::string> sets;
  std::optional<std::uint64_t> seed;
  std::optional<unsigned> runs;
};

void add_scenario_options(CLI::App* command, AskedScenario& asked);

// Results without runs: a point for each of `points`, which are set over all else; and how to ask for them again.
// `command` and `over` are as they were typed.
Fallible<ResultSet> open_scenario(const AskedScenario& asked, const std::string& command,
                                  const std::vector<std::string>& over,
                                  const std::vector<std::vector<Override>>& points);

}  // namespace quorumor::sim
