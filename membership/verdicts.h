// What the authority has said of members beside their credentials: the union of its revocations, and of each id the
// greatest force-leave. Kept apart from the member table, because a revocation may arrive before its member, and must
// outlive it. Pure; callers verify first.
//
// * Every distinct revocation is kept, also one that a greater serial has overtaken: announcements name revocations by
//   digest (crypto/announcement.h), and whoever joins later must be able to show that it holds them. Its effect follows
//   from the greatest serial of an id alone.
// * Of force-leaves only the greatest generation of an id is kept: nothing names the others.
// * Who else may speak for the authority (crypto/authorities.h) is held elsewhere; here it counts in the sum, so that
//   two which differ in it sync. Full sets count alike, whatever is in them: neither could take what the other holds.
// * The sum goes into the digest that members compare, so that two which differ in a verdict sync, also where one of
//   them has never heard of the member. Evicted members add nothing to the table's own sum: who learned of the
//   revocation first will never know their core, and must agree with who knew it all along.
//
// Bounds. Only the authority can fill these. kRevocationsMax: as many ids as a table may ever hold, and as many again
// that came and went; past it a revocation is refused, and whoever gave it is told. None is ever dropped, whatever else
// arrives: that would be a pardon. kForceLeavesMax: as many as there can be crashed members at a time; past it the one
// that was signed longest ago gives way (keeping the newest is a join, so all members keep the same).
// Cost: O(1) to ask and to add; a force-leave into a full list O(n). Not thread-safe.
#pragma once

#include "membership/digest_sum.h"
#include "wire/links.h"
#include "wire/message.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <span>
#include <vector>

namespace quorumor {

class Verdicts {
 public:
  static constexpr std::size_t kRevocationsMax = 2 * kLinksMax;
  static constexpr std::size_t kForceLeavesMax = kLinksMax;
  enum class Fit : std::uint8_t { news, known, full };

  // What adding it would do. A revocation of serial 0, or a force-leave of generation 0, says nothing: known.
  Fit judge(const Revocation& revocation, const Digest& digest) const noexcept;
  Fit judge(const ForceLeave& force_leave) const noexcept;
  // Requires: judged as news, and verified; `record` is its content || signature, `digest` revocation_digest(content).
  void add(const Revocation& revocation, const Digest& digest, ByteVector record);
  void add(const ForceLeave& force_leave, ByteVector record);

  // The greatest serial of the id that is revoked, and all below it; 0: none.
  Serial revoked_through(const NodeId& id) const noexcept;
  bool is_revoked(const NodeId& id, Serial serial) const noexcept {
    const Serial through = revoked_through(id);
    return through != Serial{} && serial <= through;
  }
  Generation force_left_through(const NodeId& id) const noexcept;
  bool knows(const Digest& revocation) const noexcept;

  // All of them, by number, revocations first; force-leaves may change places when one is added.
  std::size_t size() const noexcept { return revocations_.size() + force_leaves_.size(); }
  std::size_t revocations() const noexcept { return revocations_.size(); }
  Rumor at(std::size_t number) const noexcept;
  // The id's revocation of the greatest serial, its force-leave, the revocation whose digest begins so (announcements
  // name them by digest). An empty record: none. Views until the next change.
  Rumor revocation_of(const NodeId& id) const noexcept;
  Rumor force_leave_of(const NodeId& id) const noexcept;
  Rumor revocation_by_digest(const NodeId& first_half) const noexcept;

  // Which revocations an announcement has named. The unannounced ones, newest first, `most` at most.
  void note_announced(std::span<const Digest> digests) noexcept;
  std::vector<Digest> unannounced(std::size_t most) const;

  void note_endorsed(const Authorities& authorities);
  const DigestSum& sum() const noexcept { return sum_; }

 private:
  struct HeldRevocation {
    Serial serial;
    WallTime at;
    Digest digest{};
    bool announced = false;
    ByteVector record;
  };
  struct HeldForceLeave {
    NodeId id{};
    Generation generation;
    WallTime at;
    ByteVector record;
  };
  struct IdHash {
    std::size_t operator()(const NodeId& id) const noexcept { return load_le<std::size_t>(id.data()); }
  };
  // By (at, id): the one that gives way first.
  std::size_t oldest_force_leave() const noexcept;

  std::vector<HeldRevocation> revocations_;  // in order of arrival; only grows
  std::vector<HeldForceLeave> force_leaves_;
  // Ids are the authority's, digests follow from what it signs: nobody else can choose either to collide. Never
  // iterated.
  boost::unordered_flat_map<NodeId, std::size_t, IdHash> by_digest_;  // its first 16 bytes: in revocations_
  boost::unordered_flat_map<NodeId, std::size_t, IdHash> greatest_;  // of an id, in revocations_
  boost::unordered_flat_map<NodeId, std::size_t, IdHash> left_;      // in force_leaves_
  std::optional<Digest> endorsed_;  // what the endorsements add to the sum; nothing: there is none
  DigestSum sum_;
};

}  // namespace quorumor
