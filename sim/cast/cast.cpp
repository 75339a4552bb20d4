#include "sim/cast/cast.h"

namespace quorumor::sim {

Cast::Index Cast::add() {
  roles_.emplace_back();
  return roles_.size() - 1;
}

void Cast::corrupt(Index i) {
  if (!roles_[i].byzantine) ++byzantine_;
  roles_[i].byzantine = true;
}

void Cast::note_started(Index i, Instant at) {
  Role& role = roles_[i];
  role.running = true;
  role.paused = role.blocked = role.left = false;
  role.started_at = at;
  role.stopped_at.reset();
  role.resumed_at.reset();
  role.unblocked_at.reset();
  ++role.boots;
}

void Cast::note_stopped(Index i, Instant at, Fault why) {
  Role& role = roles_[i];
  role.running = role.paused = role.blocked = false;
  role.stopped_at = at;
  if (why == Fault::leave) {
    role.left = true;
  } else {
    role.at_fault = true;
    note_disturbed(i, at);
  }
}

void Cast::note_paused(Index i, bool paused, Instant at) {
  note_held_up(i, roles_[i].paused, roles_[i].resumed_at, paused, at);
}

void Cast::note_blocked(Index i, bool blocked, Instant at) {
  note_held_up(i, roles_[i].blocked, roles_[i].unblocked_at, blocked, at);
}

void Cast::note_held_up(Index i, bool& is, std::optional<Instant>& ended_at, bool will_be, Instant at) {
  if (is && !will_be) ended_at = at;
  is = will_be;
  roles_[i].at_fault = true;
  note_disturbed(i, at);
}

void Cast::note_disturbed(Index i, Instant at) {
  roles_[i].disturbed = true;
  roles_[i].disturbed_at = at;
}

}  // namespace quorumor::sim
