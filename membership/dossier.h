// What is kept of a member beside its records and its state once there is any of it: who accuses it, how this reader
// doubts it, whom it has refuted, what became of it, which of its events were taken. Most members have none.
#pragma once

#include "base/lazy.h"
#include "membership/doubt.h"
#include "membership/event_window.h"
#include "membership/evidence.h"
#include "membership/muting.h"
#include "wire/message.h"

#include <memory>
#include <string>
#include <vector>

namespace quorumor {

struct Transition {
  Instant at;
  MemberState state = MemberState::unknown;
  std::string reason;
};

struct EventsTaken {
  EventWindow window;     // of the held core's generation
  Sequence noticed;       // what is missing below it has been looked at (node/core/event_gaps.h)
  Instant quota;          // its events have used their rate up to then (node/core/events.h)
  Instant doubted_until;  // events that it spoke of were not to be had from anybody (node/core/event_gaps.h)

  // What is missing of `other` is nobody's business: history, or for a sync to bring.
  void begin(EventWindow other) noexcept {
    window = std::move(other);
    noticed = window.next();
  }
};

struct Dossier {
  static constexpr std::size_t kHistory = 8;

  Lazy<Evidence> evidence;                // beside the held core
  std::unique_ptr<Doubt> doubt;           // from Suspect on, until the core moves
  std::unique_ptr<Muting> muting;         // whose accusations this member has refuted
  Lazy<std::vector<Transition>> history;  // the last kHistory, oldest first; not its becoming a member
  Lazy<EventsTaken> events;               // once one was taken, or the core names another next one than the first did
};

}  // namespace quorumor
