// run: one scenario, once or with many seeds.
#include "node/cli/path_option.h"
#include "sim/cli/commands.h"
#include "sim/cli/library.h"
#include "sim/cli/progress.h"
#include "sim/cli/summary_view.h"
#include "sim/cli/trace_file.h"

#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace quorumor::sim {
namespace {

struct Asked {
  std::string file, trace;
  std::vector<std::string> sets;
  std::optional<std::uint64_t> seed;
  std::optional<unsigned> runs;
  Output output;
};

// Results come through `results`; the exit code if there are none.
int run_one_traced(ResultSet& results, const Asked& asked) {
  Point& point = results.points.front();
  auto result = run_traced(point.scenario, header_of(point.scenario.seed, results.scenario_text, results.overrides),
                           asked.trace);
  if (!result) return sim_report(result.error());
  results.interrupted = result.value().interrupted;
  point.runs.push_back(std::move(result).value());
  return 0;
}

int run(const Asked& asked) {
  const auto loaded = load_scenario(asked.file);
  if (!loaded) return sim_report(loaded.error());
  auto overrides = read_overrides(asked.sets);
  if (!overrides) return sim_report(overrides.error());
  if (asked.seed) overrides.value().push_back({"seed", std::to_string(*asked.seed)});
  if (asked.runs) overrides.value().push_back({"runs", std::to_string(*asked.runs)});
  const auto scenario = read_scenario(loaded.value(), overrides.value());
  if (!scenario) return sim_report(scenario.error());
  ResultSet results;
  results.command = "quorumor-sim run " + asked.file;
  for (const Override& o : overrides.value()) results.command += " --set " + o.key + "=" + o.value;
  results.scenario_text = loaded.value().text;
  results.overrides = overrides.value();
  results.points.push_back({{}, scenario.value(), {}});
  Point& point = results.points.front();
  results.runs_wanted = point.scenario.runs;
  if (!asked.trace.empty() && point.scenario.runs != 1)
    return sim_report(misuse("--trace is of one run, and the scenario says " + std::to_string(point.scenario.runs) +
                             ": add --runs 1"));
  if (const auto able = begin_output(asked.output); !able) return sim_report(able.error());
  if (!asked.trace.empty()) {
    if (const int failed = run_one_traced(results, asked)) return failed;
  } else {
    std::vector<Job> jobs;
    for (unsigned i = 0; i < point.scenario.runs; ++i)
      jobs.push_back({&point.scenario, point.scenario.seed + i, i < 16});
    ProgressBar bar(point.scenario.name, asked.output.quiet);
    const auto& stop = stop_on_interrupt();
    run_pool(
        jobs, asked.output.jobs, stop,
        [&](std::size_t, RunResult&& r) { return point.runs.push_back(std::move(r)), true; },
        [&](const PoolProgress& p) { bar.show(p); });
    results.interrupted = stop;
  }
  std::fputs(render_point(point).c_str(), stdout);
  return finish(results, asked.output);
}

}  // namespace

void add_run_command(CLI::App& app, Chosen& chosen) {
  auto asked = std::make_shared<Asked>();
  CLI::App* command = app.add_subcommand("run", "Run a scenario, and say what came of it");
  command->add_option("SCENARIO", asked->file, "A TOML file, or the name of one that comes with this program")
      ->required();
  command->add_option("--seed", asked->seed, "Of the first run")->check(CLI::Range(std::uint64_t{0}, kSeedMost));
  command->add_option("--runs", asked->runs, "How many, each with the next seed")->check(CLI::Range(1, 100'000));
  command->add_option("--set", asked->sets, "KEY=VALUE over the file, like cluster.nodes=50; may repeat")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  command->add_option("--trace", asked->trace, "Write what happened to this file; `quorumor-sim replay` runs it again")
      ->type_name("FILE");
  add_output_options(command, asked->output);
  command->callback([asked, &chosen] { chosen = [asked] { return run(*asked); }; });
}

}  // namespace quorumor::sim
