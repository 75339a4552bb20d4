#include "sim/cli/summary_view.h"

#include "node/cli/table.h"
#include "sim/run/expectations.h"
#include "sim/scenario/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace quorumor::sim {
namespace {

std::string number(double value) {
  char out[40];
  const double size = std::fabs(value);
  std::snprintf(out, sizeof out,
                size >= 1000 || value == std::floor(value) ? "%.0f"
                : size >= 10                               ? "%.1f"
                                                           : "%.3g",
                value);
  return out;
}

const Figure* find_figure(std::string_view name) {
  for (const Figure& f : figures()) {
    if (f.name == name || (f.distribution && name.substr(0, f.name.size() + 1) == std::string(f.name) + ".")) return &f;
  }
  return nullptr;
}

std::string seeds_of(const Point& point) {
  if (point.runs.size() == 1) return "seed " + std::to_string(point.runs.front().seed);
  return std::to_string(point.runs.size()) + " runs, seeds " + std::to_string(point.runs.front().seed) + " to " +
         std::to_string(point.runs.back().seed);
}

// Worst first, of all runs.
std::string expectations_of(const Point& point) {
  std::string out;
  if (point.runs.empty()) return out;
  for (std::size_t e = 0; e < point.runs.front().expectations.size(); ++e) {
    std::size_t met = 0;
    double least = 0, most = 0;
    bool any = false;
    for (const RunResult& run : point.runs) {
      const ExpectationResult& r = run.expectations[e];
      met += r.met ? 1 : 0;
      if (!r.known) continue;
      least = any ? std::min(least, r.value) : r.value;
      most = any ? std::max(most, r.value) : r.value;
      any = true;
    }
    const Expectation& expected = point.runs.front().expectations[e].expectation;
    const bool ok = met == point.runs.size();
    out += std::string(ok ? "  ok      " : "  MISSED  ") + expected.figure + " " + expected.text + ", was " +
           (!any            ? std::string("never measured")
            : least == most ? number(least)
                            : number(least) + " to " + number(most)) +
           (ok || point.runs.size() == 1 ? ""
                                         : ", in " + std::to_string(point.runs.size() - met) + " of " +
                                               std::to_string(point.runs.size()) + " runs") +
           "\n";
  }
  return out;
}

}  // namespace

std::string render_violation(const Violation& v, std::uint64_t seed) {
  char at[32];
  std::snprintf(at, sizeof at, "%.3f", std::chrono::duration<double>(v.at.time_since_epoch()).count() - 1000);
  std::string out = "  BROKEN  " + v.promise + ", seed " + std::to_string(seed) + ", " + at + " s: " + v.what + "\n";
  for (const std::string& line : v.trace) out += "            " + line + "\n";
  return out;
}

std::string render_point(const Point& point) {
  const Scenario& s = point.scenario;
  if (point.runs.empty()) return s.name + ": no run was finished\n";
  std::string out = s.name + ": " + to_string(s.cluster.protocol) + ", " + std::to_string(s.cluster.nodes) +
                    " members, " + number(std::chrono::duration<double>(s.duration).count()) + " s, " +
                    seeds_of(point) + "\n";
  if (!s.description.empty()) out += "  " + s.description + "\n";
  const auto summary = summarise(point.runs);
  std::vector<Row> rows;
  for (const Figure& figure : figures()) {
    const auto found = summary.find(std::string(figure.name));
    if (found == summary.end()) continue;
    const Summary& x = found->second;
    Row row = {"  " + std::string(figure.name), number(x.p50)};
    if (x.count > 1) {
      row.insert(row.end(), {number(x.p90), number(x.p99), number(x.most), number(x.mean), std::to_string(x.count)});
    } else {
      row.insert(row.end(), 5, "");
    }
    row.emplace_back(figure.unit);
    rows.push_back(std::move(row));
  }
  out += render_table({"  figure", "median", "p90", "p99", "most", "mean", "n", "unit"}, rows);
  out += expectations_of(point);
  std::size_t shown = 0;
  std::uint64_t broken = 0;
  for (const RunResult& run : point.runs) {
    broken += run.violation_count;
    for (const Violation& v : run.violations) {
      if (shown++ < 5) out += render_violation(v, run.seed);
    }
    if (!run.settled && !run.interrupted) {
      out += "  MISSED  liveness, seed " + std::to_string(run.seed) + ": not everybody saw the truth in time\n";
    }
  }
  if (broken > 5) out += "  and " + std::to_string(broken - 5) + " more broken promises\n";
  const bool passed = std::all_of(point.runs.begin(), point.runs.end(), [](const RunResult& r) { return r.passed(); });
  out += passed ? "  passed: no promise broken" +
                      std::string(s.check.liveness ? ", everybody saw the truth at the end\n" : "\n")
                : "  NOT passed\n";
  return out;
}

std::string render_sweep(const ResultSet& results, const std::vector<std::string>& names) {
  std::vector<std::string> shown = names;
  if (shown.empty() && !results.points.empty()) {
    for (const Expectation& e : results.points.front().scenario.expect) shown.push_back(e.figure);
  }
  if (shown.empty())
    shown = {"false_deaths", "suspicions", "first_detection_s.p50", "full_detection_s.p50", "messages_sent"};
  Row header;
  std::vector<Row> rows;
  for (const Point& point : results.points) {
    Row row;
    if (header.empty()) {
      for (const Override& o : point.at) header.push_back(o.key);
      for (const std::string& name : shown) {
        const Figure* figure = find_figure(name);
        header.push_back(name +
                         (figure == nullptr || figure->unit.empty() ? "" : " (" + std::string(figure->unit) + ")"));
      }
      header.insert(header.end(), {"runs", "passed"});
    }
    for (const Override& o : point.at) row.push_back(o.value);
    for (const std::string& name : shown) {
      double sum = 0;
      std::size_t known = 0;
      for (const RunResult& run : point.runs) {
        if (const auto value = figure_of(run, name)) {
          sum += *value;
          ++known;
        }
      }
      row.push_back(known == 0 ? "-" : number(sum / static_cast<double>(known)));
    }
    const auto passed =
        std::count_if(point.runs.begin(), point.runs.end(), [](const RunResult& r) { return r.passed(); });
    row.push_back(std::to_string(point.runs.size()));
    row.push_back(std::to_string(passed));
    rows.push_back(std::move(row));
  }
  return rows.empty() ? "nothing was measured\n" : render_table(header, rows);
}

}  // namespace quorumor::sim
