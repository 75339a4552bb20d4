#include "defense/trusting_policy.h"

namespace quorumor {

// A member cannot witness its own death. A record layout that says otherwise is refused when it is decoded; this
// holds whatever was decoded.
bool TrustingPolicy::counts(const NodeId& subject, const Accusation& accusation) const {
  return accusation.accuser != subject;
}

bool TrustingPolicy::may_accuse(const NodeId&) const { return true; }

QuorumView TrustingPolicy::quorum() const {
  return {.observers = live_ > 0 ? live_ - 1 : 0, .threshold = 1, .tolerated = 0, .quorum = live_ >= 1};
}

}  // namespace quorumor
