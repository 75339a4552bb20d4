// Every setting has a range; a bad one names its key; nothing is clamped.
#include "node/core/config.h"

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
