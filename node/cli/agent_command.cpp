#include "node/agent/address.h"
#include "node/agent/agent.h"
#include "node/cli/cluster_options.h"
#include "node/cli/commands.h"
#include "node/cli/path_option.h"

#include <memory>

namespace quorumor {
namespace {

struct Options {
  std::string dir, advertise;
  std::vector<std::string> bind, join;
  bool bootstrap = false;
  std::string preset = "lan", log = "text", log_level = "info";
  std::string beta, epsilon_exponent, defense;
};

Config config_of(const std::string& preset) {
  if (preset == "wan") return Config::wan();
  return preset == "local" ? Config::local() : Config::lan();
}

Fallible<ClusterParameters> parameters_of(const Options& o) {
  const bool any = !o.beta.empty() || !o.epsilon_exponent.empty() || !o.defense.empty();
  if (any && !o.bootstrap) {
    return misuse("--beta, --epsilon-exponent and --defense are the whole cluster's: give them with --bootstrap only");
  }
  ClusterParameters out;
  if (!o.beta.empty()) {
    BOOST_OUTCOME_TRY(out.beta_ppm, parse_beta(o.beta));
  }
  if (!o.epsilon_exponent.empty()) {
    BOOST_OUTCOME_TRY(out.epsilon_exponent, parse_epsilon_exponent(o.epsilon_exponent));
  }
  out.defense = o.defense != "off";
  return out;
}

Fallible<AgentOptions> to_agent_options(const Options& o) {
  AgentOptions out;
  out.runtime.directory = o.dir;
  out.runtime.bootstrap = o.bootstrap;
  out.runtime.config = config_of(o.preset);
  BOOST_OUTCOME_TRY(out.runtime.parameters, parameters_of(o));
  for (const std::string& given : o.bind) {
    BOOST_OUTCOME_TRY(auto address, complete_address(given, "--bind", PortZero::allowed));
    out.runtime.bind.push_back(std::move(address));
  }
  for (const std::string& given : o.join) {
    BOOST_OUTCOME_TRY(auto address, complete_address(given, "--join"));
    out.runtime.join.push_back(std::move(address));
  }
  if (!o.advertise.empty()) {
    BOOST_OUTCOME_TRY(auto address, complete_address(o.advertise, "--advertise", PortZero::allowed));
    out.runtime.advertise = std::move(address);
  }
  out.log_format = o.log == "json" ? LogFormat::json : LogFormat::text;
  out.log_level = parse_log_level(o.log_level).value_or(LogLevel::info);
  return out;
}

}  // namespace

void add_agent_command(CLI::App& app, Chosen& chosen) {
  auto* c = app.add_subcommand("agent", "Run this node: a member of the cluster, until Ctrl-C or `leave`");
  auto o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory, from `quorumor node init` and `install`")->required();
  c->add_option("--bind", o->bind, "HOST[:PORT] to listen on, UDP and TCP; may repeat; port 7947 unless given")
      ->required();
  c->add_option("--advertise", o->advertise, "HOST[:PORT] that others reach this node at; needed if --bind is 0.0.0.0");
  c->add_option("--join", o->join, "HOST[:PORT] of a member to join by; may repeat");
  c->add_flag("--bootstrap", o->bootstrap, "Start a new cluster (its first node; needs the keymaster role)");
  c->add_option("--preset", o->preset, "Timing: lan, wan or local")
      ->capture_default_str()
      ->check(CLI::IsMember({"lan", "wan", "local"}));
  c->add_option("--log", o->log, "Log lines for people or for collectors: text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  c->add_option("--log-level", o->log_level, "debug, info, warning or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  c->add_option("--beta", o->beta, "With --bootstrap: the fraction of members that may lie, 0 to 0.333333 (0.1)");
  c->add_option("--epsilon-exponent", o->epsilon_exponent,
                "With --bootstrap: accepted probability of failure an epoch, 10^-N, N from 1 to 18 (4)");
  c->add_option("--defense", o->defense, "With --bootstrap: on, or off for plain SWIM (on)")
      ->check(CLI::IsMember({"on", "off"}));
  c->footer(
      "Examples:\n"
      "  quorumor agent --dir /var/lib/quorumor --bind 192.0.2.7 --bootstrap\n"
      "  quorumor agent --dir /var/lib/quorumor --bind 0.0.0.0 --advertise 192.0.2.8 --join 192.0.2.7");
  c->callback([o, &chosen] {
    chosen = [o] {
      const auto options = to_agent_options(*o);
      return options ? run_agent(options.value()) : report(options.error());
    };
  });
}

}  // namespace quorumor
