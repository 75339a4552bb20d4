// Local health (Lifeguard's awareness): a node that misses answers suspects itself first and waits longer.
// 0 is healthy, 7 the worst; the timeouts of cycle looks (node/core/looks.h) scale by score + 1.
//
// Blame is taken back: a missed ack or nack says something of this node only while its target, or the relay, is there.
// When somebody else's accusation confirms that it is gone, the points it cost are returned; otherwise a mass failure
// would slow its own detection. Bound: the kBlames latest points.
#pragma once

#include "base/time.h"
#include "crypto/cluster.h"

#include <algorithm>
#include <array>

namespace quorumor {

class LocalHealth {
 public:
  static constexpr int kWorst = 7;
  static constexpr std::size_t kBlames = 16;

  void apply(int delta) noexcept {
    if (!fixed_) score_ = std::clamp(score_ + std::clamp(delta, -100, 100), 0, kWorst);
  }
  // Healthy for good: plain SWIM, for experiments (node/core/ablation.h).
  void fix() noexcept {
    score_ = 0;
    fixed_ = true;
  }
  // +1, because `about` did not answer.
  void blame(const NodeId& about) noexcept;
  // `gone` is confirmed to be out of reach by somebody else: what it cost comes back.
  void take_back(const NodeId& gone) noexcept;
  int score() const noexcept { return score_; }
  Duration scale(Duration timeout) const noexcept { return timeout * (score_ + 1); }

 private:
  struct Blame {
    NodeId about{};
    bool open = false;
  };
  int score_ = 0;
  bool fixed_ = false;
  std::array<Blame, kBlames> blames_{};
  std::size_t next_ = 0;
};

}  // namespace quorumor
