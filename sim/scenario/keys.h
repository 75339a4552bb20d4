// Every key of a scenario: where it stands, what it takes, what it does. The parser, `quorumor-sim keys` and the test
// that holds docs/SIMULATOR.md against it all read this one table, so that no key is read but not documented.
#pragma once

#include "sim/scenario/values.h"

#include <span>
#include <string_view>

namespace quorumor::sim {

struct ScenarioKey {
  std::string_view table;  // "" (top), "cluster", "network", "check", "action" ...: [action] means [[action]]
  std::string_view name;
  std::string_view takes;  // "a duration", "a share", ...
  std::string_view doc;
  // `element`: which of the table's, from 1; 0 for a plain table. Requires: it exists.
  Complaint (*set)(Scenario& scenario, unsigned element, const TomlValue& value);
};
std::span<const ScenarioKey> scenario_keys() noexcept;

// Tables that stand as [[name]], each with a way to make the element that a key belongs to.
bool is_array_table(std::string_view table) noexcept;
// Makes sure that `element` (from 1) exists; remembers the line where it begins.
void ensure_element(Scenario& scenario, std::string_view table, unsigned element, unsigned line);

// Tables whose keys are names of something else: [config] (node/core/config_keys.h), [expect] and [expect_undefended]
// (measure/figures.h).
bool is_free_table(std::string_view table) noexcept;
std::vector<std::string> scenario_tables();

}  // namespace quorumor::sim
