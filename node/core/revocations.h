// The authority's verdicts at work: who is revoked, who has been declared gone, what follows at once. The records are
// held in membership/verdicts.h; their way is that of every rumor (known? of the authority? news?), but they need no
// member to be about, wait for nothing, go out first, and are persisted before anything else is.
//
// * Revocation (id, serial): whatever was issued for that id up to that serial is worth nothing any more. A member is
//   Evicted at once; its streams are dropped, its frames and rumors refused, its accusations forgotten; it is
//   given no key and no TLS. Only a credential of a higher serial brings the id back, with its next core.
// * Force-leave (id, generation): for a crashed member whose observers are gone. Left, up to that generation. A process
//   that still runs under it hears of that, and is back under a newer generation: to keep a node out, revoke it.
// * A revoked node that is shown the record falls silent and says so (Event::revoked). Only the record does it: a mere
//   refusal could be anybody's lie. So whoever refuses it shows it, by TLS before the refusal (sessions.cpp), by UDP
//   once a second (receiver.cpp).
//
// * Endorsement (another key that may speak for the authority, crypto/authorities.h): held, persisted and spread as a
//   verdict is, and taken from a hello before the credential in it is looked at, whatever becomes of the rest: only
//   what an authority signed is held, and no more than kEndorsedMax. Whatever stands under a key that is not endorsed
//   here yet is refused, which costs its sender nothing, and comes again with the next sync, behind the endorsements.
//
// What an attacker can still do: who never shows a revoked thief the record leaves it talking to nobody. Forged records
// cost one signature check each, and one more for each endorsed key; nothing else changes.
#pragma once

#include "node/core/authority_errors.h"
#include "node/core/intake_result.h"
#include "node/core/self_claim.h"
#include "node/core/transitions.h"
#include "node/core/verdict_file.h"

namespace quorumor {

class Revocations {
 public:
  Revocations(CoreState& state, SelfClaim& self, Transitions& transitions)
      : s_(state), self_(self), transitions_(transitions) {}

  // --- the boot ---
  // Of the disk: verified again; what is not the authority's is dropped. Before any member is restored.
  // `endorsements`: of this node's own bundle, which may bring what the disk has not heard of.
  void restore(const std::vector<VerdictRecord>& records, const std::vector<ByteVector>& endorsements);
  // The first call of a boot: says what the disk remembers.
  void start();

  // --- rumors ---
  // Requires: a revocation, a force-leave or an endorsement.
  IntakeResult take(const Rumor& rumor);
  // A credential was accepted, of a new member or in place of another: what is held of its id binds it.
  void on_credential(Member& member, bool restoring);
  // To whoever Wants one: by id, or a revocation by the first 16 bytes of its digest.
  Rumor find(const WantItem& item) const noexcept;

  // --- an operator's ---
  // Spread again if it was held already. Nothing on success.
  std::optional<VerdictError> command(RumorKind kind, Bytes record);
  std::optional<VerdictError> endorse(std::span<const ByteVector> records);

  // --- epochs ---
  bool knows(const Digest& revocation) const noexcept { return s_.verdicts.knows(revocation); }
  // An announcement names these: whoever rotates next need not.
  void note_announced(std::span<const Digest> revocations) noexcept { s_.verdicts.note_announced(revocations); }
  // What the next announcement is to name: revocations that none has named yet, as far as this process knows.
  std::vector<Digest> unannounced() const { return s_.verdicts.unannounced(kAnnouncedRevocationsMax); }

  // --- what follows ---
  // Takes a member that was just evicted (this node itself: all its streams); nothing if there is none.
  std::optional<NodeId> take_evicted();
  // Has anything changed since it was last written?
  bool is_unwritten() const noexcept { return unwritten_; }
  void note_written() noexcept { unwritten_ = false; }

 private:
  IntakeResult revocation(const Rumor& rumor);
  IntakeResult force_leave(const Rumor& rumor);
  IntakeResult endorsement(const Rumor& rumor);
  bool verify_record(SignDomain domain, const Rumor& rumor);
  void bind(Member& member);
  void apply(Member& member);
  void apply_to_self();

  CoreState& s_;
  SelfClaim& self_;
  Transitions& transitions_;
  std::vector<NodeId> evicted_;  // since the last settling
  bool unwritten_ = false;
  bool full_ = false;            // the last take was refused for want of room
};

}  // namespace quorumor
