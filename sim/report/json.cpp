#include "sim/report/json.h"

#include <boost/json.hpp>

#include <cmath>

namespace quorumor::sim {
namespace {

namespace json = boost::json;

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

json::value number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

json::array overrides_of(const std::vector<Override>& list) {
  json::array out;
  for (const Override& o : list) out.push_back({{"key", o.key}, {"value", o.value}});
  return out;
}

json::object of(const Summary& s) {
  return {{"min", number(s.least)}, {"p50", number(s.p50)},   {"p90", number(s.p90)}, {"p99", number(s.p99)},
          {"max", number(s.most)},  {"mean", number(s.mean)}, {"count", s.count}};
}

json::object of(const HeatMap& map) {
  json::array rows, members;
  for (const std::size_t m : map.members) members.emplace_back("n" + std::to_string(m));
  for (const auto& row : map.states) {
    std::string text;  // a digit a subject: MemberState
    for (const std::uint8_t state : row) text += static_cast<char>('0' + state);
    rows.emplace_back(text);
  }
  return {{"at", number(map.at)}, {"members", std::move(members)}, {"states", std::move(rows)}};
}

json::object of(const Violation& v) {
  json::array trace;
  for (const std::string& line : v.trace) trace.emplace_back(line);
  return {{"promise", v.promise},
          {"at", seconds(v.at.time_since_epoch()) - 1000},
          {"what", v.what},
          {"trace", std::move(trace)}};
}

json::object of(const ExpectationResult& e) {
  return {{"figure", e.expectation.figure},
          {"expected", e.expectation.text},
          {"value", e.known ? number(e.value) : json::value(nullptr)},
          {"met", e.met}};
}

json::array time_line(const std::vector<Second>& all) {
  json::array out;
  for (const Second& s : all) {
    json::array pairs;
    for (const std::uint32_t count : s.pairs) pairs.emplace_back(count);
    out.push_back(json::object{{"at", number(s.at)},
                               {"pairs", std::move(pairs)},
                               {"messages", number(s.messages)},
                               {"bytes", number(s.bytes)},
                               {"running", s.running},
                               {"disturbed", s.disturbed}});
  }
  return out;
}

template <class T, class Make>
json::array list(const std::vector<T>& all, Make make) {
  json::array out;
  for (const T& x : all) out.push_back(make(x));
  return out;
}

json::object of(const RunResult& run) {
  json::object figures, samples, counters;
  for (const auto& [name, value] : run.figures) figures[name] = number(value);
  for (const auto& [name, values] : run.samples) samples[name] = list(values, number);
  for (const auto& [name, value] : run.counters) counters[name] = std::to_string(value);
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(run.trace_hash));
  json::object out{{"seed", std::to_string(run.seed)},
                   {"protocol", run.protocol},
                   {"nodes", run.nodes},
                   {"trace", hash},
                   {"passed", run.passed()},
                   {"settled", run.settled},
                   {"interrupted", run.interrupted},
                   {"virtual_seconds", number(run.virtual_seconds)},
                   {"cpu_seconds", number(run.cpu_seconds)}};
  out["figures"] = std::move(figures);
  out["samples"] = std::move(samples);
  out["counters"] = std::move(counters);
  out["expectations"] = list(run.expectations, [](const ExpectationResult& e) { return of(e); });
  out["violation_count"] = std::to_string(run.violation_count);
  out["violations"] = list(run.violations, [](const Violation& v) { return of(v); });
  out["marks"] = list(run.marks, [](const Mark& m) { return json::object{{"at", number(m.at)}, {"what", m.what}}; });
  if (!run.seconds.empty()) {
    out["seconds"] = time_line(run.seconds);
    out["heat_worst"] = of(run.worst);
    out["heat_end"] = of(run.end);
  }
  return out;
}

json::object of(const Point& point) {
  json::object summary;
  for (const auto& [name, value] : summarise(point.runs)) summary[name] = of(value);
  json::object out{{"at", overrides_of(point.at)},
                   {"name", point.scenario.name},
                   {"description", point.scenario.description},
                   {"protocol", to_string(point.scenario.cluster.protocol)},
                   {"nodes", point.scenario.cluster.nodes},
                   {"duration_s", seconds(point.scenario.duration)}};
  out["summary"] = std::move(summary);
  out["runs"] = list(point.runs, [](const RunResult& r) { return of(r); });
  return out;
}

}  // namespace

std::string to_json(const ResultSet& results) {
  json::object out{{"quorumor_sim", 1},  // the layout's version
                   {"command", results.command},
                   {"passed", results.passed()},
                   {"interrupted", results.interrupted},
                   {"scenario", results.scenario_text},
                   {"set", overrides_of(results.overrides)}};
  out["points"] = list(results.points, [](const Point& p) { return of(p); });
  return json::serialize(out) + "\n";
}

}  // namespace quorumor::sim
