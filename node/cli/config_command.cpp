#include "node/agent/config_text.h"
#include "node/cli/answer.h"
#include "node/cli/commands.h"
#include "node/cli/path_option.h"
#include "node/cli/settings_report.h"

#include <memory>

namespace quorumor {
namespace {

struct Options {
  std::string file, preset;
};

int check(const Options& o) {
  const auto settings = load_settings(o.file, {});
  if (!settings) return report_all(settings.error());
  return print_answer(false, o.file + " is valid\n", {});
}

int show(const Options& o) {
  std::vector<GivenSetting> flags;
  if (!o.preset.empty()) {
    flags.push_back(given_by_flag("", "preset", {TomlValue::Kind::text, o.preset, false, {}}));
  }
  const auto settings = load_settings(o.file, flags);
  if (!settings) return report_all(settings.error());
  return print_answer(false, effective_text(settings.value()), {});
}

}  // namespace

Result<EffectiveSettings, Problems> load_settings(const std::string& file, const std::vector<GivenSetting>& flags) {
  std::vector<GivenSetting> given;
  if (!file.empty()) {
    BOOST_OUTCOME_TRY(given, read_config_file(file));
  }
  return resolve_settings(given, flags);
}

int report_all(const Problems& problems) {
  int code = 2;
  for (const std::string& problem : problems) code = report(misuse(problem));
  return code;
}

void add_config_command(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("config", "Check configuration files, show what is in effect");
  group->require_subcommand(0, 1);
  group->footer(
      "Examples:\n"
      "  quorumor config example > agent.toml\n"
      "  quorumor config check agent.toml\n"
      "  quorumor config show --config agent.toml --preset wan");
  auto o = std::make_shared<Options>();

  auto* c = group->add_subcommand("check", "Say what is wrong with a file; exit code 0 if nothing is, else 2");
  add_path(c, "FILE", o->file, "The configuration file")->required();
  c->callback([o, &chosen] { chosen = [o] { return check(*o); }; });

  c = group->add_subcommand("show", "Print every setting in effect, as TOML, with where it comes from");
  add_path(c, "--config", o->file, "The configuration file; the defaults alone unless given");
  c->add_option("--preset", o->preset, "lan, wan or local, over the file's");
  c->callback([o, &chosen] { chosen = [o] { return show(*o); }; });

  c = group->add_subcommand("example", "Print a commented file with every setting and its default");
  c->callback([&chosen] { chosen = [] { return print_answer(false, example_text(), {}); }; });
}

}  // namespace quorumor
