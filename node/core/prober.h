// The failure detector's cycle: one look at one member a period, in shuffled order (looks.h). Beside it: one in ten
// periods a Dead or Unreachable member is pinged as well, so that partitions heal by themselves; new endpoints are
// proven by a capped burst of pings; and bodies that gossip did not bring are asked for, because digests cover cores
// only and a member without a body cannot be reached. What follows from a look is for watch.h.
#pragma once

#include "node/core/looks.h"
#include "node/core/transitions.h"

#include <deque>

namespace quorumor {

class Prober {
 public:
  Prober(CoreState& state, Sender& sender, Looks& looks, Transitions& transitions)
      : s_(state), sender_(sender), looks_(looks), transitions_(transitions) {}

  void start();
  void on_timer();
  void on_gap();
  std::optional<Instant> next_deadline() const;
  // A member whose endpoint should be proven soon. At most as many wait as there are members.
  void prove(const NodeId& id);
  // Asks a random member that can be asked; false if there is none.
  bool ask_somebody(Message& question);

 private:
  void begin_period();
  void ping_a_lost_one();
  void ask_for_bodies();
  void prove_one();

  CoreState& s_;
  Sender& sender_;
  Looks& looks_;
  Transitions& transitions_;
  NodeId target_{};
  Instant period_at_;
  bool started_ = false;
  std::deque<NodeId> to_prove_;
  Instant prove_at_;
};

}  // namespace quorumor
