// The policy of plain SWIM: one accusation by anybody is enough (m = n - 1, k = 1), no liar is tolerated, and
// `status` says so. It is the control arm of every experiment, and what clusters below four members run in any case.
#pragma once

#include "membership/policy.h"

namespace quorumor {

class TrustingPolicy final : public Policy {
 public:
  explicit TrustingPolicy(unsigned suspicion_confirmations = 0) : expected_(suspicion_confirmations) {}

  bool counts(const NodeId& subject, const Accusation& accusation) const override;
  bool suspects(std::size_t counting) const override { return counting >= 1; }
  bool condemns(std::size_t counting) const override { return counting >= 1; }
  bool may_accuse(const NodeId& subject) const override;
  unsigned expected_confirmations() const override { return expected_; }
  void set_live(std::size_t live) override { live_ = live; }
  QuorumView quorum() const override;

 private:
  unsigned expected_;
  std::size_t live_ = 1;
};

}  // namespace quorumor
