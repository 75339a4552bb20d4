// The example and what `config show` prints both read back to what they say.
#include "node/agent/config_text.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace quorumor;

namespace {

EffectiveSettings resolved(std::string_view text) {
  const auto given = parse_config(text, "f");
  REQUIRE(given.has_value());
  auto effective = resolve_settings(given.value(), {});
  REQUIRE(effective.has_value());
  return std::move(effective).value();
}

std::string example_file() {
  std::ifstream in(QUORUMOR_EXAMPLES "/agent.toml");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("examples/agent.toml is what the table says: write it anew by `quorumor config example`") {
  CHECK(example_file() == example_text());
}

TEST_CASE("the example has every key once, and its values are the defaults") {
  const auto given = parse_config(example_file(), "examples/agent.toml");
  REQUIRE(given.has_value());
  REQUIRE(given.value().size() == all_settings().size());
  for (const Setting& setting : all_settings()) {
    CAPTURE(setting.key());
    int count = 0;
    for (const GivenSetting& g : given.value()) {
      count += g.entry.table == setting.table() && g.entry.key == setting.key() ? 1 : 0;
    }
    CHECK(count == 1);
  }
  const EffectiveSettings e = resolved(example_file());
  AgentSettings defaults;
  CHECK(e.settings.preset == "lan");
  for (const ConfigKey& key : kConfigKeys) {
    CAPTURE(key.name);
    CHECK(key.read(e.settings.config) == key.read(Config::lan()));
    if (!key.is_flag()) CHECK(example_file().find(key.range()) != std::string::npos);
  }
  CHECK(e.settings.parameters == defaults.parameters);
  CHECK(e.settings.log == defaults.log);
  CHECK(e.settings.log_level == defaults.log_level);
}

TEST_CASE("no line of the example is too long, and every setting says why one would change it") {
  std::string text = example_text();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    CHECK(end - at <= 100);
    at = end + 1;
  }
  for (const Setting& setting : all_settings()) CHECK(setting.doc().size() > 40);
}

TEST_CASE("what is shown reads back to the same settings") {
  for (const char* text : {"", "preset = 'wan'\nprobe_interval = '7s'", "dir = \"a\\\"b\\\\c\\u0001d\"\njoin = ['a', 'b']",
                           "bootstrap.beta = 0.05\nbootstrap.epsilon = 0.001\nbootstrap.suite = 'aes-256-gcm'"}) {
    CAPTURE(text);
    const EffectiveSettings first = resolved(text);
    const EffectiveSettings second = resolved(effective_text(first));
    for (const Setting& setting : all_settings()) {
      CAPTURE(setting.key());
      CHECK(setting.text(first.settings) == setting.text(second.settings));
    }
    CHECK(first.settings.parameters == second.settings.parameters);
  }
}

TEST_CASE("each value is shown with where it comes from") {
  const std::string shown = effective_text(resolved("preset = 'wan'\nprobe_interval = '7s'"));
  for (const char* line : {"preset = \"wan\"                    # f:1\n", "# dir is not set\n",
                           "probe_interval = \"7s\"             # f:2\n",
                           "probe_timeout = \"2500ms\"          # preset wan\n", "\n[bootstrap]\nbeta = 0.1 ",
                           "defense = true                    # default\n"}) {
    CAPTURE(line);
    CHECK(shown.find(line) != std::string::npos);
  }
}
