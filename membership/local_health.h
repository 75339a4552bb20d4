// Local health (Lifeguard's awareness): a node that misses answers suspects itself first and waits longer.
// 0 is healthy, 7 the worst; own probe timeouts scale by score + 1.
#pragma once

#include "base/time.h"

#include <algorithm>

namespace quorumor {

class LocalHealth {
 public:
  static constexpr int kWorst = 7;

  void apply(int delta) noexcept { score_ = std::clamp(score_ + std::clamp(delta, -100, 100), 0, kWorst); }
  int score() const noexcept { return score_; }
  Duration scale(Duration timeout) const noexcept { return timeout * (score_ + 1); }

 private:
  int score_ = 0;
};

}  // namespace quorumor
