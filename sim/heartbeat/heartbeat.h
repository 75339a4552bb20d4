// The baseline that shows why SWIM exists: gossip-style heartbeating (van Renesse, Minsky, Hayden, "A Gossip-Style
// Failure Detection Service", Middleware 1998). Each member raises its own counter once a period and sends its whole
// list of counters to one random member; who receives it keeps the greater of each. A member whose counter has not
// risen for t_fail is failed, and forgotten after t_cleanup, so that old lists do not bring it back.
//
// A simulation of its own: nothing of the core, no cryptography, the same network model (net/network_model.h) and the
// same figures. A list of n members is 16 bytes each (id, counter) in datagrams of at most 1,200 bytes; a lost one
// loses its part. The only fault is a crash. Memory: 16 bytes for each ordered pair. Deterministic.
#pragma once

#include "crypto/drbg.h"
#include "sim/net/network_model.h"

#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

namespace quorumor::sim {

struct HeartbeatSettings {
  std::size_t nodes = 10;
  Duration period = std::chrono::seconds(1);
  Duration t_fail = std::chrono::seconds(5);
  Duration t_cleanup = std::chrono::seconds(10);
};

class HeartbeatCluster {
 public:
  using Index = std::size_t;
  struct Failing {
    Instant at;
    Index reader = 0, subject = 0;
  };
  static constexpr std::size_t kEntryBytes = 16;
  static constexpr std::size_t kEntriesADatagram = (1200 - 16) / kEntryBytes;

  // Formed: everybody knows everybody, and began somewhere in its first period.
  HeartbeatCluster(const HeartbeatSettings& settings, const LinkProfile& network, std::uint64_t seed);

  void run_until(Instant end);
  void crash(Index node) { crashed_[node] = true; }
  bool is_crashed(Index node) const { return crashed_[node]; }
  Instant now() const noexcept { return now_; }
  std::size_t size() const noexcept { return settings_.nodes; }
  bool holds_failed(Index reader, Index subject) const { return failed_[reader * settings_.nodes + subject] != 0; }
  const std::vector<Failing>& failings() const noexcept { return failings_; }  // in order of time
  std::uint64_t datagrams() const noexcept { return datagrams_; }              // sent
  std::uint64_t arrived() const noexcept { return arrived_; }
  std::uint64_t bytes() const noexcept { return bytes_; }
  std::uint64_t trace_hash() const noexcept { return trace_; }

 private:
  struct Happening {
    Instant at;
    std::uint64_t order = 0;
    Index node = 0;                       // whose turn it is, or who receives
    std::size_t first = 0;                // of the list
    std::vector<std::uint32_t> counters;  // none: its own turn
  };
  struct Later {
    bool operator()(const Happening& a, const Happening& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  void turn(Index node);
  void judge(Index node);
  void receive(const Happening& h);
  void mix(std::uint64_t value) noexcept { trace_ = (trace_ ^ value) * 0x100000001b3ULL; }

  HeartbeatSettings settings_;
  Drbg rng_;
  NetworkModel network_;
  Instant now_{std::chrono::seconds(1000)};
  std::priority_queue<Happening, std::vector<Happening>, Later> queue_;
  std::uint64_t next_order_ = 0;
  std::vector<std::uint32_t> counters_;  // [reader * n + subject]
  std::vector<Instant> raised_;          // when that counter last rose at that reader
  std::vector<std::uint8_t> failed_;     // 1: failed; 2: forgotten
  std::vector<bool> crashed_;
  std::vector<Failing> failings_;
  std::uint64_t datagrams_ = 0, arrived_ = 0, bytes_ = 0, trace_ = 0xcbf29ce484222325ULL;
};

}  // namespace quorumor::sim
