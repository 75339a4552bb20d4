// The measures of this room, one a file; `measures` makes them.
#pragma once

#include "sim/measure/measures.h"

namespace quorumor::sim {

std::unique_ptr<Measure> states_measure();     // who thinks what of whom: false deaths, suspicion, time lines, heat maps
std::unique_ptr<Measure> detection_measure();  // from a crash to everybody's knowing it
std::unique_ptr<Measure> events_measure();     // user events
std::unique_ptr<Measure> joins_measure();      // starts, convergence, cluster sizes seen, settling
std::unique_ptr<Measure> load_measure();       // datagrams and bytes
std::unique_ptr<Measure> partners_measure();   // whom honest members choose, and who is isolated
std::unique_ptr<Measure> costs_measure();      // counters, signatures, memory

// Pairs of members are followed one by one up to so many members; figures that need it are absent above.
inline constexpr std::size_t kPairsMembersMost = 2000;

inline double seconds_of(Duration d) { return std::chrono::duration<double>(d).count(); }

// A distribution's figures: name.p50, .p90, .p99, .max, .mean, .count, and its samples. Without samples only the count.
void put_samples(RunResult& out, const std::string& name, std::vector<double> samples);

// Does everybody whose view counts (honest, running, not paused), but the subject, hold it so? The first that does not
// ends the question.
template <class Holds>
bool all_readers(const Stage& stage, World::Index subject, Holds holds) {
  for (World::Index reader = 0; reader < stage.cast.size(); ++reader) {
    if (reader == subject || !stage.cast.is_reader(reader) || !stage.world.is_running(reader)) continue;
    if (!holds(reader)) return false;
  }
  return true;
}
inline std::size_t count_readers(const Cast& cast) {
  std::size_t out = 0;
  for (World::Index i = 0; i < cast.size(); ++i) out += cast.is_reader(i) ? 1 : 0;
  return out;
}

}  // namespace quorumor::sim
