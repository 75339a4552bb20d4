#include "sim/run/expectations.h"

#include <algorithm>

namespace quorumor::sim {

std::optional<double> figure_of(const RunResult& run, const std::string& name) {
  const auto scalar = run.figures.find(name);
  if (scalar != run.figures.end()) return scalar->second;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto found = run.samples.find(name.substr(0, dot));
  const std::string which = name.substr(dot + 1);
  if (which == "count") return found == run.samples.end() ? 0.0 : static_cast<double>(found->second.size());
  if (found == run.samples.end() || found->second.empty()) return std::nullopt;
  std::vector<double> sorted = found->second;
  std::sort(sorted.begin(), sorted.end());
  if (which == "mean") {
    double sum = 0;
    for (const double s : sorted) sum += s;
    return sum / static_cast<double>(sorted.size());
  }
  const double share = which == "p50" ? 0.5 : which == "p90" ? 0.9 : which == "p99" ? 0.99 : 1.0;
  return percentile_of_sorted(sorted, share);
}

void judge_expectations(const std::vector<Expectation>& expectations, RunResult& run) {
  for (const Expectation& e : expectations) {
    ExpectationResult result;
    result.expectation = e;
    if (const auto value = figure_of(run, e.figure)) {
      result.known = true;
      result.value = *value;
      result.met = *value >= e.least && *value <= e.most;
    }
    run.expectations.push_back(std::move(result));
  }
}

}  // namespace quorumor::sim
