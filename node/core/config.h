// The core's settings: a plain struct with units in types, presets, and a check that gives the only type which the
// core accepts. Nothing is clamped silently and zero never means a default: a bad value is an error that names the
// key. Cluster-wide parameters (suite, beta, epsilon, defense) are not here: they travel in announcements.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "wire/limits.h"

#include <cstddef>
#include <string>
#include <vector>

namespace quorumor {

struct Config {
  Duration probe_interval = 1s;       // one member is probed a period
  Duration probe_timeout = 500ms;     // then a second ping, with an introduction; half a period at most. The fixed
                                      // bound while a member's round trips are unknown, and the most ever
  Duration probe_timeout_min = 50ms;  // the least that measured round trips (round_trips.h) make of it
  unsigned indirect_probes = 3;       // relays asked when a ping is not answered; 0 asks none
  unsigned suspicion_mult = 4;        // window: mult * max(1, log10 n) * probe_interval
  unsigned retransmit_mult = 4;       // each rumor goes out mult * ceil(log10(n + 1)) times
  bool stream_probe = true;           // try TLS beside the relays, for networks that block UDP
  Duration gossip_interval = 200ms;
  Duration gossip_interval_min = 20ms;      // under backlog the tick shortens down to this ...
  std::size_t gossip_bandwidth = 256 * 1024;  // ... while gossip sends less than this, bytes a second
  unsigned gossip_fanout = 3;
  Duration sync_interval = 30s;       // shortest time between two syncs that this node starts with one peer
  Duration sync_patience = 1s;        // digests must differ for this long (times a log scale of n) before a sync
  Duration rejoin_interval = 30s;     // how often seeds that are not members, and some of the lost, are dialled
  Duration stream_deadline = 5s;      // for a stream's peer to authenticate
  Duration sync_deadline = 30s;       // for a whole sync
  Duration rotate_interval = 0s;      // a keymaster rotates the cluster's key that often; 0: never by itself
  Duration leave_linger = 5s;         // at most, waiting for members to acknowledge a leave
  std::size_t members_max = 10'000;
  std::size_t streams_max = 64;       // at once, both directions
  unsigned proving_pings = 50;        // a second, to endpoints not yet proven; after a rotation, as many more

  static Config lan() { return {}; }
  static Config wan();
  static Config local();
};

struct ConfigError {
  std::string key;
  std::string message;  // what is wrong, and what is allowed
  std::string beside{};  // the other key, where two do not fit each other
};

class ValidatedConfig {
 public:
  // On error: the first of find_problems.
  static Result<ValidatedConfig, ConfigError> validate(const Config& config);
  // Every key out of its range, then every pair of keys that do not fit each other: at most one for each key.
  static std::vector<ConfigError> find_problems(const Config& config);
  const Config* operator->() const noexcept { return &config_; }
  const Config& operator*() const noexcept { return config_; }

 private:
  explicit ValidatedConfig(const Config& config) : config_(config) {}
  Config config_;
};

}  // namespace quorumor
