#include "membership/local_health.h"

namespace quorumor {

void LocalHealth::blame(const NodeId& about) noexcept {
  if (score_ == kWorst) return;  // costs nothing more, so nothing can come back
  apply(+1);
  blames_[next_] = {about, true};
  next_ = (next_ + 1) % kBlames;
}

void LocalHealth::take_back(const NodeId& gone) noexcept {
  for (Blame& b : blames_) {
    if (!b.open || b.about != gone) continue;
    b.open = false;
    apply(-1);
  }
}

}  // namespace quorumor
