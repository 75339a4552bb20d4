#include "sim/cli/asked_scenario.h"

#include "sim/cli/commands.h"

#include <CLI/App.hpp>

namespace quorumor::sim {

void add_scenario_options(CLI::App* command, AskedScenario& asked) {
  command->add_option("SCENARIO", asked.file, "A TOML file, or the name of one that comes with this program")
      ->required();
  command->add_option("--seed", asked.seed, "Of the first run")->check(CLI::Range(std::uint64_t{0}, kSeedMost));
  command->add_option("--runs", asked.runs, "How many, each with the next seed")->check(CLI::Range(1, 100'000));
  command->add_option("--set", asked.sets, "KEY=VALUE over the file, like cluster.nodes=50; may repeat")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
}

Fallible<ResultSet> open_scenario(const AskedScenario& asked, const std::string& command,
                                  const std::vector<std::string>& over,
                                  const std::vector<std::vector<Override>>& points) {
  const auto loaded = load_scenario(asked.file);
  if (!loaded) return loaded.error();
  auto overrides = read_overrides(asked.sets);
  if (!overrides) return overrides.error();
  if (asked.seed) overrides.value().push_back({"seed", std::to_string(*asked.seed)});
  if (asked.runs) overrides.value().push_back({"runs", std::to_string(*asked.runs)});
  ResultSet results;
  results.command = "quorumor-sim " + command + " " + asked.file;
  for (const std::string& o : over) results.command += " --over " + o;
  for (const Override& o : overrides.value()) results.command += " --set " + o.key + "=" + o.value;
  results.scenario_text = loaded.value().text;
  results.overrides = overrides.value();
  for (const auto& at : points) {
    std::vector<Override> all = overrides.value();
    all.insert(all.end(), at.begin(), at.end());
    auto scenario = read_scenario(loaded.value(), all);
    if (!scenario) return scenario.error();
    results.points.push_back({at, std::move(scenario).value(), {}});
    results.runs_wanted += results.points.back().scenario.runs;
  }
  return results;
}

}  // namespace quorumor::sim
