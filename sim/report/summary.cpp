#include "sim/report/result_set.h"
#include "sim/scenario/figures.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

Summary of_samples(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  Summary out;
  out.count = samples.size();
  out.least = samples.front();
  out.most = samples.back();
  out.p50 = percentile_of_sorted(samples, 0.5);
  out.p90 = percentile_of_sorted(samples, 0.9);
  out.p99 = percentile_of_sorted(samples, 0.99);
  for (const double s : samples) out.mean += s;
  out.mean /= static_cast<double>(samples.size());
  return out;
}

}  // namespace

bool ResultSet::passed() const noexcept {
  std::size_t made = 0;
  for (const Point& p : points) {
    made += p.runs.size();
    if (!std::all_of(p.runs.begin(), p.runs.end(), [](const RunResult& r) { return r.passed(); })) return false;
  }
  return !interrupted && made == runs_wanted;
}

std::map<std::string, Summary> summarise(const std::vector<RunResult>& runs) {
  std::map<std::string, Summary> out;
  for (const Figure& figure : figures()) {
    const std::string name(figure.name);
    std::vector<double> values;
    for (const RunResult& run : runs) {
      if (figure.distribution) {
        const auto found = run.samples.find(name);
        if (found != run.samples.end()) values.insert(values.end(), found->second.begin(), found->second.end());
      } else {
        const auto found = run.figures.find(name);
        if (found != run.figures.end()) values.push_back(found->second);
      }
    }
    if (!values.empty()) out.emplace(name, of_samples(std::move(values)));
  }
  return out;
}

}  // namespace quorumor::sim
