// list, show, keys: what there is to run and to write.
#include "node/cli/table.h"
#include "node/core/config_keys.h"
#include "sim/adversary/adversary.h"
#include "sim/cli/commands.h"
#include "sim/cli/library.h"
#include "sim/scenario/figures.h"
#include "sim/scenario/keys.h"

#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace quorumor::sim {
namespace {

int list_scenarios() {
  std::vector<Row> rows;
  for (const BuiltIn& b : built_in_scenarios()) {
    const auto parsed = parse_scenario(b.text, std::string(b.name));
    rows.push_back({std::string(b.name), parsed ? parsed.value().description : "(damaged)"});
  }
  std::fputs(render_table({"scenario", "what it shows"}, rows).c_str(), stdout);
  std::puts(
      "\nquorumor-sim run NAME runs one, `show NAME` prints it to begin your own from, `keys` explains every key.");
  return 0;
}

// Too much for a table: a name, and what there is to say of it below.
int list_behaviours() {
  for (const bool insider : {true, false}) {
    std::puts(insider ? "Members that lie (`who` says which)\n" : "\nOutsiders (no `who`)\n");
    for (const Behaviour& b : behaviours()) {
      if (b.insider != insider) continue;
      std::printf("%s\n    %s.\n    Against it: %s.\n", std::string(b.name).c_str(), std::string(b.what).c_str(),
                  std::string(b.against).c_str());
      if (!b.parameters.empty()) std::printf("    Takes %s.\n", std::string(b.parameters).c_str());
    }
  }
  std::puts("\n`quorumor-sim run attacks/NAME` shows each at work.");
  return 0;
}

int list_figures() {
  std::vector<Row> rows;
  for (const Figure& f : figures()) {
    rows.push_back({std::string(f.name) + (f.distribution ? ".*" : ""), std::string(f.unit), std::string(f.meaning)});
  }
  std::fputs(render_table({"figure", "unit", "what it is"}, rows).c_str(), stdout);
  std::puts("\n.* is .p50, .p90, .p99, .max, .mean or .count.");
  return 0;
}

int show(const std::string& name) {
  const auto loaded = load_scenario(name);
  if (!loaded) return sim_report(loaded.error());
  std::fputs(loaded.value().text.c_str(), stdout);
  return 0;
}

int keys() {
  std::string_view table = "-";
  for (const ScenarioKey& key : scenario_keys()) {
    if (key.table != table) {
      table = key.table;
      const std::string name(table);
      std::printf("\n%s\n", table.empty() ? "At the top"
                                          : (is_array_table(table) ? "[[" + name + "]]" : "[" + name + "]").c_str());
    }
    std::printf("  %-20s %s. %s\n", std::string(key.name).c_str(), std::string(key.takes).c_str(),
                std::string(key.doc).c_str());
  }
  std::puts("\n[config]: the settings of every node, over the preset");
  for (const ConfigKey& key : kConfigKeys) {
    std::printf("  %-20s %s. %s\n", std::string(key.name).c_str(), key.range().c_str(), std::string(key.doc).c_str());
  }
  std::puts(
      "\n[expect] (protocol \"quorumor\") and [expect_undefended] (any other)\n"
      "  FIGURE               a bound in quotes: \"= 0\", \"<= 3\", \"1.4..1.8\". `quorumor-sim list --figures` says "
      "which there\n"
      "                       are; one with a dot stands in quotes: \"first_detection_s.p99\" = \"< 12\"\n"
      "\nMembers are written \"all\", \"none\", \"n3\", \"n1..n5, n9\", \"25%\", \"7 random\" or \"4 observers of "
      "n3\".");
  return 0;
}

}  // namespace

void add_list_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* list = app.add_subcommand("list", "Scenarios that come with this program; behaviours; figures");
  auto which = std::make_shared<std::pair<bool, bool>>();
  list->add_flag("--behaviours", which->first, "What adversaries can do");
  list->add_flag("--figures", which->second, "What is measured");
  list->callback([which, &chosen] {
    chosen = [which] { return which->first ? list_behaviours() : which->second ? list_figures() : list_scenarios(); };
  });
  CLI::App* shown = app.add_subcommand("show", "Print a scenario's text");
  auto name = std::make_shared<std::string>();
  shown->add_option("SCENARIO", *name, "Its name, or a file")->required();
  shown->callback([name, &chosen] { chosen = [name] { return show(*name); }; });
  app.add_subcommand("keys", "Every key of a scenario, with what it takes and does")->callback([&chosen] {
    chosen = keys;
  });
}

}  // namespace quorumor::sim
