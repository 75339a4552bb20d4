#include "node/agent/agent.h"
#include "node/cli/commands.h"
#include "node/cli/path_option.h"
#include "node/cli/settings_report.h"

#include <memory>

namespace quorumor {
namespace {

struct Options {
  std::string config, dir, advertise;
  std::vector<std::string> bind, join;
  bool bootstrap = false;
  std::string preset, log, log_level;
  std::string beta, epsilon, suite, defense;
  std::string passphrase_file, passphrase_credential;
};

TomlValue text_value(const std::string& text) { return {TomlValue::Kind::text, text, false, {}}; }

// What the command line says, in the terms of the table of settings. A flag that was not given is empty.
std::vector<GivenSetting> given_flags(const Options& o) {
  std::vector<GivenSetting> out;
  const std::pair<const char*, const std::string&> texts[] = {{"preset", o.preset}, {"dir", o.dir},
                                                              {"advertise", o.advertise}, {"log", o.log},
                                                              {"log_level", o.log_level}};
  for (const auto& [key, text] : texts) {
    if (!text.empty()) out.push_back(given_by_flag("", key, text_value(text)));
  }
  const std::pair<const char*, const std::vector<std::string>&> lists[] = {{"bind", o.bind}, {"join", o.join}};
  for (const auto& [key, texts_given] : lists) {
    if (!texts_given.empty()) out.push_back(given_by_flag("", key, {TomlValue::Kind::texts, {}, false, texts_given}));
  }
  const std::pair<const char*, const std::string&> numbers[] = {{"beta", o.beta}, {"epsilon", o.epsilon}};
  for (const auto& [key, text] : numbers) {
    if (!text.empty()) out.push_back(given_by_flag("bootstrap", key, {TomlValue::Kind::number, text, false, {}}));
  }
  const std::pair<const char*, const std::string&> keys[] = {{"passphrase_file", o.passphrase_file},
                                                             {"passphrase_credential", o.passphrase_credential}};
  for (const auto& [key, text] : keys) {
    if (!text.empty()) out.push_back(given_by_flag("keys", key, text_value(text)));
  }
  if (!o.suite.empty()) out.push_back(given_by_flag("bootstrap", "suite", text_value(o.suite)));
  if (!o.defense.empty()) {
    out.push_back(given_by_flag("bootstrap", "defense", {TomlValue::Kind::flag, {}, o.defense == "on", {}}));
  }
  return out;
}

Result<AgentSettings, Problems> settings_of(const Options& o) {
  const bool any = !o.beta.empty() || !o.epsilon.empty() || !o.suite.empty() || !o.defense.empty();
  if (any && !o.bootstrap) {
    return Problems{
        "--beta, --epsilon, --suite and --defense are the whole cluster's: give them with --bootstrap only"};
  }
  BOOST_OUTCOME_TRY(auto effective, load_settings(o.config, given_flags(o)));
  const std::pair<const char*, bool> needed[] = {{"dir", effective.settings.dir.empty()},
                                                 {"bind", effective.settings.bind.empty()}};
  Problems missing;
  for (const auto& [key, is_missing] : needed) {
    if (!is_missing) continue;
    const std::string flag = "--" + std::string(key);
    missing.push_back(o.config.empty() ? flag + " is required; `quorumor agent --help` tells more"
                                       : o.config + ": " + key + " is not set; set it there, or give " + flag);
  }
  if (!missing.empty()) return missing;
  return std::move(effective.settings);
}

AgentOptions to_agent_options(const AgentSettings& settings, bool bootstrap) {
  AgentOptions out;
  out.runtime.directory = settings.dir;
  out.runtime.bind = settings.bind;
  if (!settings.advertise.empty()) out.runtime.advertise = settings.advertise;
  out.runtime.join = settings.join;
  out.runtime.bootstrap = bootstrap;
  out.runtime.parameters = settings.parameters;
  out.runtime.config = settings.config;
  out.runtime.passphrase = {settings.passphrase_file, settings.passphrase_credential};
  out.log_format = settings.log == "json" ? LogFormat::json : LogFormat::text;
  out.log_level = parse_log_level(settings.log_level).value_or(LogLevel::info);
  return out;
}

int run(const Options& o) {
  const auto settings = settings_of(o);
  if (!settings) return report_all(settings.error());
  return run_agent(to_agent_options(settings.value(), o.bootstrap));
}

}  // namespace

void add_agent_command(CLI::App& app, Chosen& chosen) {
  auto* c = app.add_subcommand("agent", "Run this node: a member of the cluster, until Ctrl-C or `leave`");
  auto o = std::make_shared<Options>();
  const auto not_empty = CLI::Validator(
      [](const std::string& text) { return text.empty() ? std::string("is empty") : std::string(); }, "");
  add_path(c, "--config", o->config, "TOML file of settings; flags win over it. See `quorumor config example`");
  add_path(c, "--dir", o->dir, "The node's directory, from `quorumor node init` and `install`; required");
  c->add_option("--bind", o->bind,
                "HOST[:PORT] to listen on, UDP and TCP; may repeat; port 7947 unless given; required");
  c->add_option("--advertise", o->advertise, "HOST[:PORT] that others reach this node at; needed if --bind is 0.0.0.0")
      ->check(not_empty);
  c->add_option("--join", o->join, "HOST[:PORT] of a member to join by; may repeat");
  c->add_flag("--bootstrap", o->bootstrap, "Start a new cluster (its first node; needs the keymaster role)");
  c->add_option("--preset", o->preset, "Timing: lan, wan or local (lan)")->check(not_empty);
  c->add_option("--log", o->log, "Log lines for people or for collectors: text or json (text)")->check(not_empty);
  c->add_option("--log-level", o->log_level, "debug, info, warning or error (info)")->check(not_empty);
  c->add_option("--beta", o->beta, "With --bootstrap: the fraction of members that may lie, 0 to 0.333333 (0.1)")
      ->check(not_empty);
  c->add_option("--epsilon", o->epsilon,
                "With --bootstrap: accepted probability of failure an epoch, 1e-1 to 1e-18 (1e-4)")
      ->check(not_empty);
  c->add_option("--suite", o->suite, "With --bootstrap: chacha20-poly1305 or aes-256-gcm (chacha20-poly1305)")
      ->check(not_empty);
  c->add_option("--defense", o->defense, "With --bootstrap: on, or off for plain SWIM (on)")
      ->check(CLI::IsMember({"on", "off"}));
  c->add_option("--passphrase-file", o->passphrase_file, "Opens a sealed identity and ring ('-': standard input)")
      ->check(not_empty);
  c->add_option("--passphrase-credential", o->passphrase_credential, "The same, from systemd's LoadCredential=")
      ->check(not_empty);
  c->footer(
      "Examples:\n"
      "  quorumor agent --dir /var/lib/quorumor --bind 192.0.2.7 --bootstrap\n"
      "  quorumor agent --dir /var/lib/quorumor --bind 0.0.0.0 --advertise 192.0.2.8 --join 192.0.2.7\n"
      "  quorumor agent --config /etc/quorumor/agent.toml");
  c->callback([o, &chosen] {
    chosen = [o] { return run(*o); };
  });
}

}  // namespace quorumor
