#include "sim/run/runner.h"

#include "sim/run/expectations.h"
#include "sim/run/heartbeat_run.h"
#include "sim/run/run_parts.h"

#include "node/driver/suggest.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

ByteArray<32> seed_bytes(std::uint64_t seed) {
  ByteArray<32> out{};
  store_le<std::uint64_t>(out.data(), seed);
  return out;
}

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::warm_up:
      return "warm-up";
    case Phase::measured:
      return "measured";
    case Phase::healed:
      return "healed";
    case Phase::over:
      break;
  }
  return "over";
}

}  // namespace

Run::Run(const Scenario& scenario, std::uint64_t seed, const RunOptions& options)
    : scenario_(scenario), options_(options), world_(seed), rng_(seed_bytes(seed), "run") {
  if (options_.cpu_seconds) cpu_begin_ = options_.cpu_seconds();
  world_.set_recording(false);
  measures_ = measures(stage_);
  if (scenario_.check.safety) checkers_ = safety_checkers(stage_);
  if (scenario_.check.liveness) liveness_ = liveness_checker(stage_);
  audience_.add(*this);
  for (const auto& m : measures_) audience_.add(*m);
  for (const auto& c : checkers_) audience_.add(*c);
  if (liveness_) audience_.add(*liveness_);
}

Run::~Run() { *acting_ = false; }

void Run::enter(Phase phase) {
  phase_ = phase;
  if (options_.trace != nullptr) options_.trace->phase(world_.now(), name_of(phase));
  audience_.tell_phase(phase);
}

void Run::on_event(const Stage&, const Recorded& r) {
  if (options_.trace != nullptr) options_.trace->event(r);
  if (r.event.kind != Event::Kind::left) return;
  // The process ends, but not in the middle of its own call.
  world_.call_at(r.at, [this, node = r.node] {
    if (world_.is_running(node)) stop_member(node, Fault::leave);
  });
}

void Run::on_second(const Stage&) {
  if (options_.trace != nullptr) options_.trace->checkpoint(world_);
  if (!options_.progress || phase_ != Phase::measured) return;
  const auto passed = static_cast<double>((world_.now() - stage_.began).count());
  options_.progress(std::min(1.0, passed / static_cast<double>(scenario_.duration.count())));
}

// A second at a time, so that whoever wants it to end is heard.
void Run::run_for(Duration duration) {
  const Instant end = world_.now() + duration;
  while (world_.now() < end && !is_stopped()) audience_.run_for(std::min<Duration>(1s, end - world_.now()));
}

// Whoever listens hears of the forming too: joins are measured then.
void Run::measure() {
  stage_.began = world_.now();
  end_ = world_.now() + scenario_.duration;
  enter(Phase::measured);
  hire();
  for (const Action& action : scenario_.actions) schedule(action);
  run_for(end_ - world_.now());
}

void Run::heal() {
  *acting_ = false;
  for (Hired& h : hired_) {
    if (h.started) h.adversary->stop();
  }
  if (!scenario_.check.liveness || is_stopped()) return;
  on_mend();
  LinkProfile clean = scenario_.network;
  clean.loss_ppm = clean.duplication_ppm = clean.reorder_ppm = 0;
  clean.datagram_max.reset();
  world_.network().set_everywhere(clean);
  for (Index i = 0; i < cast_.size(); ++i) {
    if (cast_[i].paused) set_pause(i, false);
    if (cast_[i].blocked) set_block(i, false);
  }
  help_joiners();
  repeat_orders();
  healed_at_ = world_.now();
  enter(Phase::healed);
  const Duration limit = scenario_.check.within.value_or(liveness_limit(stage_));
  const Instant limit_at = world_.now() + limit;
  // Asked ten times a second: a look at all digests is not for every datagram.
  settled_ = is_settled(stage_);
  while (!settled_ && world_.now() < limit_at && !is_stopped()) {
    audience_.run_for(100ms);
    settled_ = is_settled(stage_);
  }
  if (settled_) settle_time_ = world_.now() - healed_at_;
}

RunResult Run::report() {
  enter(Phase::over);
  RunResult out;
  out.protocol = to_string(scenario_.cluster.protocol);
  out.nodes = scenario_.cluster.nodes;
  out.trace_hash = world_.trace_hash();
  out.interrupted = is_stopped();
  for (const auto& m : measures_) m->report(stage_, out);
  const auto collect = [&](const Checker& c) {
    out.violation_count += c.count();
    out.violations.insert(out.violations.end(), c.violations().begin(), c.violations().end());
  };
  for (const auto& c : checkers_) collect(*c);
  if (liveness_) collect(*liveness_);
  std::stable_sort(out.violations.begin(), out.violations.end(),
                   [](const Violation& a, const Violation& b) { return a.at < b.at; });
  out.figures["violations"] = static_cast<double>(out.violation_count);
  if (scenario_.check.liveness) {
    out.settled = settled_;
    const auto seconds = [](Duration d) { return std::chrono::duration<double>(d).count(); };
    out.figures["settle_s"] = settle_time_ ? seconds(*settle_time_) : -1;
  }
  double acts = 0, successes = 0;
  for (const Hired& h : hired_) {
    acts += static_cast<double>(h.adversary->acts());
    successes += static_cast<double>(h.adversary->successes());
  }
  out.figures["adversary_acts"] = acts;
  out.figures["adversary_successes"] = successes;
  out.virtual_seconds = std::chrono::duration<double>(world_.now() - Instant{1000s}).count();
  if (options_.cpu_seconds) {
    out.cpu_seconds = options_.cpu_seconds() - cpu_begin_;
    const double node_seconds = static_cast<double>(out.nodes) * out.virtual_seconds;
    out.figures["cpu_us_member_s"] = out.cpu_seconds * 1e6 / node_seconds;
    out.figures["node_seconds_cpu_s"] = node_seconds / std::max(out.cpu_seconds, 1e-9);
  }
  return out;
}

RunResult Run::go() {
  enter(Phase::warm_up);
  form();
  // Up to a period more, so that what comes is in step with nothing.
  const auto period = static_cast<std::uint64_t>(scenario_.cluster.config.probe_interval.count());
  run_for(scenario_.warm_up + Duration{static_cast<std::int64_t>(rng_.below(period))});
  if (!is_stopped()) measure();
  heal();
  RunResult out = report();
  if (options_.trace != nullptr) options_.trace->end(world_);
  return out;
}

RunResult run_scenario(const Scenario& scenario, std::uint64_t seed, const RunOptions& options) {
  RunResult out = scenario.cluster.protocol == Protocol::heartbeat ? run_heartbeat(scenario, seed, options)
                                                                   : Run(scenario, seed, options).go();
  out.seed = seed;
  const bool defended = scenario.cluster.protocol == Protocol::quorumor;
  judge_expectations(defended ? scenario.expect : scenario.expect_undefended, out);
  return out;
}

std::vector<std::string> find_run_problems(const Scenario& scenario) {
  std::vector<std::string> out;
  for (const AdversaryPart& part : scenario.adversaries) {
    const Behaviour* behaviour = find_behaviour(part.behaviour);
    const std::string where = "[[adversary]]" + (part.line == 0 ? "" : " of line " + std::to_string(part.line));
    if (behaviour == nullptr) {
      std::vector<std::string> words;
      for (const Behaviour& b : behaviours()) words.emplace_back(b.name);
      const auto near = suggest(part.behaviour, words);
      out.push_back(where + ": unknown behaviour \"" + part.behaviour + "\"" +
                    (near ? "; did you mean \"" + *near + "\"?" : "; `quorumor-sim list --behaviours` prints all"));
    } else if (behaviour->insider != (part.who.kind != Picks::Kind::none)) {
      out.push_back(where + ": \"" + part.behaviour + "\"" +
                    (behaviour->insider ? " needs `who`: which members lie" : " is an outsider's: it takes no `who`"));
    } else if (behaviour->needs_target && part.target.kind == Picks::Kind::none) {
      out.push_back(where + ": \"" + part.behaviour + "\" needs `target`");
    }
  }
  return out;
}

}  // namespace quorumor::sim
