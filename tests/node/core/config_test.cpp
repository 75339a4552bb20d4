// Every setting has a range; a bad one names its key; nothing is clamped.
#include "node/core/config_keys.h"

#include <doctest/doctest.h>
#include <functional>

using namespace quorumor;

TEST_CASE("the presets are valid") {
  CHECK(ValidatedConfig::validate(Config::lan()).has_value());
  CHECK(ValidatedConfig::validate(Config::wan()).has_value());
  CHECK(ValidatedConfig::validate(Config::local()).has_value());
}

TEST_CASE("each setting out of range is an error that names its key") {
  struct Case {
    const char* key;
    std::function<void(Config&)> spoil;
  };
  const Case cases[] = {
      {"probe_interval", [](Config& c) { c.probe_interval = 0ms; }},
      {"probe_interval", [](Config& c) { c.probe_interval = 61s; }},
      {"probe_timeout", [](Config& c) { c.probe_timeout = 0ms; }},
      {"probe_timeout", [](Config& c) { c.probe_timeout = 501ms; }},
      {"probe_timeout_min", [](Config& c) { c.probe_timeout_min = 0ms; }},
      {"probe_timeout_min", [](Config& c) { c.probe_timeout_min = 501ms; }},
      {"gossip_interval_min", [](Config& c) { c.gossip_interval_min = 201ms; }},
      {"gossip_bandwidth", [](Config& c) { c.gossip_bandwidth = 0; }},
      {"indirect_probes", [](Config& c) { c.indirect_probes = 17; }},
      {"suspicion_mult", [](Config& c) { c.suspicion_mult = 0; }},
      {"retransmit_mult", [](Config& c) { c.retransmit_mult = 0; }},
      {"gossip_interval", [](Config& c) { c.gossip_interval = -1s; }},
      {"gossip_fanout", [](Config& c) { c.gossip_fanout = 0; }},
      {"sync_interval", [](Config& c) { c.sync_interval = 0s; }},
      {"sync_patience", [](Config& c) { c.sync_patience = 0s; }},
      {"rejoin_interval", [](Config& c) { c.rejoin_interval = 0s; }},
      {"stream_deadline", [](Config& c) { c.stream_deadline = 0s; }},
      {"sync_deadline", [](Config& c) { c.sync_deadline = 11min; }},
      {"leave_linger", [](Config& c) { c.leave_linger = 0s; }},
      {"members_max", [](Config& c) { c.members_max = 1; }},
      {"members_max", [](Config& c) { c.members_max = 1 << 20; }},
      {"streams_max", [](Config& c) { c.streams_max = 0; }},
      {"proving_pings", [](Config& c) { c.proving_pings = 0; }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.key);
    Config config;
    c.spoil(config);
    const auto result = ValidatedConfig::validate(config);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().key == c.key);
    CHECK_FALSE(result.error().message.empty());
  }
}

TEST_CASE("every key of the table stands for a member of its own, and its limits are the last that are allowed") {
  for (const ConfigKey& key : kConfigKeys) {
    CAPTURE(key.name);
    CHECK(key.allows(key.read(Config::lan())));
    Config changed;
    key.write(changed, key.is_flag() ? 1 - key.read(changed) : key.least + 1);
    int differences = 0;
    for (const ConfigKey& other : kConfigKeys) differences += other.read(changed) != other.read(Config()) ? 1 : 0;
    CHECK(differences == 1);
    CHECK(key.doc.size() > 40);
    if (key.is_flag()) continue;
    for (const std::int64_t limit : {key.least, key.most}) {
      const std::int64_t beyond = limit + (limit == key.least ? -1 : 1);
      if (beyond < 0) continue;  // 0 is the least of an unsigned number
      const auto names = [&](std::int64_t value) {
        Config config;
        key.write(config, value);
        for (const ConfigError& e : ValidatedConfig::find_problems(config)) {
          if (e.key == key.name && e.beside.empty()) return true;
        }
        return false;
      };
      CHECK_FALSE(names(limit));
      CHECK(names(beyond));
    }
  }
}

TEST_CASE("all that is wrong is found, once each") {
  Config config;
  config.probe_interval = 1s;
  config.probe_timeout = 600ms;
  config.gossip_fanout = 0;
  config.gossip_interval_min = 300ms;
  const auto problems = ValidatedConfig::find_problems(config);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].message == "0 is outside 1 to 16");
  CHECK(problems[1].message == "600ms is more than half of probe_interval (1s): two pings must fit a period");
  CHECK(problems[1].beside == "probe_interval");
  CHECK(problems[2].message == "300ms is more than gossip_interval (200ms)");
  CHECK(ValidatedConfig::validate(config).error().key == "gossip_fanout");
  config.probe_interval = Duration::max();  // no overflow, and said once
  config.probe_timeout = Duration::max();
  CHECK(ValidatedConfig::find_problems(config).size() == 4);
}
