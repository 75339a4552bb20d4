// The scenarios that come with the program (sim/scenarios/*.toml, built in), and those of files.
#pragma once

#include "node/driver/failure.h"
#include "sim/scenario/scenario_file.h"

#include <span>
#include <string>
#include <string_view>

namespace quorumor::sim {

struct BuiltIn {
  std::string_view name;  // "crash", "attacks/false-accuser"
  std::string_view text;
};
std::span<const BuiltIn> built_in_scenarios() noexcept;  // by name

struct Loaded {
  std::string name;  // for messages
  std::string text;
};
// A file, or the name of one that comes with the program. A failure says what there is.
Fallible<Loaded> load_scenario(const std::string& what);
// Parsed and checked, behaviours included; one without a name has that of its file. A failure has all problems, a line
// each.
Fallible<Scenario> read_scenario(const Loaded& loaded, const std::vector<Override>& overrides);
Fallible<std::vector<Override>> read_overrides(const std::vector<std::string>& words);

}  // namespace quorumor::sim
