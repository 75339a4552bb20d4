// The replay window as its rule reads, kept in a set: slow, unbounded, and too simple to be wrong.
#pragma once

#include "crypto/counter.h"
#include "wire/limits.h"

#include <cstdint>
#include <set>

namespace quorumor::model {

class ReplayWindowModel {
 public:
  explicit ReplayWindowModel(std::uint64_t floor = 0) : floor_(floor), highest_(floor) {}

  bool would_accept(std::uint64_t counter) const {
    const bool is_in_range = counter > floor_ && counter <= kCounterEnd;
    const bool is_in_window = highest_ < limits::kReplayWindow || counter > highest_ - limits::kReplayWindow;
    return is_in_range && is_in_window && !seen_.contains(counter);
  }
  void accept(std::uint64_t counter) {
    seen_.insert(counter);
    if (counter > highest_) highest_ = counter;
  }
  std::uint64_t high_water() const { return highest_; }

 private:
  std::uint64_t floor_;
  std::uint64_t highest_;
  std::set<std::uint64_t> seen_;
};

}  // namespace quorumor::model
