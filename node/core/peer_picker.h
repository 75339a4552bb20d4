// Whom to gossip to: distinct members, live, at a proven endpoint, each set with the same chance. From the secret
// stream: who can foresee the next peers can place itself between them and the news.
//
// Cost: a few draws from the whole list while most of it can be picked. Where most of it cannot (dead, unproven, or
// nearly all are wanted), one walk over it. No allocation once the list has stopped growing.
#pragma once

#include "node/core/state.h"

#include <boost/container/static_vector.hpp>

namespace quorumor {

class PeerPicker {
 public:
  static constexpr std::size_t kMost = 16;  // gossip_fanout's greatest value
  using Picks = boost::container::static_vector<Member*, kMost>;

  explicit PeerPicker(CoreState& state) : s_(state) {}

  // `count` of them, or all that there are. Requires: count <= kMost. Valid until the next call.
  const Picks& pick(std::size_t count);

 private:
  bool is_peer(const Member& member) const noexcept;
  bool is_picked(const Member* member) const noexcept;

  CoreState& s_;
  Picks picks_;
  std::vector<Member*> rest_;  // scratch
};

}  // namespace quorumor
