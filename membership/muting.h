// An observer that accuses without end must not keep its subject suspect: whoever was refuted twice by one subject is
// muted for that subject. One refutation is forgiven every ten minutes. A muted accuser still counts among the k that
// it takes to declare a death: muting can delay a suspicion, never prevent one that others share.
// Local to one reader and one subject. Bound: kMutingMax accusers; the one refuted longest ago gives way.
#pragma once

#include "base/time.h"
#include "crypto/cluster.h"

#include <vector>

namespace quorumor {

class Muting {
 public:
  static constexpr std::size_t kMutingMax = 64;
  static constexpr unsigned kRefutationsToMute = 2;
  static constexpr unsigned kRefutationsCounted = 4;  // more are not counted: half an hour forgives the worst
  static constexpr Duration kForgiveness = 10min;

  void refuted(const NodeId& accuser, Instant now);
  bool is_muted(const NodeId& accuser, Instant now) const noexcept;
  unsigned refutations(const NodeId& accuser, Instant now) const noexcept;  // that are not forgiven
  bool empty() const noexcept { return entries_.empty(); }
  // Appends those that are muted.
  void muted(Instant now, std::vector<NodeId>& out) const;

 private:
  struct Entry {
    NodeId accuser{};
    unsigned refuted = 0;
    Instant since;  // forgiveness counts from here; moves on by whole kForgiveness
    Instant last;
  };
  static void forgive(Entry& entry, Instant now) noexcept;

  std::vector<Entry> entries_;
};

}  // namespace quorumor
