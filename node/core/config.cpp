#include "node/core/config.h"

namespace quorumor {
namespace {

std::string ms(Duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
}

}  // namespace

// memberlist's presets, so that an operator who knows those knows these.
Config Config::wan() {
  Config c;
  c.probe_interval = 5s;
  c.probe_timeout = 2500ms;
  c.probe_timeout_min = 250ms;
  c.suspicion_mult = 6;
  c.gossip_interval = 500ms;
  c.gossip_fanout = 4;
  c.sync_interval = 60s;
  c.sync_patience = 5s;
  c.rejoin_interval = 60s;
  return c;
}

Config Config::local() {
  Config c;
  c.probe_interval = 200ms;
  c.probe_timeout = 100ms;
  c.probe_timeout_min = 20ms;
  c.suspicion_mult = 3;
  c.retransmit_mult = 2;
  c.gossip_interval = 50ms;
  c.gossip_interval_min = 10ms;
  c.sync_interval = 15s;
  c.sync_patience = 500ms;
  c.rejoin_interval = 15s;
  return c;
}

Result<ValidatedConfig, ConfigError> ValidatedConfig::validate(const Config& c) {
  struct Span {
    const char* key;
    Duration value, least, most;
  };
  const Span spans[] = {
      {"probe_interval", c.probe_interval, 20ms, 60s},
      {"probe_timeout", c.probe_timeout, 5ms, 30s},
      {"probe_timeout_min", c.probe_timeout_min, 1ms, 30s},
      {"gossip_interval", c.gossip_interval, 10ms, 10s},
      {"gossip_interval_min", c.gossip_interval_min, 1ms, 10s},
      {"sync_interval", c.sync_interval, 1s, 1h},
      {"sync_patience", c.sync_patience, 100ms, 10min},
      {"rejoin_interval", c.rejoin_interval, 1s, 1h},
      {"stream_deadline", c.stream_deadline, 100ms, 60s},
      {"sync_deadline", c.sync_deadline, 1s, 10min},
      {"leave_linger", c.leave_linger, 100ms, 60s},
  };
  for (const Span& s : spans) {
    if (s.value < s.least || s.value > s.most) {
      return ConfigError{s.key, ms(s.value) + " is outside " + ms(s.least) + " to " + ms(s.most)};
    }
  }
  struct Count {
    const char* key;
    std::size_t value, least, most;
  };
  const Count counts[] = {
      {"indirect_probes", c.indirect_probes, 0, 16},
      {"suspicion_mult", c.suspicion_mult, 1, 100},       {"retransmit_mult", c.retransmit_mult, 1, 32},
      {"gossip_bandwidth", c.gossip_bandwidth, 4096, 1'000'000'000},
      {"gossip_fanout", c.gossip_fanout, 1, 16},          {"members_max", c.members_max, 2, 16384},
      {"streams_max", c.streams_max, 4, 4096},            {"proving_pings", c.proving_pings, 1, 1000},
  };
  for (const Count& n : counts) {
    if (n.value < n.least || n.value > n.most) {
      return ConfigError{n.key, std::to_string(n.value) + " is outside " + std::to_string(n.least) + " to " +
                                    std::to_string(n.most)};
    }
  }
  if (c.probe_timeout * 2 > c.probe_interval) {
    return ConfigError{"probe_timeout", ms(c.probe_timeout) + " is more than half of probe_interval (" +
                                            ms(c.probe_interval) + "): two pings must fit a period"};
  }
  if (c.probe_timeout_min > c.probe_timeout) {
    return ConfigError{"probe_timeout_min", ms(c.probe_timeout_min) + " is more than probe_timeout (" +
                                                ms(c.probe_timeout) + ")"};
  }
  if (c.gossip_interval_min > c.gossip_interval) {
    return ConfigError{"gossip_interval_min", ms(c.gossip_interval_min) + " is more than gossip_interval (" +
                                                  ms(c.gossip_interval) + ")"};
  }
  return ValidatedConfig(c);
}

}  // namespace quorumor
