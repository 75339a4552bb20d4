// What a run gave: plain values, which the JSON, the page, `expect` and the figures of docs/EVIDENCE.md all read. Names
// and units of figures are in figures.h, and nowhere else.
#pragma once

#include "sim/check/checker.h"

#include <map>
#include <string>
#include <vector>

namespace quorumor::sim {

struct ExpectationResult {
  Expectation expectation;
  double value = 0;
  bool known = false;   // false: the run has no such figure (then it is not met)
  bool met = false;
};

// One sample a virtual second, for time lines.
struct Second {
  double at = 0;                                 // since the beginning of the measured time; the warm-up is negative
  std::array<std::uint32_t, 7> pairs{};          // ordered pairs of honest running members, by MemberState
  double messages = 0, bytes = 0;                // sent by all members in this second
  std::uint32_t running = 0, disturbed = 0;
};

// Who thinks what of whom: [reader][subject] as MemberState, at the worst moment (most pairs not Alive) and at the end.
// Of more than kHeatMax members, every so many-th.
inline constexpr std::size_t kHeatMax = 128;
struct HeatMap {
  double at = 0;
  std::vector<std::size_t> members;
  std::vector<std::vector<std::uint8_t>> states;
};

struct Mark {               // something that happened, for the time line
  double at = 0;
  std::string what;         // "crash n3"
};

struct RunResult {
  std::uint64_t seed = 0;
  std::string protocol;
  std::size_t nodes = 0;
  std::uint64_t trace_hash = 0;
  std::map<std::string, double> figures;                    // by name (figures.h)
  std::map<std::string, std::vector<double>> samples;       // by name: distributions, unsorted
  std::map<std::string, std::uint64_t> counters;            // sums of the cores' own over all honest members
  std::vector<Violation> violations;
  std::uint64_t violation_count = 0;
  std::vector<ExpectationResult> expectations;
  std::vector<Second> seconds;
  std::vector<Mark> marks;
  HeatMap worst, end;
  bool settled = true;       // liveness reached
  bool interrupted = false;  // Ctrl-C: what was measured so far
  double cpu_seconds = 0, virtual_seconds = 0;

  bool passed() const noexcept;  // no violation, settled where asked for, every expectation met
};

// The least value that at least this share (0 to 1) of the samples does not exceed. Requires: samples, sorted.
double percentile_of_sorted(const std::vector<double>& sorted, double share);

}  // namespace quorumor::sim
