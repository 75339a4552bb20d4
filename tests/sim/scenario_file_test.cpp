// Scenarios from TOML: what is taken, and that each mistake is one clear line.
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario_file.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace quorumor;
using namespace quorumor::sim;

namespace {

Scenario good(std::string_view text, const std::vector<Override>& overrides = {}) {
  auto parsed = parse_scenario(text, "s.toml", overrides);
  if (!parsed) FAIL(parsed.error().front());
  return std::move(parsed).value();
}

// The only problem's line.
std::string bad(std::string_view text, const std::vector<Override>& overrides = {}) {
  const auto parsed = parse_scenario(text, "s.toml", overrides);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().size() == 1);
  return parsed.error().front();
}

}  // namespace

TEST_CASE("an empty file is the default scenario, and it has no problems") {
  const Scenario s = good("");
  CHECK(s.cluster.nodes == 20);
  CHECK(s.cluster.protocol == Protocol::quorumor);
  CHECK(s.duration == 60s);
}

TEST_CASE("all kinds of values are read") {
  const Scenario s = good(R"(
name = "x"
seed = 7
duration = "2m"
[cluster]
nodes = 40
preset = "wan"
protocol = "swim+lifeguard"
lifeguard_buddy = false
zones = 2
[config]
suspicion_mult = 7
stream_probe = false
[network]
loss = "12.5%"
latency_least = "500us"
latency_most = "20ms"
latency_shape = "lognormal"
[[zone_link]]
from = 0
to = 1
latency_least = "40ms"
latency_most = "60ms"
[[action]]
do = "pause"
at = "10s"
every = "5s"
who = "25%"
for = "2s"
[[action]]
do = "cut"
who = "n0..n3, n9"
peers = "7 random"
one_way = true
[[adversary]]
behaviour = "silent"
who = "4 observers of n3"
[expect]
false_deaths = "= 0"
"first_detection_s.p99" = "<= 12"
suspicions = "1..3"
[expect_undefended]
false_deaths = "> 0"
)");
  CHECK(s.seed == 7);
  CHECK(s.cluster.config.probe_interval == Config::wan().probe_interval);
  CHECK(s.cluster.config.suspicion_mult == 7);
  CHECK_FALSE(s.cluster.config.stream_probe);
  CHECK_FALSE(s.cluster.lifeguard.buddy);
  CHECK(s.network.loss_ppm == 125'000);
  CHECK(s.network.latency->least == 500us);
  CHECK(s.network.latency->shape == Latency::Shape::lognormal);
  REQUIRE(s.zone_links.size() == 1);
  CHECK(s.zone_links[0].profile.latency->most == 60ms);
  REQUIRE(s.actions.size() == 2);
  CHECK(s.actions[0].who.kind == Picks::Kind::share);
  CHECK(s.actions[0].who.ppm == 250'000);
  CHECK(s.actions[0].lasts == 2s);
  CHECK(s.actions[1].who.ranges == std::vector<std::pair<std::size_t, std::size_t>>{{0, 3}, {9, 9}});
  CHECK(s.actions[1].peers.count == 7);
  REQUIRE(s.adversaries.size() == 1);
  CHECK(s.adversaries[0].who.kind == Picks::Kind::observers);
  CHECK(s.adversaries[0].who.subject == 3);
  REQUIRE(s.expect.size() == 3);
  CHECK(s.expect[0].least == 0);
  CHECK(s.expect[0].most == 0);
  CHECK(s.expect[1].most == 12);
  CHECK(s.expect[2].least == 1);
  CHECK(s.expect_undefended[0].least > 0);
}

TEST_CASE("an operator's deeds: epochs need nobody named, a revocation does") {
  const Scenario s = good(R"(
[cluster]
links_active = 3
[[action]]
do = "rotate"
[[action]]
do = "retire"
[[action]]
do = "revoke"
who = "n4"
)");
  CHECK(s.cluster.links_active == 3);
  CHECK(s.actions[1].what == Action::What::retire);
  CHECK(s.actions[2].what == Action::What::revoke);
  CHECK(bad("[[action]]\ndo = \"revoke\"\n").find("`who` is missing") != std::string::npos);
}

TEST_CASE("a preset counts wherever it stands, and does not undo what [config] says") {
  const Scenario s = good("[config]\nsuspicion_mult = 9\n[cluster]\npreset = \"local\"\n");
  CHECK(s.cluster.config.suspicion_mult == 9);
  CHECK(s.cluster.config.probe_interval == Config::local().probe_interval);
}

TEST_CASE("a command line wins over the file") {
  const std::string_view text = "[cluster]\nnodes = 5\n[[action]]\ndo = \"crash\"\nwho = \"n1\"\n[expect]\nflaps = \"= 1\"\n";
  const Scenario s = good(text, {{"cluster.nodes", "9"},
                                 {"network.loss", "3%"},
                                 {"action.1.who", "n2..n3"},
                                 {"expect.flaps", "<= 4"},
                                 {"config.stream_probe", "false"},
                                 {"cluster.nodes", "10"}});
  CHECK(s.cluster.nodes == 10);
  CHECK(s.network.loss_ppm == 30'000);
  CHECK(s.actions[0].who.ranges[0].second == 3);
  REQUIRE(s.expect.size() == 1);
  CHECK(s.expect[0].most == 4);
  CHECK_FALSE(s.cluster.config.stream_probe);
}

TEST_CASE("each mistake is one line that names the place and what is allowed") {
  const struct {
    const char* text;
    const char* says;
  } kRows[] = {
      {"[cluster]\nnoodes = 5", "s.toml:2:10: unknown key 'noodes' in [cluster]; did you mean 'nodes'?"},
      {"nodes = 5", "s.toml:1:9: unknown key 'nodes'; it belongs to [cluster]"},
      {"[clutser]\nnodes = 5", "s.toml:2:9: unknown table [clutser]; did you mean [cluster]?"},
      {"[action]\ndo = \"crash\"", "s.toml:2:6: [action] is a list: write [[action]]"},
      {"[[cluster]]\nnodes = 5", "s.toml:2:9: [[cluster]] is one table: write [cluster]"},
      {"[cluster]\nnodes = 0", "s.toml:2:9: cluster.nodes is 1 to 20000, not 0"},
      {"[cluster]\nnodes = \"5\"", "s.toml:2:9: cluster.nodes is a whole number, 1 to 20000"},
      {"[network]\nloss = \"120%\"", "s.toml:2:8: network.loss is \"0%\" to \"100%\", not 120%"},
      {"[network]\nloss = 0.2", "s.toml:2:8: network.loss is a share in quotes with its percent sign, \"0%\" to \"100%\""},
      {"[cluster]\nbeta = \"34%\"", "s.toml:2:8: cluster.beta is \"0%\" to \"33%\", not 34%"},
      {"duration = \"1.5s\"",
       "s.toml:1:12: duration is a whole number and a unit (us, ms, s, m, h), like \"500ms\", not \"1.5s\""},
      {"[cluster]\nprotocol = \"swin\"", "s.toml:2:12: cluster.protocol is none of its words; did you mean \"swim\"?"},
      {"[expect]\nfalse_death = \"= 0\"",
       "s.toml:2:15: expect.false_death is no figure; did you mean \"false_deaths\"? "
       "(`quorumor-sim list --figures` prints all)"},
      {"[expect]\nfalse_deaths = 0",
       "s.toml:2:16: expect.false_deaths is a bound in quotes: \"= 0\", \"<= 3\", \">= 3\", \"< 3\", \"> 0\" or "
       "\"1.4..1.8\""},
      {"[config]\nprobe_intervall = \"1s\"",
       "s.toml:2:19: config.probe_intervall is no setting of a node; did you mean 'probe_interval'?"},
      {"[[action]]\ndo = \"crash\"", "s.toml: [[action]] of line 2 (crash): `who` is missing"},
      {"[[action]]\ndo = \"crash\"\nwho = \"n20\"",
       "s.toml: [[action]] of line 2 (crash): there is no n20; members are n0 to n19"},
      {"[[action]]\ndo = \"crash\"\nwho = \"n1\"\nat = \"60s\"",
       "s.toml: [[action]] of line 2 (crash): `at` 1m is not before the end, at 1m"},
      {"[[action]]\ndo = \"crash\"\nwho = \"m1\"",
       "s.toml:3:7: action.1.who names members: \"all\", \"none\", \"n3\", \"n1..n5, n9\", \"25%\", \"7 random\" or \"4 "
       "observers of n3\", not \"m1\""},
      {"[[action]]\ndo = \"pause\"\nwho = \"n1\"", "s.toml: [[action]] of line 2 (pause): `for` is missing"},
      {"[[action]]\ndo = \"block\"\nwho = \"n1\"", "s.toml: [[action]] of line 2 (block): `for` is missing"},
      {"[[action]]\ndo = \"block\"\nwho = \"n1\"\nfor = \"2s\"\nevery = \"2s\"",
       "s.toml: [[action]] of line 2 (block): `every` is not longer than `for`: it would never be free"},
      {"[[adversary]]\nbehaviour = \"silent\"\nwho = \"60%\"\n[[adversary]]\nbehaviour = \"silent\"\nwho = \"50%\"",
       "s.toml: the shares of all [[adversary]] add up to more than 100%"},
      {"[cluster]\nlifeguard_probe = false", "s.toml: [cluster] lifeguard_... needs protocol = \"swim+lifeguard\""},
      {"[network]\nlatency_least = \"5ms\"",
       "s.toml: [network]: latency_least 5ms is above latency_most 2ms"},
      {"x = [", nullptr},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.text);
    const std::string line = bad(row.text);
    if (row.says != nullptr) CHECK(line == row.says);
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("mistakes of --set name it, and make no new actions") {
  CHECK(bad("", {{"cluster.nodse", "3"}}) == "--set cluster.nodse: unknown key 'nodse' in [cluster]; did you mean 'nodes'?");
  CHECK(bad("", {{"action.1.do", "crash"}}) == "--set action.1.do: there is no [[action]] number 1 in the file");
  CHECK(bad("", {{"cluster.nodes", "many"}}) == "--set cluster.nodes: cluster.nodes is a whole number, 1 to 20000");
}

TEST_CASE("problems are bounded, and the rest is counted") {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "unknown_" + std::to_string(i) + " = 1\n";
  const auto parsed = parse_scenario(text, "s.toml");
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().size() == kScenarioProblemsMax + 1);
  CHECK(parsed.error().back() == "and 10 more problems");
}

TEST_CASE("every key has a place, a type and words for people, and none stands twice") {
  const auto keys = scenario_keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK_FALSE(keys[i].doc.empty());
    CHECK_FALSE(keys[i].takes.empty());
    for (std::size_t j = 0; j < i; ++j) CHECK((keys[i].table != keys[j].table || keys[i].name != keys[j].name));
  }
}
