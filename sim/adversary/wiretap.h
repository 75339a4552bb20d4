// What an attacker on the path has captured, and how it finds out whether something that it sent was taken for a member's.
// The last kMost datagrams that touched the targets (or that anybody sent, where none was named).
#pragma once

#include "sim/world.h"

#include <deque>

namespace quorumor::sim {

class Wiretap {
 public:
  using Index = World::Index;
  static constexpr std::size_t kMost = 4'096;
  struct Datagram {
    Index from = 0, to = 0;
    ByteVector bytes;
  };

  // Requires: the world outlives it.
  Wiretap(World& world, std::vector<Index> targets);
  ~Wiretap() { world_.remove_path(path_); }
  Wiretap(const Wiretap&) = delete;
  Wiretap& operator=(const Wiretap&) = delete;

  bool empty() const noexcept { return captured_.empty(); }
  const Datagram& draw(Drbg& rng) const { return captured_[static_cast<std::size_t>(rng.below(captured_.size()))]; }

 private:
  World& world_;
  World::PathId path_;
  std::deque<Datagram> captured_;
};

// Injects it, and adds one to *taken if its receiver took a message in for it. *taken outlives whoever asked.
void inject_and_see(World& world, World::Index to, const Endpoint& from, Bytes datagram,
                    std::shared_ptr<std::uint64_t> taken);

}  // namespace quorumor::sim
