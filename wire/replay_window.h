// A sliding window over counters, as RFC 6479 describes it: each counter is accepted once; what is older than
// the window is refused. Tested before the AEAD, moved only after authentication, so that a forger cannot move it.
//
// A counter is accepted exactly if it is above the floor, at most kCounterEnd, not seen before, and greater than
// the highest one accepted less kReplayWindow. Both operations are O(1): a jump clears at most the whole bitmap.
// Movable only, 24 bytes; the first accept allocates 264 more, so that an idle peer costs none of them.
#pragma once

#include "wire/limits.h"

#include <array>
#include <cstdint>
#include <memory>

namespace quorumor {

class ReplayWindow {
 public:
  // Starts above `high_water`: nothing at or below it is ever accepted. 0 accepts from 1.
  explicit ReplayWindow(std::uint64_t high_water = 0) noexcept : highest_(high_water), floor_(high_water) {}

  // True if `counter` could still be accepted. Changes nothing. 0 and values past kCounterEnd never are.
  bool would_accept(std::uint64_t counter) const noexcept;
  // Requires: would_accept(counter). Marks it as seen.
  void accept(std::uint64_t counter);
  // The highest counter accepted: what outlives an evicted peer.
  std::uint64_t high_water() const noexcept { return highest_; }

 private:
  // One spare word: the highest counter's word is filled only in part, and 2048 must still fit behind it.
  static constexpr std::size_t kWords = limits::kReplayWindow / 64 + 1;
  static_assert(limits::kReplayWindow % 64 == 0);
  using Bitmap = std::array<std::uint64_t, kWords>;
  std::uint64_t highest_;
  std::uint64_t floor_;
  std::unique_ptr<Bitmap> bits_;  // word of counter c: (c / 64) mod kWords
};

}  // namespace quorumor
