// The subcommands of quorumor-sim. Each adds itself and sets `chosen` when it was picked; main runs that and exits with
// what it returns: 0 all passed, 1 something did not, 2 it was asked wrongly.
#pragma once

#include "node/cli/commands.h"
#include "sim/report/result_set.h"

#include <string>

namespace quorumor::sim {

void add_run_command(CLI::App& app, Chosen& chosen);     // run
void add_sweep_command(CLI::App& app, Chosen& chosen);   // sweep
void add_swarm_command(CLI::App& app, Chosen& chosen);   // swarm
void add_replay_command(CLI::App& app, Chosen& chosen);  // replay
void add_rounds_command(CLI::App& app, Chosen& chosen);  // rounds
void add_list_commands(CLI::App& app, Chosen& chosen);   // list, show, keys

inline constexpr std::uint64_t kSeedMost = 1'000'000'000'000'000'000;

// Options that several share.
struct Output {
  std::string json, html;
  bool quiet = false;
  unsigned jobs = 0;  // 0: one a core
  bool fast_crypto = false;
};
void add_output_options(CLI::App* command, Output& output);
// Before anything is run: a failure if what was asked for cannot be written.
Fallible<void> begin_output(const Output& output);
// Writes what was asked for; returns the exit code: 1 if a file could not be written, else what `results` says.
int finish(const ResultSet& results, const Output& output);
int sim_report(const Failure& failure);  // one line on stderr, "quorumor-sim: ..."; the exit code

}  // namespace quorumor::sim
