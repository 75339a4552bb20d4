// What a command of quorumor-sim has measured: points (one for `run`, one for each combination for `sweep`), each with
// its runs. JSON (json.h), the page (page.h) and the summary on the terminal are made of this.
#pragma once

#include "sim/measure/result.h"
#include "sim/scenario/scenario_file.h"

#include <string>
#include <vector>

namespace quorumor::sim {

struct Point {
  std::vector<Override> at;     // what this point sets beyond the command's own --set; empty for `run`
  Scenario scenario;
  std::vector<RunResult> runs;  // in the order of their seeds
};

struct ResultSet {
  std::string command;          // as typed, to be run again
  std::string scenario_text;    // the file
  std::vector<Override> overrides;
  std::vector<Point> points;
  unsigned runs_wanted = 0;     // of all points
  bool interrupted = false;

  bool passed() const noexcept;  // all wanted runs were made, and each passed
};

// Over the runs of a point: of a scalar figure the runs' values, of a distribution all samples together.
struct Summary {
  double least = 0, p50 = 0, p90 = 0, p99 = 0, most = 0, mean = 0;
  std::size_t count = 0;
};
// By the names of figures.h; what no run has is absent.
std::map<std::string, Summary> summarise(const std::vector<RunResult>& runs);

}  // namespace quorumor::sim
