// This node's own claim: the only place where its incarnation moves. A claim is built and signed once and cached in the
// member table like everybody else's; it changes when the node refutes, leaves, or changes what it says of itself.
#pragma once

#include "node/core/state.h"

namespace quorumor {

class SelfClaim {
 public:
  explicit SelfClaim(CoreState& state) : s_(state) {}

  // The first claim of this boot. Ensures: self has a core and a body, and is Alive.
  void begin();
  // The same facts under the next incarnation, queued for gossip. Does nothing at the end of the range: an
  // incarnation never wraps, a restart takes a new generation.
  void advance(RumorQueue::Purpose purpose = RumorQueue::Purpose::news);
  // Accusations lapse when their epochs retire, a death does not: who was declared dead under an epoch that has gone
  // has nothing to refute, and says so by its next incarnation, once in kReassurePause, whoever mourns it.
  static constexpr Duration kReassurePause = 10s;
  void reassure();
  // Valid accusations at the current coordinate may make us a suspect somewhere: the next incarnation, at most one a
  // second. If all accusers have been refuted before, the pause doubles with each time, up to `longest` (of a
  // suspicion's shortest window: so that nobody's ends meanwhile). What comes too early is answered when it is over.
  void refute(Duration longest);
  void on_timer();
  std::optional<Instant> next_deadline() const { return refute_at_; }
  void leave();
  // The credential was renewed: the same process under its serial.
  void renewed() { advance(); }
  // The authority has declared every generation up to `through` gone: this process goes on under a later one.
  void outlive(Generation through);
  void set_metadata(Bytes metadata);
  // A validly signed core of our own id, of a generation that this process does not run. Before we have published:
  // adopt a greater one (a clock was once ahead, or a disk was restored). Twice after: another process is us.
  void meet_own(const Core& other);

 private:
  void move_past(Generation generation);
  void refute_now();
  Duration pause(Duration longest) const noexcept;
  void rebuild(Incarnation incarnation, bool leaving);
  void announce(RumorQueue::Purpose purpose = RumorQueue::Purpose::news);

  CoreState& s_;
  std::optional<Instant> refuted_at_;
  std::optional<Instant> reassured_at_;
  std::optional<Instant> refute_at_;  // one is owed
  int met_higher_ = 0;
};

// The member's accusers at its present coordinate are about to be refuted by itself: each is noted for muting.
void note_refuted(CoreState& state, Member& member);

}  // namespace quorumor
