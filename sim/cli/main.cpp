// quorumor-sim's entry: parses, names mistakes, runs the one command that was chosen.
#include "crypto/secret.h"
#include "node/cli/mistakes.h"
#include "quorumor/version.h"
#include "sim/cli/commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <csignal>
#include <cstdio>

namespace {

constexpr const char* kExamples =
    "Begin with:\n"
    "  quorumor-sim list                                  the scenarios that come with it\n"
    "  quorumor-sim run crash --html crash.html           run one, and look at it\n"
    "  quorumor-sim sweep crash --over cluster.nodes=10,100,1000\n"
    "  quorumor-sim swarm --seeds 200                     faults and liars at random, each seed its own\n"
    "Exit codes: 0 all passed, 1 something did not, 2 it was asked wrongly.";

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  quorumor::crypto_init();
  CLI::App app{"quorumor-sim: real nodes in virtual time, under networks and liars that a file describes"};
  quorumor::Chosen chosen;
  app.name("quorumor-sim");
  app.set_version_flag("--version", std::string("quorumor-sim ") + quorumor::kVersionText);
  app.require_subcommand(0, 1);
  app.footer(kExamples);
  quorumor::sim::add_run_command(app, chosen);
  quorumor::sim::add_sweep_command(app, chosen);
  quorumor::sim::add_swarm_command(app, chosen);
  quorumor::sim::add_replay_command(app, chosen);
  quorumor::sim::add_rounds_command(app, chosen);
  quorumor::sim::add_list_commands(app, chosen);
  if (const auto mistake = quorumor::find_mistake(app, argc, argv)) return quorumor::sim::sim_report(*mistake);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return quorumor::sim::sim_report(quorumor::usage_failure(app, error));
  }
  if (!chosen) {
    std::fprintf(stderr, "%s", app.help().c_str());
    return 2;
  }
  return chosen();
}
