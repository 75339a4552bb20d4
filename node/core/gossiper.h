// Dissemination beside the probes: while there is something to tell, a tick tells it to a few random members whose
// endpoints are proven. Otherwise there is no tick: an idle node sleeps between probes.
//
// * A tick every gossip_interval. With a backlog, which is more than one tick can tell once, every gossip_interval_min:
//   a queue that a mass join filled would else take minutes, and everybody's view would lag by them.
// * Never more than gossip_bandwidth over any second, backlog or not; a tick that it cuts short goes on when it may.
// * When a tick found nobody to tell anything (all that is queued is about the only peer, or no endpoint is proven),
//   the next comes after a probe interval, or after news.
#pragma once

#include "node/core/byte_budget.h"
#include "node/core/peer_picker.h"
#include "node/core/sender.h"

namespace quorumor {

class Gossiper {
 public:
  Gossiper(CoreState& state, Sender& sender)
      : s_(state), sender_(sender), picker_(state), budget_(state.config.gossip_bandwidth) {}
  void on_timer();
  std::optional<Instant> next_deadline() const;

 private:
  bool has_backlog() const noexcept;
  Duration interval() const noexcept;

  CoreState& s_;
  Sender& sender_;
  PeerPicker picker_;
  ByteBudget budget_;
  Instant last_tick_;
  std::optional<std::uint64_t> vain_at_;  // the last tick told nothing: RumorQueue::pushes at that time
};

}  // namespace quorumor
