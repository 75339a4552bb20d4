// A scenario from its TOML text, and from what a command line sets over it. A file is taken whole or not at all: each
// mistake is one line that names file, line, key, and what is allowed or was probably meant.
#pragma once

#include "base/result.h"
#include "sim/scenario/scenario.h"

#include <string>
#include <string_view>
#include <vector>

namespace quorumor::sim {

inline constexpr std::size_t kScenarioFileMax = 256 * 1024;  // bytes
inline constexpr std::size_t kScenarioProblemsMax = 20;      // lines; one more says how many are left out

struct Override {
  std::string key;    // "cluster.nodes", "seed", "config.probe_interval", "action.2.who", "expect.false_deaths"
  std::string value;  // as in the file; quotes may be left out
};
// "key=value". Nothing if it is not that.
std::optional<Override> parse_override(std::string_view text);

// `name` stands for the file in messages. Overrides win over the file, later ones over earlier ones.
Result<Scenario, std::vector<std::string>> parse_scenario(std::string_view text, const std::string& name,
                                                          const std::vector<Override>& overrides = {});
// What no single key shows: members that are named but do not exist, times past the end, keys that mean nothing to an
// action or arm. Lines without a place; empty if all is well. Behaviours are checked by who knows them (run/).
std::vector<std::string> find_problems(const Scenario& scenario);

}  // namespace quorumor::sim
