// replay: runs again what a trace was written of, and holds every line against it.
#include "sim/cli/commands.h"
#include "sim/cli/pool.h"
#include "sim/cli/summary_view.h"
#include "sim/cli/trace_file.h"

#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace quorumor::sim {
namespace {

int replay(const std::string& file) {
  auto reader = read_trace(file);
  if (!reader) return sim_report(reader.error());
  const TraceHeader header = reader.value().header();
  const auto scenario = scenario_of(header, file);
  if (!scenario) return sim_report(scenario.error());
  TraceComparer comparer(std::move(reader).value());
  TraceWriter writer(comparer.sink(), header);
  RunOptions options;
  options.cpu_seconds = thread_cpu_seconds;
  options.stop = &stop_on_interrupt();
  options.trace = &writer;
  Point point{{}, scenario.value(), {}};
  point.runs.push_back(run_scenario(point.scenario, header.seed, options));
  if (*options.stop)
    return sim_report(
        fail("interrupted before the end; " + std::to_string(comparer.compared()) + " lines were the same"));
  comparer.finish();
  std::fputs(render_point(point).c_str(), stdout);
  if (comparer.error()) return sim_report(fail(*comparer.error()));
  if (comparer.difference()) {
    std::fputs(comparer.difference()->text(file).c_str(), stderr);
    return sim_report(fail("the run parted from its trace after " + std::to_string(comparer.compared()) +
                           " lines; another version of the program, or of the scenario?"));
  }
  std::printf("  the same as its trace, all %zu lines\n", comparer.compared());
  return 0;
}

}  // namespace

void add_replay_command(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("replay", "Run again what a trace was written of, and compare every line");
  auto file = std::make_shared<std::string>();
  command->add_option("TRACE", *file, "A file that `run --trace` or `swarm --trace` has written")->required();
  command->callback([file, &chosen] { chosen = [file] { return replay(*file); }; });
}

}  // namespace quorumor::sim
