// Who has made an epoch wants to know who holds its key: the operator's table waits for that, and so does retirement of
// what came before. A member says so in every message, but one peer in particular is heard from seldom, the more so
// the larger the cluster: so who has not said it is pinged, in turn, `proving_pings` a second,
// if its address is proven.
// Bound: kPasses over the members, a probe interval apart at least; over as soon as all that live have said it.
#pragma once

#include "node/core/looks.h"

#include <optional>

namespace quorumor {

class HolderPoll {
 public:
  static constexpr unsigned kPasses = 4;

  HolderPoll(CoreState& state, Looks& looks) : s_(state), looks_(looks) {}

  // For the newest key, after the gossip has had a probe interval to tell of it.
  void start();
  void on_timer();
  std::optional<Instant> next_deadline() const noexcept { return ask_at_; }

 private:
  void ask_next();
  void end_pass();

  CoreState& s_;
  Looks& looks_;
  std::optional<Instant> ask_at_;
  Instant pass_at_;       // when this pass began
  std::size_t next_ = 0;  // of the table's members
  unsigned passes_ = 0;   // ended
  bool asked_ = false;    // anybody, in this pass
};

}  // namespace quorumor
