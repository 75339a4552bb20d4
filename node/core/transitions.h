// The one place where a member's state changes: decides by precedence, keeps the live count, the probe schedule and the
// timers in step, and tells the operator. State is local; only evidence travels.
#pragma once

#include "membership/precedence.h"
#include "membership/probe_schedule.h"
#include "node/core/state.h"

#include <queue>

namespace quorumor {

class Transitions {
 public:
  explicit Transitions(CoreState& state) : s_(state) {}

  // A newer core (or a first one) was accepted for `member`: it starts anew, Alive or Left.
  void on_new_core(Member& member);
  // A duplicate of a floor's core was seen: the member still speaks of itself as we remember it.
  void on_confirmed(Member& member);
  // Evidence against the held core grew.
  void on_accused(Member& member);
  // Suspicion windows that are over by now.
  void on_timer();
  std::optional<Instant> next_deadline() const;

  ProbeSchedule& schedule() noexcept { return schedule_; }

 private:
  struct Timer {
    Instant at;
    NodeId id;
    friend bool operator<(const Timer& a, const Timer& b) { return a.at > b.at; }  // earliest on top
  };
  void apply(Member& member, const StateInputs& inputs, const std::string& reason);
  void set(Member& member, MemberState state, const std::string& reason);
  void arm(Member& member);
  StateInputs inputs_of(const Member& member) const;
  std::size_t counting(const Member& member) const;

  CoreState& s_;
  ProbeSchedule schedule_;
  std::priority_queue<Timer> timers_;  // at most one valid a suspect; stale ones fall out as they come up
};

}  // namespace quorumor
