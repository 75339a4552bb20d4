// What a world is told of a machine, and what it tells of it.
#pragma once

#include "node/core/core.h"

#include <optional>
#include <string>
#include <vector>

namespace quorumor::sim {

struct NodeSpec {
  std::string name;
  std::vector<std::string> roles;
  WallTime not_before = wall_from_seconds(1'700'000'000 - 86'400);
  WallTime not_after = wall_from_seconds(1'700'000'000 + 86'400 * 365);
  bool foreign_authority = false;      // a credential of somebody else's cluster
  // Of the network; a zone has one /16 of its own. Not named: zone 0, but with addresses in 10.0/16, then 10.1/16 ...
  // (250 machines each).
  std::optional<std::uint32_t> zone;
  std::vector<std::size_t> seeds;      // whom it joins by
  Config config;
};

// What an attacker on the path does to one datagram.
struct PathVerdict {
  bool drop = false;
  Duration delay{};  // beside what the network does
};

struct Recorded {
  Instant at;
  std::size_t node;
  Event event;
};

}  // namespace quorumor::sim
