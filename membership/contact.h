// What a member keeps of another that it has to do with itself: how to reach it, how fast it answers, what it said
// last, what was sent to it and when. Of one in ten thousand members that was never spoken with there is none.
// Times are this reader's monotonic clock.
#pragma once

#include "base/endpoint.h"
#include "membership/round_trips.h"
#include "wire/links.h"

#include <optional>

namespace quorumor {

struct Contact {
  Links::Handle link = Links::kNone;        // from the first frame, to it or from it
  bool answered_last_ping = false;
  RoundTrips round_trips;
  unsigned forwards = 0;                    // relayed to it on behalf of others since:
  Instant forwards_since;
  Instant hints_since;                      // the hints that it may give are used up to then (node/core/watch.h)
  Instant last_heard;                       // an authenticated frame of its own
  std::optional<Instant> unanswered_since;  // of the pings to it, the oldest that has no answer yet
  std::optional<Instant> introduced_at;     // when an introduction was last sent to it
  std::optional<Instant> introduction_answered_at;  // when one of its own was last answered with ours
  std::optional<Instant> synced_at;         // when a sync with it last began
  std::optional<Instant> wanted_at;         // when it was last asked for something missing
  std::optional<Endpoint> proven;           // a claimed endpoint that a frame or stream of its own came from
  EntryName stated;                         // of its process: the newest epoch that it has said it holds,
  EntryName used;                           // the newest under which a frame of it came,
  EntryName last_frame;                     // that of its last frame,
  Epoch acked_epoch;                        // and the newest under which it has acked a probe of ours
  Instant keys_granted_until;               // its share of granted keys is used up to then (node/core/key_exchange.h)
};

}  // namespace quorumor
