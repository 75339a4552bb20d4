// Whom to probe next: SWIM's shuffled round robin (Das, Gupta, Motivala 2002, section 4.3). Every member is probed
// once in a round of n periods, in an order that is drawn anew each round from a secret stream; a member that joins
// is inserted at a random place of what is left of the round. So the time to the first probe of a crashed member is
// bounded, and nobody can tell whose turn it is.
// Bound: 4 bytes for each that was added and not removed, and 4 for each number below the greatest. Adding and removing
// cost O(1), `next` what it skips and, once a round, a shuffle.
#pragma once

#include "base/rng.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace quorumor {

class ProbeSchedule {
 public:
  using Slot = std::uint32_t;  // of a member (MemberTable::Slot): small numbers

  // One that is already in stays where it is.
  void add(Slot slot, Rng& secret_rng);
  void remove(Slot slot);
  std::size_t size() const noexcept { return order_.size(); }
  // The next member for which `eligible` is true. Searched are the rest of this round and, if nobody is eligible
  // there, one whole new round: so somebody is found if anybody is eligible. Who is skipped has had its turn.
  // Requires: `eligible` does not change this schedule.
  std::optional<Slot> next(Rng& secret_rng, const std::function<bool(Slot)>& eligible);

 private:
  void place(std::size_t at, Slot slot);
  std::optional<Slot> search(const std::function<bool(Slot)>& eligible);

  // [0, position_) had their turn in this round, the rest did not. Within either part the order is random, so
  // that a gap may be filled from the part's end.
  std::vector<Slot> order_;
  std::size_t position_ = 0;
  static constexpr Slot kOut = ~Slot{0};
  bool has(Slot slot) const noexcept { return slot < index_.size() && index_[slot] != kOut; }
  std::vector<Slot> index_;  // of a slot: its place in order_, or kOut
};

}  // namespace quorumor
