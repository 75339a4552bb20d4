// The questions that plain membership asks a defense. The trusting answers (defense/trusting_policy.h) make this
// SWIM + Lifeguard; the quorum (defense/quorum_policy.h) answers them with observers and thresholds. The membership
// room knows only this.
//
// A policy holds this reader's view (who is a member, who is out of reach, which epochs are live); the core tells it as
// the view changes. It decides nothing about time: windows, looks and latches are the core's.
#pragma once

#include "crypto/keyring.h"
#include "membership/evidence.h"
#include "wire/message.h"

#include <cstddef>
#include <span>

namespace quorumor {

struct QuorumView {
  std::size_t observers = 0;   // m: how many members watch one subject
  std::size_t threshold = 1;   // k: how many of them must agree that it is dead
  std::size_t tolerated = 0;   // B: how many liars among the members that survives
  bool quorum = true;          // false: too few observers are left; nobody can be declared dead
  std::size_t basis = 1;       // n: what m and k are computed for (PROTOCOL section 6)
};

// What the accusations held against one subject amount to, in this reader's view, now.
struct Tally {
  std::size_t counting = 0;   // the most distinct accusers that count under one epoch
  std::size_t needed = 1;     // k under that epoch
  bool suspected = false;     // one that counts and is not muted, or as many as needed of any
  bool condemned = false;     // as many as needed, under one epoch
  bool quorum = true;         // false: more than 2m better ranked members are out of reach, so that it cannot be had
};

class Policy {
 public:
  virtual ~Policy() = default;

  // --- the view ---
  // There will be so many members: room may be made for them at once, instead of as they come.
  virtual void expect(std::size_t /*members*/) {}
  // A member's state in this reader's eyes. `unknown`: not (or no longer) a member. This node itself included.
  virtual void on_state(const NodeId& id, MemberState state) = 0;
  virtual void on_ring(const Keyring& ring) = 0;                 // its live epochs changed
  virtual void on_live(std::size_t live, Instant now) = 0;       // Alive or Suspect, this node included; also hourly

  // --- questions; each cheap enough for every rumor ---
  virtual Tally judge(const NodeId& subject, std::span<const Witness> witnesses,
                      std::span<const NodeId> muted) const = 0;
  // Might this witness count, now or once others are out of reach? What could not is not held: that bounds evidence.
  virtual bool is_worth_holding(const NodeId& subject, const Witness& witness) const = 0;
  // The epochs under which this node itself may accuse the subject; none: it may not.
  virtual EpochList epochs_to_accuse_under(const NodeId& subject) const = 0;
  // Whom to ask to look at the subject, under the newest epoch: replaces `out`; never this node or the subject.
  virtual void observers_of(const NodeId& subject, std::vector<NodeId>& out) const = 0;
  // A member's place among the subject's observers under an epoch, as it counts (0 is the first); nothing if too low.
  virtual std::optional<unsigned> rank_of(const NodeId& subject, const NodeId& member, Epoch epoch) const = 0;
  // Is a member declared dead only after this reader's own last look?
  virtual bool looks_itself() const = 0;
  // Expected further confirmations (Lifeguard's K) for the suspicion window.
  virtual unsigned expected_confirmations() const = 0;
  virtual QuorumView quorum() const = 0;
  virtual std::size_t basis() const { return 1; }                // the n to persist, so that a restart does not lower k
};

}  // namespace quorumor
