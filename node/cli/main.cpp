// The command line's entry: parses, names mistakes, runs the one command that was chosen.
#include "crypto/secret.h"
#include "node/cli/commands.h"
#include "node/cli/mistakes.h"
#include "node/driver/core_dumps.h"
#include "quorumor/version.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <csignal>
#include <cstdio>
#include <exception>

namespace {

constexpr const char* kExamples =
    "A cluster in four steps:\n"
    "  quorumor authority init --label demo --out authority\n"
    "  quorumor node init --dir n1\n"
    "  quorumor authority admit --authority authority --name n1 --role keymaster --dir n1\n"
    "  quorumor agent --dir n1 --bind 127.0.0.1:7947 --bootstrap\n"
    "Exit codes: 0 done, 1 it failed, 2 it was asked wrongly.";

void add_commands(CLI::App& app, quorumor::Chosen& chosen) {
  app.name("quorumor");
  app.set_version_flag("--version", std::string("quorumor ") + quorumor::kVersionText);
  app.set_help_all_flag("--help-all", "Help for every subcommand");
  app.require_subcommand(0, 1);
  app.footer(kExamples);
  quorumor::add_agent_command(app, chosen);
  quorumor::add_config_command(app, chosen);
  quorumor::add_client_commands(app, chosen);
  quorumor::add_key_commands(app, chosen);
  quorumor::add_authority_commands(app, chosen);
  quorumor::add_node_commands(app, chosen);
  quorumor::add_order_commands(app, chosen);
  quorumor::add_dev_command(app, chosen);
}

int run(int argc, char** argv) {
  CLI::App app{"quorumor: secure, Byzantine-hardened gossip membership"};
  quorumor::Chosen chosen;
  add_commands(app, chosen);
  if (const auto mistake = quorumor::find_mistake(app, argc, argv)) return quorumor::report(*mistake);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return quorumor::report(quorumor::usage_failure(app, error));
  }
  if (!chosen) {
    std::fprintf(stderr, "%s", app.help().c_str());  // of the deepest command that was named
    return 2;
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that went away and a file that grew over its limit are errors to report, not reasons to die.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  quorumor::crypto_init();
  // Every command: `node` and `authority` hold keys too, and their children (`dev`) harden themselves.
  if (const auto hardened = quorumor::forbid_core_dumps(); !hardened) return quorumor::report(hardened.error());
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // memory, mostly
    return quorumor::report(quorumor::fail(error.what()));
  }
}
