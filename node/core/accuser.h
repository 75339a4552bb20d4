// This node's own accusations: first-hand findings that a member does not answer, signed. Findings of a tenth of a
// second go under one signature, up to 24, so that a mass failure does not drown the network in signatures. Each names
// every live epoch under whose seed this node ranks among the subject's observers; for whom it does not rank, it signs
// nothing.
#pragma once

#include "node/core/intake.h"

#include <vector>

namespace quorumor {

class Accuser {
 public:
  static constexpr Duration kBatch = 100ms;
  static constexpr std::size_t kPendingMost = 4096;

  Accuser(CoreState& state, Intake& intake) : s_(state), intake_(intake) {}

  // Nothing happens if the policy does not let this node accuse, or it has already, under those epochs.
  void accuse(const Member& subject);
  // May this node accuse the subject, and has not?
  bool owes(const Member& subject) const;
  void on_timer();
  std::optional<Instant> next_deadline() const;

 private:
  struct Finding {
    AccusedSubject subject;
    EpochList epochs;
  };
  void sign_some();

  CoreState& s_;
  Intake& intake_;
  std::vector<Finding> pending_;
  Instant flush_at_;
};

}  // namespace quorumor
