// run: one scenario, once or with many seeds.
#include "node/cli/path_option.h"
#include "sim/cli/asked_scenario.h"
#include "sim/cli/commands.h"
#include "sim/cli/progress.h"
#include "sim/cli/summary_view.h"
#include "sim/cli/trace_file.h"

#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace quorumor::sim {
namespace {

struct Asked {
  AskedScenario scenario;
  std::string trace;
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
  auto opened = open_scenario(asked.scenario, "run", {}, {{}});
  if (!opened) return sim_report(opened.error());
  ResultSet results = std::move(opened).value();
  Point& point = results.points.front();
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
  add_scenario_options(command, asked->scenario);
  command->add_option("--trace", asked->trace, "Write what happened to this file; `quorumor-sim replay` runs it again")
      ->type_name("FILE");
  add_output_options(command, asked->output);
  command->callback([asked, &chosen] { chosen = [asked] { return run(*asked); }; });
}

}  // namespace quorumor::sim
