#include "sim/measure/result.h"

#include "sim/measure/parts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace quorumor::sim {

bool RunResult::passed() const noexcept {
  return violation_count == 0 && violations.empty() && settled &&
         std::all_of(expectations.begin(), expectations.end(), [](const ExpectationResult& e) { return e.met; });
}

double percentile_of_sorted(const std::vector<double>& sorted, double share) {
  const double rank = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

void put_samples(RunResult& out, const std::string& name, std::vector<double> samples) {
  out.figures[name + ".count"] = static_cast<double>(samples.size());
  out.samples[name] = samples;
  if (samples.empty()) return;
  std::sort(samples.begin(), samples.end());
  out.figures[name + ".p50"] = percentile_of_sorted(samples, 0.5);
  out.figures[name + ".p90"] = percentile_of_sorted(samples, 0.9);
  out.figures[name + ".p99"] = percentile_of_sorted(samples, 0.99);
  out.figures[name + ".max"] = samples.back();
  out.figures[name + ".mean"] =
      std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

}  // namespace quorumor::sim
