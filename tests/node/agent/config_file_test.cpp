// Each wrong file gives exactly these lines; each right one exactly these settings.
#include "node/agent/config_file.h"

#include <doctest/doctest.h>

#include <fstream>

using namespace quorumor;

namespace {

// All lines of a file that is named f, joined; empty if it is valid.
std::string problems_of(std::string_view text, const std::vector<GivenSetting>& flags = {}) {
  const auto join = [](const Problems& lines) {
    std::string out;
    for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
    return out;
  };
  const auto given = parse_config(text, "f");
  if (!given) return join(given.error());
  const auto effective = resolve_settings(given.value(), flags);
  return effective ? "" : join(effective.error());
}

EffectiveSettings resolved(std::string_view text, const std::vector<GivenSetting>& flags = {}) {
  const auto given = parse_config(text, "f");
  REQUIRE(given.has_value());
  auto effective = resolve_settings(given.value(), flags);
  REQUIRE(effective.has_value());
  return std::move(effective).value();
}

GivenSetting flag(std::string_view key, const char* text) {
  return given_by_flag("", key, {TomlValue::Kind::text, text, false, {}});
}

struct Bad {
  const char* text;
  const char* says;
};

void check_all(std::span<const Bad> cases) {
  for (const Bad& c : cases) {
    CAPTURE(c.text);
    CHECK(problems_of(c.text) == c.says);
  }
}

}  // namespace

TEST_CASE("unknown keys and tables, and what was meant") {
  static constexpr Bad kCases[] = {
      {"prob_interval = '1s'", "f:1:1: unknown key 'prob_interval'; did you mean 'probe_interval'?"},
      {"\n  zzzzzzzz = 1", "f:2:3: unknown key 'zzzzzzzz'; `quorumor config example` prints all that there are"},
      {"[gossip]\nfanout = 3", "f:2:1: unknown key 'gossip.fanout'; the tables are [keys] and [bootstrap]"},
      {"[gossip]", "f:1:2: unknown table [gossip]; there are [keys] and [bootstrap]"},
      {"a.b.c = 1", "f:1:3: unknown key 'a.b'; the tables are [keys] and [bootstrap]"},
      {"[bootstrap]\nbetta = 0.1", "f:2:1: unknown key 'bootstrap.betta'; did you mean 'beta'?"},
      {"[bootstrap]\njoin = 'a'", "f:2:1: 'join' does not belong to [bootstrap]; move it above that line"},
      {"beta = 0.1", "f:1:1: 'beta' belongs under [bootstrap]"},
      {"passphrase_file = 'x'", "f:1:1: 'passphrase_file' belongs under [keys]"},
      {"[keys]\npassphrase_file = 'x'\npassphrase_credential = 'y'",
       "f:3: keys.passphrase_credential: excludes passphrase_file, which comes from f:2; give one of both"},
      {"bootstrap = true", "f:1:1: [bootstrap] is a table, with beta, epsilon and so on; what starts a cluster is the "
                           "flag --bootstrap"},
      {"bootstrap.beta.x = 1", "f:1:11: bootstrap.beta: takes a fraction from 0 to 0.333333, with at most 6 decimals, "
                               "not a table"},
  };
  // The value's column of a dotted key is where the library puts its table: the key's.
  check_all(kCases);
}

TEST_CASE("durations need a unit") {
  static constexpr Bad kCases[] = {
      {"probe_interval = 1", "f:1:18: probe_interval: '1' has no unit; write \"1ms\" or \"1s\"; allowed: 20ms to 1m"},
      {"probe_interval = 1.5",
       "f:1:18: probe_interval: '1.5' has no unit; write \"500ms\" or \"1s\"; allowed: 20ms to 1m"},
      {"probe_interval = '1'", "f:1:18: probe_interval: '1' is no duration; write a whole number and ms, s, m or h, such "
                               "as \"500ms\"; allowed: 20ms to 1m"},
      {"probe_interval = '1 s'", "f:1:18: probe_interval: '1 s' is no duration; write a whole number and ms, s, m or h, "
                                 "such as \"500ms\"; allowed: 20ms to 1m"},
      {"probe_interval = true", "f:1:18: probe_interval: takes a duration from 20ms to 1m, not true or false"},
      {"probe_interval = 07:32:00", "f:1:18: probe_interval: takes a duration from 20ms to 1m, not a date or time"},
      {"probe_interval = '19ms'", "f:1:18: probe_interval: 19ms is outside 20ms to 1m"},
      {"probe_interval = '2m'", "f:1:18: probe_interval: 2m is outside 20ms to 1m"},
      {"bootstrap.epoch_interval_min = 60", "f:1:32: bootstrap.epoch_interval_min: '60' has no unit; write \"60ms\" or "
                                            "\"60s\"; allowed: 1s to 24h"},
      {"bootstrap.epoch_interval_min = '1500ms'",
       "f:1:32: bootstrap.epoch_interval_min: 1500ms is not a duration from 1s to 24h, in whole seconds"},
      {"bootstrap.epoch_interval_min = '25h'",
       "f:1:32: bootstrap.epoch_interval_min: 25h is not a duration from 1s to 24h, in whole seconds"},
  };
  check_all(kCases);
}

TEST_CASE("numbers, words and addresses") {
  static constexpr Bad kCases[] = {
      {"gossip_fanout = 0", "f:1:17: gossip_fanout: 0 is outside 1 to 16"},
      {"gossip_fanout = -1", "f:1:17: gossip_fanout: -1 is outside 1 to 16"},
      {"gossip_fanout = 4294967297", "f:1:17: gossip_fanout: 4294967297 is outside 1 to 16"},
      {"gossip_fanout = 3.0", "f:1:17: gossip_fanout: '3.0' is not a whole number from 1 to 16"},
      {"gossip_fanout = '3'", "f:1:17: gossip_fanout: takes a whole number from 1 to 16, not a string"},
      {"gossip_fanout = [3]", "f:1:17: gossip_fanout: takes a whole number from 1 to 16, not an array of something else"},
      {"stream_probe = 'no'", "f:1:16: stream_probe: takes true or false, not a string"},
      {"preset = 'lna'", "f:1:10: preset: 'lna' is not \"lan\", \"wan\" or \"local\"; did you mean \"lan\"?"},
      {"log_level = 'loud'", "f:1:13: log_level: 'loud' is not \"debug\", \"info\", \"warning\" or \"error\""},
      {"dir = ''", "f:1:7: dir: is empty"},
      {"dir = ['a']", "f:1:7: dir: takes a path, not an array"},
      {"advertise = ['a']", "f:1:13: advertise: takes an address, not an array"},
      {"bind = 'h:x'", "f:1:8: bind 'h:x': the port is not a number from 0 to 65535; write HOST:PORT or [IPV6]:PORT"},
      {"join = ['a', 'h:0']", "f:1:8: join 'h:0': port 0 cannot be reached; give the real port"},
      {"join = ['a', 1]", "f:1:8: join: takes an address or an array of addresses, not an array of something else"},
      {"bootstrap.beta = 0.333334",
       "f:1:18: bootstrap.beta '0.333334': give a fraction from 0 to 0.333333, with at most 6 decimals"},
      {"bootstrap.beta = '0.1'",
       "f:1:18: bootstrap.beta: takes a fraction from 0 to 0.333333, with at most 6 decimals, not a string"},
      {"bootstrap.epsilon = 2e-4",
       "f:1:21: bootstrap.epsilon '2e-4': give a power of ten from 1e-1 to 1e-18, such as 1e-4 or 0.0001"},
      {"bootstrap.suite = 'aes'", "f:1:19: bootstrap.suite: 'aes' is not \"chacha20-poly1305\" or \"aes-256-gcm\""},
      {"bootstrap.defense = 'off'", "f:1:21: bootstrap.defense: takes true or false, not a string"},
  };
  check_all(kCases);
}

TEST_CASE("syntax") {
  static constexpr Bad kCases[] = {
      {"log = 'text'\nlog = 'json'",
       "f:2:7: key-value pair: cannot redefine existing string 'log'; it is set on line 1 already"},
      {"[bootstrap]\nbeta = 0.1\n[bootstrap]\n",
       "f:3:1: table header: cannot redefine existing table 'bootstrap'; it is set on line 2 already"},
      {"preset = lan", "f:1:10: value: could not determine value type; text and durations need quotes: \"lan\""},
      {"probe_interval = 10ms # fast",
       "f:1:20: decimal integer: expected digit, saw 'm'; text and durations need quotes: \"10ms\""},
      {"gossip_fanout = ", "f:1:17: key-value pair: encountered end-of-file"},
      {"dir = \"x\n", "f:1:9: string: unescaped control characters other than TAB (U+0009) are explicitly prohibited"},
      {"dir: 'x'", "f:1:4: key-value pair: expected '=', saw ':'"},
  };
  check_all(kCases);
}

TEST_CASE("values that do not fit each other: the line of the one that was set, and where the other comes from") {
  static constexpr Bad kCases[] = {
      {"probe_interval = '800ms'",
       "f:1: probe_timeout: 500ms is more than half of probe_interval (800ms): two pings must fit a period; "
       "probe_timeout comes from preset lan"},
      {"\nprobe_timeout = '800ms'",
       "f:2: probe_timeout: 800ms is more than half of probe_interval (1s): two pings must fit a period; "
       "probe_interval comes from preset lan"},
      {"probe_timeout = '800ms'\nprobe_interval = '1500ms'",
       "f:1: probe_timeout: 800ms is more than half of probe_interval (1500ms): two pings must fit a period; "
       "probe_interval comes from f:2"},
      {"preset = 'local'\ngossip_interval_min = '60ms'",
       "f:2: gossip_interval_min: 60ms is more than gossip_interval (50ms); gossip_interval comes from preset local"},
      // A value that could not be set is said once; what the preset has in its place is nobody's wish.
      {"probe_timeout = 5\nprobe_interval = '20ms'",
       "f:1:17: probe_timeout: '5' has no unit; write \"5ms\" or \"5s\"; allowed: 5ms to 30s"},
  };
  check_all(kCases);
}

TEST_CASE("all problems of a file, in its order, and not too many") {
  CHECK(problems_of("a = 1\n[bootstrap]\nbeta = 1\nx = 2\n") ==
        "f:1:1: unknown key 'a'; `quorumor config example` prints all that there are\n"
        "f:3:8: bootstrap.beta '1': give a fraction from 0 to 0.333333, with at most 6 decimals\n"
        "f:4:1: unknown key 'bootstrap.x'; `quorumor config example` prints all that there are");
  std::string many;
  for (int i = 0; i < 21; ++i) many += "k" + std::to_string(i) + " = 1\n";
  const auto given = parse_config(many, "f");
  const auto effective = resolve_settings(given.value(), {});
  REQUIRE_FALSE(effective.has_value());
  CHECK(effective.error().size() == kProblemsMax + 1);
  CHECK(effective.error().back() == "and 1 more problem");
}

TEST_CASE("what a file says is what is in effect") {
  const auto e = resolved(
      "preset = 'wan'\ndir = 'd'\nbind = '127.0.0.1'\nadvertise = 'h:1'\njoin = ['a', '[::1]:2']\nlog = 'json'\n"
      "log_level = 'debug'\nprobe_interval = '6s'\nstream_probe = false\ngossip_bandwidth = 1_000_000\n"
      "bootstrap.beta = 0.10\nbootstrap.epsilon = 1e-6\nbootstrap.suite = 'aes-256-gcm'\nbootstrap.defense = false\n"
      "bootstrap.epoch_interval_min = '2m'");
  const AgentSettings& s = e.settings;
  CHECK(s.dir == "d");
  CHECK(s.bind == std::vector<std::string>{"127.0.0.1:7947"});
  CHECK(s.advertise == "h:1");
  CHECK(s.join == std::vector<std::string>{"a:7947", "[::1]:2"});
  CHECK((s.preset == "wan" && s.log == "json" && s.log_level == "debug"));
  CHECK(s.config.probe_interval == 6s);
  CHECK(s.config.probe_timeout == Config::wan().probe_timeout);
  CHECK_FALSE(s.config.stream_probe);
  CHECK(s.config.gossip_bandwidth == 1'000'000);
  CHECK(s.parameters == ClusterParameters{Suite::aes256_gcm, false, 100'000, 6, 120});
  CHECK(e.origins.find("probe_interval")->second == "f:8");
  CHECK(e.origins.find("probe_timeout")->second == "preset wan");
  CHECK(e.origins.find("bootstrap.beta")->second == "f:11");
}

TEST_CASE("numbers are read from the text, whatever stands before them in the line") {
  struct {
    const char* text;
    std::uint32_t ppm;
  } const cases[] = {
      {"bootstrap = { \"suite\" = \"aes-256-gcm\", beta = 0.3 }", 300'000},
      {"\xef\xbb\xbf" "bootstrap.beta = 0.07", 70'000},
      {"[bootstrap]\r\nbeta\t=\t0.29 # x\r\n", 290'000},
      {"[bootstrap]\nbeta = 0.333_333", 333'333},
      {"[bootstrap]\nbeta = 0", 0},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(resolved(c.text).settings.parameters.beta_ppm == c.ppm);
  }
}

TEST_CASE("flags win over the file, the file over the preset, and a flag's preset over the file's") {
  const std::string file = "preset = 'wan'\nlog = 'json'\nprobe_interval = '6s'\nbind = 'a'";
  const auto e = resolved(file, {flag("preset", "local"), flag("log", "text"),
                                 given_by_flag("", "bind", {TomlValue::Kind::texts, {}, false, {"b", "c"}})});
  CHECK(e.settings.preset == "local");
  CHECK(e.settings.log == "text");
  CHECK(e.settings.bind == std::vector<std::string>{"b:7947", "c:7947"});
  CHECK(e.settings.config.probe_interval == 6s);
  CHECK(e.settings.config.gossip_interval == Config::local().gossip_interval);
  CHECK(e.origins.find("bind")->second == "--bind");
  CHECK(e.origins.find("preset")->second == "--preset");
  CHECK(problems_of("gossip_interval_min = '60ms'", {flag("preset", "local")}) ==
        "f:1: gossip_interval_min: 60ms is more than gossip_interval (50ms); gossip_interval comes from preset local");
  CHECK(problems_of("", {flag("log_level", "loud")}) ==
        "--log-level: 'loud' is not \"debug\", \"info\", \"warning\" or \"error\"");
}

TEST_CASE("files: regular, there, bounded") {
  const auto folder = std::filesystem::temp_directory_path() / "quorumor-config-file-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const auto message = [](const std::filesystem::path& path) {
    const auto given = read_config_file(path);
    return given ? std::string() : given.error().front();
  };
  const auto file = folder / "f.toml";
  CHECK(message(file) == file.string() + " does not exist");
  CHECK(message(folder) == folder.string() + " is not a regular file");
  CHECK(message("/dev/null") == "/dev/null is not a regular file");
  std::ofstream(file) << std::string(kConfigFileMax, '\n');
  CHECK(message(file) == "");
  std::ofstream(file) << "log = 'json'" << std::string(kConfigFileMax, '\n');
  CHECK(message(file).find("too large") != std::string::npos);
  std::ofstream(file) << "log = 'json'";
  const auto link = folder / "link.toml";
  std::filesystem::create_symlink(file, link);
  CHECK(read_config_file(link).value().size() == 1);
  std::ofstream(file) << "log =\n";
  CHECK(message(file).rfind(file.string() + ":1:", 0) == 0);
  std::filesystem::remove_all(folder);
}
