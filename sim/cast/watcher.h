// Who looks on while a run goes by: checkers and measures. The runner tells every watcher the same, in the same order;
// none of them may change anything in the world, so that a run with and without them is the same run.
#pragma once

#include "sim/cast/cast.h"
#include "sim/scenario/scenario.h"
#include "sim/world.h"

#include <string>

namespace quorumor::sim {

// What a watcher may look at. Outlives all watchers of a run.
struct Stage {
  const Scenario& scenario;
  World& world;          // only questions; `peek`, not `core`
  const Cast& cast;
  Instant began;         // measuring starts: the warm-up is over
};

enum class Phase : std::uint8_t {
  warm_up,   // forming; watchers see events already
  measured,  // the scenario's own time
  healed,    // faults are undone and liars silent (or honest): liveness is due
  over
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_phase(const Stage&, Phase) {}
  virtual void on_event(const Stage&, const Recorded&) {}                        // what a node tells its operator
  virtual void on_datagram(const Stage&, World::Index /*from*/, const Transmit&) {}  // sent, whatever becomes of it
  // What the runner has just done ("crash", "pause", "start", "rumor" ...), to whom; after the cast was told.
  virtual void on_action(const Stage&, const std::string& /*what*/, World::Index /*node*/) {}
  virtual void on_second(const Stage&) {}                                        // once a virtual second
};

}  // namespace quorumor::sim
