// The policy of plain SWIM + Lifeguard: one accusation by anybody is enough (m = n - 1, k = 1), no liar is tolerated,
// and `status` says so. It is the control arm of every experiment: no observers, no last look of one's own.
//
// Confirmations belong to the timer alone. As memberlist has it: K = mult - 2, what the probe's own relays would add;
// none if there are fewer than K members besides the accuser and the accused, for they would never come.
//
// Bound on evidence. Nobody has a rank here, so every accuser is worth holding; the caller bounds how many: the core
// holds the first that come, as many as member_table.h says. One is enough for any verdict, others shorten the timer.
// (To keep the least by Evidence::keep_least would make members that heard the same hold the same past that bound too.)
#pragma once

#include "membership/policy.h"

namespace quorumor {

class TrustingPolicy final : public Policy {
 public:
  static constexpr std::size_t kWitnessesHeld = 32;  // a subject, for who keeps the least; the core does not

  // Lifeguard's multiplier: 4 for a LAN, 6 for a WAN, 3 on one machine.
  explicit TrustingPolicy(unsigned suspicion_mult = 4) noexcept : mult_(suspicion_mult) {}

  void on_state(const NodeId&, MemberState) override {}
  void on_ring(const Keyring& ring) override;
  void on_live(std::size_t live, Instant) override { live_ = live; }

  // Muting needs a quorum that could outvote the muted; k = 1 has none, so nobody is muted.
  Tally judge(const NodeId& subject, std::span<const Witness> witnesses,
              std::span<const NodeId> muted) const override;
  bool is_worth_holding(const NodeId& subject, const Witness& witness) const override;
  EpochList epochs_to_accuse_under(const NodeId&) const override { return epochs_; }
  void observers_of(const NodeId&, std::vector<NodeId>& out) const override { out.clear(); }
  // All alike are first; the subject is nothing.
  std::optional<unsigned> rank_of(const NodeId& subject, const NodeId& member, Epoch epoch) const override;
  bool looks_itself() const override { return false; }
  unsigned expected_confirmations() const override;
  QuorumView quorum() const override;

 private:
  unsigned mult_;
  std::size_t live_ = 1;
  EpochList epochs_;  // of the ring, ascending
};

}  // namespace quorumor
