// What is known of one subject, and all of it that travels: its greatest core, the accusations at exactly that
// coordinate, what evicts it, what force-leaves it. Merging two pieces of evidence is a join: commutative, associative,
// idempotent (tests/membership/evidence_test.cpp tries all small cases). So members that have heard the same, in
// whatever order and however often, hold the same, and no "status" ever has to be believed.
//
// A state is not evidence: each reader decides its own (precedence.h), on the evidence, timers and view of a moment.
// Nothing here checks a signature or an entitlement: callers verify first, and bound what they let in.
//
// A coordinate has a credential serial, which accusations do not name. The caller offers one at the held core's
// coordinate if generation and incarnation are the held ones. (The same two under two serials: only a liar signs such
// cores, and then members may hold different accusations of it until these are next exchanged.)
#pragma once

#include "wire/records.h"

#include <boost/container/static_vector.hpp>
#include <memory>
#include <optional>
#include <vector>

namespace quorumor {

using EpochList = boost::container::static_vector<Epoch, limits::kAccusationEpochs>;

struct CoreFact {
  Coordinate at;
  Digest digest{};
  bool leaving = false;
  friend bool operator==(const CoreFact&, const CoreFact&) = default;
};

// One first-hand accuser of the subject, as its greatest record has it.
struct Witness {
  NodeId accuser{};
  Generation generation;  // the accuser's
  EpochList epochs;       // under whose seeds it says that it ranks; ascending
  // This reader's own: not compared, not merged.
  std::shared_ptr<const ByteVector> record;  // content || signature; one for all subjects of a batch
  Instant heard_at;

  friend bool operator==(const Witness& a, const Witness& b) noexcept { return !(a < b) && !(b < a); }
  // By accuser, generation, then epochs as the digits of a number: more epochs are greater than fewer of the same, and
  // newer ones than older, so that what an honest accuser signs later is greater.
  friend bool operator<(const Witness& a, const Witness& b) noexcept;
};

class Evidence {
 public:
  const std::optional<CoreFact>& core() const noexcept { return core_; }
  const std::vector<Witness>& witnesses() const noexcept { return witnesses_; }  // ascending by accuser
  Serial evicted_through() const noexcept { return evicted_through_; }   // proofs and revocations: up to this serial
  Generation force_left() const noexcept { return force_left_; }         // up to this generation
  std::size_t accusers() const noexcept { return witnesses_.size(); }    // distinct

  // Each says whether that was news.
  bool learn_core(const CoreFact& core);              // a greater coordinate drops the witnesses of the old one
  // Only at exactly the held core's coordinate. Of each accuser the greatest is held: one could else fill memory by
  // signing ever other generations and lists of epochs, all of them valid.
  bool learn_witness(const Coordinate& at, const Witness& witness);
  bool learn_eviction(Serial through) noexcept;
  bool learn_force_leave(Generation through) noexcept;
  bool merge(const Evidence& other);
  // Epochs retire, an accuser is evicted: what no longer counts anywhere goes.
  template <class Predicate>
  void drop_witnesses(Predicate&& lapsed) {
    std::erase_if(witnesses_, lapsed);
  }

  // Where nothing else bounds accusers: the `most` with the least ids stay. Doing so after each merge keeps it a join.
  void keep_least(std::size_t most) {
    if (witnesses_.size() > most) witnesses_.resize(most);
  }

  friend bool operator==(const Evidence&, const Evidence&) = default;

 private:
  std::optional<CoreFact> core_;
  std::vector<Witness> witnesses_;
  Serial evicted_through_;
  Generation force_left_;
};

}  // namespace quorumor
