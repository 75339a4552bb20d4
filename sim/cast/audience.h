// All who look on at one run, and the hooks of the world by which they hear of it: whoever runs a world tells the
// audience what it does, and every watcher is told the same, in the order in which they were added.
// Not thread-safe. While it lives, the world's listener, tap and delivery hooks are the audience's.
#pragma once

#include "sim/cast/watcher.h"

#include <string>
#include <vector>

namespace quorumor::sim {

class Audience {
 public:
  // Requires: the stage, and every watcher, outlives the audience.
  explicit Audience(const Stage& stage);
  ~Audience();
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  void add(Watcher& watcher) { watchers_.push_back(&watcher); }
  void tell_phase(Phase phase);
  void tell_action(const std::string& what, World::Index node);
  // Lets the world go on, and tells of each whole virtual second (counted from the stage's beginning) that passes.
  void run_for(Duration duration);

 private:
  template <class Tell>
  void each(Tell tell) {
    for (Watcher* watcher : watchers_) tell(*watcher);
  }

  const Stage& stage_;
  std::vector<Watcher*> watchers_;
};

}  // namespace quorumor::sim
