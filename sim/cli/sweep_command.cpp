// sweep: one scenario over all combinations of some of its values.
#include "sim/cli/asked_scenario.h"
#include "sim/cli/commands.h"
#include "sim/cli/progress.h"
#include "sim/cli/summary_view.h"

#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace quorumor::sim {
namespace {

constexpr std::size_t kPointsMax = 1000;

struct Asked {
  AskedScenario scenario;
  std::vector<std::string> over, show;
  Output output;
};

struct Axis {
  std::string key;
  std::vector<std::string> values;
};

// "key=a,b,c"; a value that holds commas stands in quotes.
Fallible<Axis> read_axis(const std::string& word) {
  const auto parsed = parse_override(word);
  if (!parsed) return misuse("--over " + word + ": write KEY=A,B,C, like --over cluster.nodes=10,100");
  Axis axis{parsed->key, {}};
  std::string value;
  bool quoted = false;
  for (const char c : parsed->value + ",") {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) {
      if (value.empty()) return misuse("--over " + word + ": an empty value");
      axis.values.push_back(std::exchange(value, {}));
    } else {
      value += c;
    }
  }
  return axis;
}

Fallible<std::vector<std::vector<Override>>> combinations(const std::vector<std::string>& words) {
  std::vector<std::vector<Override>> out(1);
  for (const std::string& word : words) {
    auto axis = read_axis(word);
    if (!axis) return axis.error();
    std::vector<std::vector<Override>> next;
    for (const auto& before : out) {
      for (const std::string& value : axis.value().values) {
        next.push_back(before);
        next.back().push_back({axis.value().key, value});
      }
    }
    out = std::move(next);
    if (out.size() > kPointsMax) return misuse("--over: more than 1000 combinations");
  }
  return out;
}

int sweep(const Asked& asked) {
  const auto points = combinations(asked.over);
  if (!points) return sim_report(points.error());
  auto opened = open_scenario(asked.scenario, "sweep", asked.over, points.value());
  if (!opened) return sim_report(opened.error());
  ResultSet results = std::move(opened).value();
  if (const auto able = begin_output(asked.output); !able) return sim_report(able.error());
  std::vector<Job> jobs;
  std::vector<Point*> of;
  for (Point& point : results.points) {
    for (unsigned i = 0; i < point.scenario.runs; ++i) {
      jobs.push_back({&point.scenario, point.scenario.seed + i, i == 0});
      of.push_back(&point);
    }
  }
  ProgressBar bar(results.points.front().scenario.name, asked.output.quiet);
  const auto& stop = stop_on_interrupt();
  run_pool(
      jobs, asked.output.jobs, stop,
      [&](std::size_t job, RunResult&& r) { return of[job]->runs.push_back(std::move(r)), true; },
      [&](const PoolProgress& p) { bar.show(p); });
  bar.clear();
  results.interrupted = stop;
  std::fputs(render_sweep(results, asked.show).c_str(), stdout);
  return finish(results, asked.output);
}

}  // namespace

void add_sweep_command(CLI::App& app, Chosen& chosen) {
  auto asked = std::make_shared<Asked>();
  CLI::App* command = app.add_subcommand("sweep", "Run a scenario over all combinations of some values");
  add_scenario_options(command, asked->scenario);
  command->add_option("--over", asked->over, "KEY=A,B,C: run with each; may repeat")
      ->type_name("KEY=A,B,C")
      ->expected(1)
      ->take_all()
      ->required();
  command->add_option("--show", asked->show, "Figures to print; those that the scenario expects unless given")
      ->type_name("FIGURE")
      ->delimiter(',');
  add_output_options(command, asked->output);
  command->callback([asked, &chosen] { chosen = [asked] { return sweep(*asked); }; });
}

}  // namespace quorumor::sim
