// swarm: each seed draws its own cluster, network, faults and liars within the bounds; all must be safe, and live in
// the end.
#include "sim/cli/commands.h"
#include "sim/cli/progress.h"
#include "sim/cli/summary_view.h"
#include "sim/cli/trace_file.h"
#include "sim/run/swarm.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace quorumor::sim {
namespace {

struct Asked {
  std::uint64_t first = 1;
  unsigned seeds = 100;
  std::size_t nodes_most = SwarmOptions{}.nodes_most;
  bool first_only = false;
  std::string trace;
  Output output;
};

// What a person needs to see it again.
void print_failure(const Scenario& scenario, const RunResult& run, std::size_t nodes_most) {
  std::printf("seed %llu: NOT passed (%s)\n", static_cast<unsigned long long>(run.seed), describe(scenario).c_str());
  std::size_t shown = 0;
  for (const Violation& v : run.violations) {
    if (shown++ < 3) std::fputs(render_violation(v, run.seed).c_str(), stdout);
  }
  if (run.violation_count > 3)
    std::printf("  and %llu more\n", static_cast<unsigned long long>(run.violation_count - 3));
  if (!run.settled) std::printf("  MISSED  liveness: not everybody saw the truth in time\n");
  std::printf("  again: quorumor-sim swarm --first-seed %llu --seeds 1%s\n", static_cast<unsigned long long>(run.seed),
              nodes_most == SwarmOptions{}.nodes_most ? "" : (" --nodes-most " + std::to_string(nodes_most)).c_str());
  std::fflush(stdout);
}

int swarm(const Asked& asked) {
  if (!asked.trace.empty() && asked.seeds != 1)
    return sim_report(misuse("--trace is of one seed: add --seeds 1, and --first-seed N for which"));
  if (const auto able = begin_output(asked.output); !able) return sim_report(able.error());
  SwarmOptions options;
  options.nodes_most = asked.nodes_most;
  std::vector<Scenario> scenarios;
  std::vector<Job> jobs;
  scenarios.reserve(asked.seeds);
  for (unsigned i = 0; i < asked.seeds; ++i) {
    scenarios.push_back(swarm_scenario(asked.first + i, options));
    jobs.push_back({&scenarios.back(), asked.first + i, asked.seeds == 1});
  }
  ResultSet results;
  results.command =
      "quorumor-sim swarm --first-seed " + std::to_string(asked.first) + " --seeds " + std::to_string(asked.seeds) +
      (asked.nodes_most == SwarmOptions{}.nodes_most ? "" : " --nodes-most " + std::to_string(asked.nodes_most));
  results.runs_wanted = asked.seeds;
  results.points.push_back({{}, {}, {}});
  Point& point = results.points.front();
  point.scenario.name = "swarm";
  const auto& stop = stop_on_interrupt();
  ProgressBar bar("swarm", asked.output.quiet);
  double virtual_seconds = 0, cpu = 0;
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  std::size_t failed = 0;
  const auto on_done = [&](std::size_t job, RunResult&& r) {
    virtual_seconds += r.virtual_seconds * static_cast<double>(r.nodes);
    cpu += r.cpu_seconds;
    hash = (hash ^ r.trace_hash) * 0x100000001b3ULL;
    const bool passed = r.passed();
    if (!passed && !r.interrupted) {
      ++failed;
      bar.clear();
      print_failure(scenarios[job], r, asked.nodes_most);
    }
    point.runs.push_back(std::move(r));
    return passed || !asked.first_only;
  };
  if (asked.trace.empty()) {
    run_pool(jobs, asked.output.jobs, stop, on_done, [&](const PoolProgress& p) { bar.show(p); });
  } else {
    auto result = run_traced(scenarios.front(), header_of(asked.first, swarm_text(asked.nodes_most), {}), asked.trace);
    if (!result) return sim_report(result.error());
    on_done(0, std::move(result).value());
  }
  bar.clear();
  results.interrupted = stop;
  std::printf("%zu of %u seeds run, %zu not passed; %.0f node-seconds, %.0f a second of processor; trace %016llx\n",
              point.runs.size(), asked.seeds, failed, virtual_seconds, virtual_seconds / std::max(cpu, 1e-9),
              static_cast<unsigned long long>(hash));
  return finish(results, asked.output);
}

}  // namespace

void add_swarm_command(CLI::App& app, Chosen& chosen) {
  auto asked = std::make_shared<Asked>();
  CLI::App* command = app.add_subcommand("swarm", "Draw a scenario from each seed; every one must be safe, and heal");
  command->add_option("--seeds", asked->seeds, "How many; 100 unless given")->check(CLI::Range(1, 1'000'000));
  command->add_option("--first-seed", asked->first, "The first; 1 unless given")
      ->check(CLI::Range(std::uint64_t{0}, kSeedMost));
  command->add_option("--nodes-most", asked->nodes_most, "The largest cluster drawn")->check(CLI::Range(4, 200));
  command->add_flag("--first-failure", asked->first_only, "End at the first seed that does not pass");
  command
      ->add_option("--trace", asked->trace, "Of one seed: write what happened to this file, for `quorumor-sim replay`")
      ->type_name("FILE");
  add_output_options(command, asked->output);
  command->callback([asked, &chosen] { chosen = [asked] { return swarm(*asked); }; });
}

}  // namespace quorumor::sim
