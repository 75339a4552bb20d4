// Rumors in: what is news, who is entitled to say it, and only then the signature (33 us), and only then the table and
// the queue that passes it on. Nothing is forwarded unverified; what would change nothing is dropped unverified.
#pragma once

#include "node/core/epochs.h"
#include "node/core/events.h"
#include "node/core/intake_result.h"
#include "node/core/revocations.h"
#include "node/core/self_claim.h"
#include "node/core/transitions.h"

namespace quorumor {

class Intake {
 public:
  Intake(CoreState& state, SelfClaim& self, Transitions& transitions, Revocations& revocations, Events& events,
         Epochs& epochs)
      : s_(state),
        self_(self),
        transitions_(transitions),
        revocations_(revocations),
        events_(events),
        epochs_(epochs) {}

  // From a frame or a stream of an authenticated member, or an introduction. If the result is `orphaned`, `missing()`
  // names what to ask the sender for.
  IntakeResult take(const Rumor& rumor);
  const WantItem& missing() const noexcept { return missing_; }
  Events& events() noexcept { return events_; }
  Revocations& revocations() noexcept { return revocations_; }

  // This node's own accusation, signed: treated like any other from here on.
  void accuse(const Accusation& accusation, const ByteVector& record);
  // Somebody believes this node to be less than alive, at its present coordinate: refuted if the accusations that it
  // holds against itself would make others suspect it.
  void on_doubted();
  // Somebody believes this node to be dead, at its present coordinate, and nobody has shown why.
  void on_mourned() { self_.reassure(); }
  void on_heard(Member& member) { transitions_.on_heard(member); }
  // Takes a member that a verified accusation was news about; nothing if there is none.
  std::optional<NodeId> take_accused();

  // A record of a snapshot: a floor and a candidate, whose state stays unknown. Verified like any other.
  void restore(const SnapshotRecord& record);

 private:
  IntakeResult count(IntakeResult result) noexcept;
  bool is_held(const Rumor& credential) const;
  IntakeResult credential(const Rumor& rumor);
  IntakeResult core(const Rumor& rumor);
  IntakeResult body(const Rumor& rumor);
  IntakeResult accusation(const Rumor& rumor);
  IntakeResult event(const Rumor& rumor);
  IntakeResult announcement(const Rumor& rumor);
  IntakeResult apply_core(Member& member, const Rumor& rumor, const Core& core, const Digest& digest);
  IntakeResult apply_accusation(const Member& accuser, const Accusation& accusation, const Rumor& rumor);
  void apply_to_self(const Witness& witness);
  bool is_news(const Witness& witness, const AccusedSubject& subject) const;
  IntakeResult orphan(RumorKind kind, const NodeId& id) noexcept;
  bool verify_record(const Member& signer, SignDomain domain, const Rumor& rumor);

  CoreState& s_;
  SelfClaim& self_;
  Transitions& transitions_;
  Revocations& revocations_;
  Events& events_;
  Epochs& epochs_;
  WantItem missing_;
  std::vector<NodeId> accused_;  // since the last settling
  bool restoring_ = false;
};

}  // namespace quorumor
