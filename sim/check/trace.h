// The last of what happened in a run, kept so that a violation can show how it came about: events of the nodes and
// actions of the runner. One for all checkers of a run.
//
// Bound: the last kLines lines. Lines are formatted only when a violation asks for them.
// Whoever hears of an event may note it: the same one, noted again by the next checker, is one line.
#pragma once

#include "sim/cast/watcher.h"

#include <deque>
#include <string>
#include <vector>

namespace quorumor::sim {

class Trace {
 public:
  static constexpr std::size_t kLines = 8192;
  static constexpr std::size_t kWindow = 24;  // lines that a violation shows

  void note(const Stage& stage, const Recorded& recorded);
  void note(const Stage& stage, const std::string& action, World::Index node);

  // The last kWindow lines that bear on what a reader thinks of a subject, oldest first: what the reader said of it,
  // what it said of itself, and what was done to either.
  std::vector<std::string> window(const Stage& stage, World::Index reader, World::Index subject) const;

 private:
  struct Line {
    Instant at;
    World::Index node = World::kNobody;
    World::Index about = World::kNobody;  // of an event
    bool is_action = false;
    Event::Kind kind = Event::Kind::joined;
    Generation generation;
    Incarnation incarnation;
    std::string text;
    friend bool operator==(const Line&, const Line&) = default;
  };
  void push(Line line);
  static std::string format(const Stage& stage, const Line& line);

  std::deque<Line> lines_;
};

}  // namespace quorumor::sim
