// A scenario in the heartbeat arm: crashes and nothing else, and the figures that the other arms have too.
#include "sim/run/heartbeat_run.h"

#include "sim/heartbeat/heartbeat.h"

#include <algorithm>
#include <map>

namespace quorumor::sim {
namespace {

using Index = HeartbeatCluster::Index;

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

struct Crash {
  Instant at;
  const Action* action = nullptr;
};

std::vector<Index> victims(const Picks& picks, const HeartbeatCluster& cluster, Drbg& rng) {
  std::vector<Index> running;
  for (Index i = 0; i < cluster.size(); ++i) {
    if (!cluster.is_crashed(i)) running.push_back(i);
  }
  if (picks.kind == Picks::Kind::listed) {
    std::erase_if(running, [&](Index i) {
      return std::none_of(picks.ranges.begin(), picks.ranges.end(),
                          [&](const auto& r) { return r.first <= i && i <= r.second; });
    });
    return running;
  }
  std::size_t wanted = running.size();
  if (picks.kind == Picks::Kind::number || picks.kind == Picks::Kind::observers) wanted = picks.count;
  if (picks.kind == Picks::Kind::share) wanted = cluster.size() * picks.ppm / kAllPpm;
  rng.shuffle(std::span<Index>(running));
  running.resize(std::min(wanted, running.size()));
  return running;
}

void report_detection(const HeartbeatCluster& cluster, const std::map<Index, Instant>& crashed, RunResult& out) {
  std::map<Index, std::pair<Instant, Instant>> seen;  // first and last
  double false_deaths = 0;
  for (const HeartbeatCluster::Failing& f : cluster.failings()) {
    const auto found = crashed.find(f.subject);
    if (found == crashed.end() || f.at < found->second) {
      ++false_deaths;
      continue;
    }
    if (cluster.is_crashed(f.reader)) continue;
    const auto [at, is_new] = seen.try_emplace(f.subject, f.at, f.at);
    if (!is_new) at->second.second = f.at;
  }
  double undetected = 0;
  for (const auto& [subject, at] : crashed) {
    bool everywhere = true;
    for (Index reader = 0; reader < cluster.size(); ++reader) {
      everywhere = everywhere && (cluster.is_crashed(reader) || cluster.holds_failed(reader, subject));
    }
    const auto found = seen.find(subject);
    if (found != seen.end()) out.samples["first_detection_s"].push_back(seconds(found->second.first - at));
    if (!everywhere || found == seen.end()) {
      ++undetected;
      continue;
    }
    out.samples["full_detection_s"].push_back(seconds(found->second.second - at));
    out.samples["dissemination_s"].push_back(seconds(found->second.second - found->second.first));
  }
  out.figures["false_deaths"] = out.figures["false_positives"] = out.figures["false_positives_healthy"] = false_deaths;
  out.figures["undetected"] = undetected;
}

// Runs to `end`, a checkpoint of the trace each second of the way.
class Teller {
 public:
  Teller(HeartbeatCluster& cluster, const RunOptions& options) : cluster_(cluster), options_(options) {}
  bool is_stopped() const { return options_.stop != nullptr && *options_.stop; }
  void phase(std::string_view name) const {
    if (options_.trace != nullptr) options_.trace->phase(cluster_.now(), name);
  }
  void crash(Index node) const {
    if (options_.trace != nullptr) options_.trace->action(cluster_.now(), "crash", node);
  }
  void run_until(Instant end) const {
    while (cluster_.now() < end && !is_stopped()) {
      cluster_.run_until(std::min<Instant>(cluster_.now() + 1s, end));
      if (options_.trace != nullptr)
        options_.trace->checkpoint(cluster_.now(), cluster_.trace_hash(), cluster_.datagrams());
    }
  }
  void end() const {
    phase("over");
    if (options_.trace != nullptr) options_.trace->end(cluster_.trace_hash());
  }

 private:
  HeartbeatCluster& cluster_;
  const RunOptions& options_;
};

}  // namespace

RunResult run_heartbeat(const Scenario& scenario, std::uint64_t seed, const RunOptions& options) {
  const double cpu_begin = options.cpu_seconds ? options.cpu_seconds() : 0;
  HeartbeatSettings settings;
  settings.nodes = scenario.cluster.nodes;
  settings.period = scenario.cluster.config.probe_interval;
  settings.t_fail = scenario.cluster.t_fail;
  settings.t_cleanup = scenario.cluster.t_cleanup;
  HeartbeatCluster cluster(settings, scenario.network, seed);
  ByteArray<32> bytes{};
  store_le<std::uint64_t>(bytes.data(), seed);
  Drbg rng(bytes, "run");
  const Teller teller(cluster, options);
  const Instant start = cluster.now();
  teller.phase("warm-up");
  teller.run_until(start + scenario.warm_up + settings.period);
  teller.phase("measured");
  const Instant began = cluster.now(), end = began + scenario.duration;
  const auto before = std::array{cluster.datagrams(), cluster.arrived(), cluster.bytes()};

  std::vector<Crash> crashes;
  for (const Action& a : scenario.actions) {
    for (Duration at = a.at; at < scenario.duration; at += a.every.value_or(scenario.duration)) {
      if (!a.until || at <= *a.until) crashes.push_back({began + at, &a});
    }
  }
  std::stable_sort(crashes.begin(), crashes.end(), [](const Crash& a, const Crash& b) { return a.at < b.at; });
  std::map<Index, Instant> crashed;
  for (const Crash& c : crashes) {
    teller.run_until(c.at);
    if (teller.is_stopped()) break;
    for (const Index i : victims(c.action->who, cluster, rng)) {
      teller.crash(i);
      cluster.crash(i);
      crashed.emplace(i, c.at);
    }
  }
  teller.run_until(end);
  teller.end();
  RunResult out;
  out.seed = seed;
  out.protocol = to_string(Protocol::heartbeat);
  out.nodes = settings.nodes;
  out.interrupted = teller.is_stopped();
  out.trace_hash = cluster.trace_hash();
  report_detection(cluster, crashed, out);
  const double member_seconds =
      static_cast<double>(settings.nodes - crashed.size()) * std::max(seconds(cluster.now() - began), 1e-9);
  out.figures["messages_sent"] = static_cast<double>(cluster.datagrams() - before[0]) / member_seconds;
  out.figures["messages_received"] = static_cast<double>(cluster.arrived() - before[1]) / member_seconds;
  out.figures["bytes_sent"] = static_cast<double>(cluster.bytes() - before[2]) / member_seconds;
  out.figures["messages_sent_period"] = out.figures["messages_sent"] * seconds(settings.period);
  out.figures["violations"] = 0;
  out.virtual_seconds = seconds(cluster.now() - start);
  if (options.cpu_seconds) out.cpu_seconds = options.cpu_seconds() - cpu_begin;
  return out;
}

}  // namespace quorumor::sim
