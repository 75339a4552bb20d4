// The one place where a member's state changes: decides by precedence, keeps the live count, the probe schedule, the
// policy's view and the timers in step, and tells the operator. State is local; only evidence travels.
//
// A death takes three things, each this reader's own to check: k accusations under one epoch, its own full window
// without a refutation, and its own last look unanswered. The look begins at a random moment of the window's last probe
// period, so that nobody knows when to be silent; the window does not end before the look has. Any authenticated frame
// of the subject after the k-th accusation defers by one minimal window, twice at most, and the look is repeated; one
// that was answered never ends in Dead. What is missing makes the member Unreachable instead, and the look is repeated
// as long as k accuse it.
#pragma once

#include "membership/precedence.h"
#include "membership/probe_schedule.h"
#include "node/core/state.h"

#include <algorithm>
#include <queue>

namespace quorumor {

class Transitions {
 public:
  explicit Transitions(CoreState& state) : s_(state) {}

  // A newer core (or a first one) was accepted for `member`: it starts anew, Alive or Left.
  void on_new_core(Member& member);
  // A duplicate of a floor's core was seen: the member still speaks of itself as we remember it.
  void on_confirmed(Member& member);
  // A frame of its own: one whose accusations have lapsed with their epochs has nothing to refute, and is Alive again.
  void on_heard(Member& member);
  // Evidence against the held core grew: by this accuser's word.
  void on_accused(Member& member, const Member& accuser);
  // The view may have changed: who is out of reach, and so who counts. Once a period for whoever is accused.
  void reconsider(Member& member);
  // Its last look is over.
  void on_looked(Member& member, bool answered);
  // The authority has spoken about it: evidence that needs no accuser.
  void on_verdict(Member& member, const std::string& reason);
  // Nothing that this one said counts any more.
  void on_accuser_gone(const NodeId& accuser, const char* reason);
  // The ring changed: accusations whose epochs have retired lapse.
  void on_ring();
  // This process stood still for `gap`: nobody could refute meanwhile, so every window starts again.
  void on_gap();
  // Windows and looks that are due by now.
  void on_timer();
  std::optional<Instant> next_deadline() const;
  // Takes one member whose last look is to begin; nothing if there is none.
  std::optional<NodeId> take_due_look();

  Tally judge(const Member& member) const;
  // Has this node heard enough sides of the story to declare anybody dead?
  bool may_declare() const noexcept;
  std::size_t syncs_to_declare() const noexcept { return std::min(CoreState::kSyncsToDeclare, s_.live - 1); }
  Duration window_min() const noexcept;
  Duration look_timeout() const noexcept { return s_.config.probe_timeout; }
  ProbeSchedule& schedule() noexcept { return schedule_; }

 private:
  struct Timer {
    Instant at;
    NodeId id;
    friend bool operator<(const Timer& a, const Timer& b) { return a.at > b.at; }  // earliest on top
  };
  void apply(Member& member, const StateInputs& inputs, const std::string& reason);
  void set(Member& member, MemberState state, const std::string& reason);
  void begin_doubt(Member& member);
  void plan(Member& member, const Tally& tally);
  void step(Member& member);
  void end_window(Member& member, const Tally& tally);
  StateInputs inputs_of(const Member& member, const Tally& tally) const;
  void note(Member& member, const std::string& reason);

  CoreState& s_;
  ProbeSchedule schedule_;
  std::priority_queue<Timer> timers_;  // stale ones fall out as they come up
  std::vector<NodeId> due_looks_;
  mutable std::vector<NodeId> muted_;  // scratch
};

}  // namespace quorumor
