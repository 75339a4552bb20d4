// The questions that plain membership asks a defense. The trusting answers (defense/trusting_policy.h) make this
// SWIM; the k-source defense answers them with observers and quorums. The membership room knows only this.
#pragma once

#include "base/strong.h"
#include "base/time.h"
#include "wire/records.h"

#include <cstddef>

namespace quorumor {

struct QuorumView {
  std::size_t observers = 0;   // m: how many members watch one subject
  std::size_t threshold = 1;   // k: how many of them must agree that it is dead
  std::size_t tolerated = 0;   // how many liars among the members that survives
  bool quorum = true;          // false: too few observers are left; nobody can be declared dead
};

class Policy {
 public:
  virtual ~Policy() = default;
  // Does this verified accusation count against a subject, in this reader's view?
  virtual bool counts(const NodeId& subject, const Accusation& accusation) const = 0;
  // With `counting` distinct accusers at the held coordinate: suspect? dead once the window is over?
  virtual bool suspects(std::size_t counting) const = 0;
  virtual bool condemns(std::size_t counting) const = 0;
  // May this node itself accuse the subject?
  virtual bool may_accuse(const NodeId& subject) const = 0;
  // Expected further confirmations (Lifeguard's K) for the suspicion window.
  virtual unsigned expected_confirmations() const = 0;
  // The view changed: `live` members (Alive or Suspect), this node included.
  virtual void set_live(std::size_t live) = 0;
  virtual QuorumView quorum() const = 0;
};

}  // namespace quorumor
