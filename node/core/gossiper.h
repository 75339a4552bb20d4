// Dissemination beside the probes: while there is something to tell, every gossip interval it goes to a few random
// members whose endpoints are proven. With nothing to tell there is no tick: an idle node sleeps between probes.
#pragma once

#include "node/core/sender.h"

namespace quorumor {

class Gossiper {
 public:
  Gossiper(CoreState& state, Sender& sender) : s_(state), sender_(sender) {}
  void on_timer();
  std::optional<Instant> next_deadline() const;

 private:
  CoreState& s_;
  Sender& sender_;
  Instant last_tick_;
  std::vector<Member*> candidates_;
};

}  // namespace quorumor
