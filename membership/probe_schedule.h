// Whom to probe next: SWIM's shuffled round robin (Das, Gupta, Motivala 2002, section 4.3). Every member is probed
// once in a round of n periods, in an order that is drawn anew each round from a secret stream; a member that joins
// is inserted at a random place of what is left of the round. So the time to the first probe of a crashed member is
// bounded, and nobody can tell whose turn it is.
// Bound: as many entries as members were added and not removed. Adding and removing cost O(1), `next` what it skips
// and, once a round, a shuffle.
#pragma once

#include "base/rng.h"
#include "crypto/cluster.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <optional>
#include <vector>

namespace quorumor {

class ProbeSchedule {
 public:
  // An id that is already in stays where it is.
  void add(const NodeId& id, Rng& secret_rng);
  void remove(const NodeId& id);
  std::size_t size() const noexcept { return order_.size(); }
  // The next member for which `eligible` is true. Searched are the rest of this round and, if nobody is eligible
  // there, one whole new round: so somebody is found if anybody is eligible. Who is skipped has had its turn.
  // Requires: `eligible` does not change this schedule.
  std::optional<NodeId> next(Rng& secret_rng, const std::function<bool(const NodeId&)>& eligible);

 private:
  void place(std::size_t at, const NodeId& id);
  std::optional<NodeId> search(const std::function<bool(const NodeId&)>& eligible);

  // [0, position_) had their turn in this round, the rest did not. Within either part the order is random, so
  // that a gap may be filled from the part's end.
  std::vector<NodeId> order_;
  std::size_t position_ = 0;
  boost::unordered_flat_map<NodeId, std::size_t, std::hash<NodeId>> index_;  // into order_; never iterated
};

}  // namespace quorumor
