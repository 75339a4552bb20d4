// The quorum: nobody is suspected on the word of one who was not drawn to watch it, and nobody is dead until k of its
// observers have said so under one epoch's seed (PROTOCOL sections 5 and 6). So liars, whoever they are, need k among
// the m + 3 that a hash drew for one particular victim.
//
// Who counts. Under each live epoch's seed the population is ranked for the subject (observers.h). Walking down the
// ranks, members now Dead or Unreachable are skipped, at most 2m of them; the first m + 3 others count.
//  * A skipped member's accusation does not count while it is skipped, though its place has been given on. Otherwise
//    observers could lie, fall silent, and have both their word and their successors' counted: 3m + 3 draws, where
//    (m, k) was computed for m + 3. Its successors look for themselves (section 5).
//  * Past 2m skipped ones the rest do not count either; if fewer than k do by then, the subject has no quorum. k is
//    never lowered: that is what whoever cuts observers off would want.
//  * Who is not of the population (unknown, left, evicted) has no rank. The subject never has one.
//
// Epochs. Those of the ring's entries, with or without key: seeds are chained, so an announcement is enough. But while
// nobody has given its key, an epoch's parameters hold only where they are stricter than the newest key's, and what is
// shown and asked goes by that one: a keymaster that announces and withholds must not weaken anything. Votes of
// different epochs are never added up: the bound holds for each draw. Two announcements of one epoch share a seed; of
// their parameters the stricter hold (greater beta, lesser epsilon), so that a fork never weakens anything.
//
// n is the greater of the hour's peak (live_peak.h) and the present count. Not thread-safe; const questions use caches.
#pragma once

#include "defense/committee.h"
#include "defense/live_peak.h"
#include "defense/observers.h"
#include "membership/policy.h"

#include <memory>

namespace quorumor {

class QuorumPolicy final : public Policy {
 public:
  // Ranks held worth beyond 3m + 3, at the m of twice as many members: while a cluster grows, and while others leave,
  // what does not count yet may come to.
  static constexpr std::size_t kWorthSlack = 8;

  // `persisted_basis`: basis() as it was before a restart, or 0.
  explicit QuorumPolicy(const NodeId& own, std::size_t persisted_basis = 0) : own_(own), peak_(persisted_basis) {}
  QuorumPolicy(const QuorumPolicy&) = delete;
  QuorumPolicy& operator=(const QuorumPolicy&) = delete;

  void expect(std::size_t members) override;
  void on_state(const NodeId& id, MemberState state) override;
  void on_ring(const Keyring& ring) override;
  void on_live(std::size_t live, Instant now) override;

  Tally judge(const NodeId& subject, std::span<const Witness> witnesses,
              std::span<const NodeId> muted) const override;
  // Bounds evidence: at most worth_of(...) accusers a subject and live epoch can ever be held.
  bool is_worth_holding(const NodeId& subject, const Witness& witness) const override;
  EpochList epochs_to_accuse_under(const NodeId& subject) const override;
  void observers_of(const NodeId& subject, std::vector<NodeId>& out) const override;
  std::optional<unsigned> rank_of(const NodeId& subject, const NodeId& member, Epoch epoch) const override;
  bool looks_itself() const override { return true; }
  unsigned expected_confirmations() const override;
  QuorumView quorum() const override;
  std::size_t basis() const override;

  // The ranks under this epoch that are worth holding; 0 if it is not live.
  std::size_t worth_of(Epoch epoch) const noexcept;

 private:
  struct Draw {  // of observers, under one epoch
    Epoch epoch;
    CommitteeTable table;
    std::unique_ptr<Observers> observers;
    Committee committee;    // for computed_for_
    std::size_t worth = 0;  // ranks
    bool has_key = false;
  };

  void refresh();
  const Draw* find(Epoch epoch) const noexcept;
  const Draw& newest() const noexcept;  // with a key, if any has one. Requires: draws_ is not empty
  std::optional<unsigned> rank_under(const Draw& draw, const NodeId& subject, const NodeId& member) const;
  // Visits those who count, best first, until `visit(slot)` says no more; returns how many it visited.
  template <class Visit>
  std::size_t walk(const Draw& draw, const NodeId& subject, Visit visit) const;

  NodeId own_;
  LivePeak peak_;
  Population population_;
  std::vector<Draw> draws_;  // ascending by epoch, at most kLiveEpochsMax
  std::size_t computed_for_ = 0;
  // judge's scratch, by slot, zero between calls: bit i: accuses under draws_[i]; kMuted.
  mutable std::vector<std::uint8_t> marks_;
};

}  // namespace quorumor
