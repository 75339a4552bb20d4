// A formed world under watch: what a runner does, in the few words that tests of checkers and measures need.
#pragma once

#include "node/core/support.h"
#include "sim/cast/audience.h"
#include "sim/check/checker.h"
#include "sim/formed.h"
#include "sim/measure/measures.h"

#include <map>

namespace quorumor::test {

class Watched {
 public:
  explicit Watched(std::uint64_t seed, std::size_t n, const ClusterParameters& parameters = {}) : world(seed) {
    scenario.cluster.nodes = n;
    world.set_parameters(parameters);
    sim::start_formed(world, n, scenario.cluster.config);
    for (std::size_t i = 0; i < n; ++i) {
      cast.add();
      cast.note_started(i, world.now());
    }
    stage.began = world.now();
    for (auto& c : checkers) audience.add(*c);
    for (auto& m : measuring) audience.add(*m);
    audience.add(*liveness);
    audience.tell_phase(sim::Phase::measured);
  }

  void run(Duration duration) { audience.run_for(duration); }
  void crash(std::size_t i) {
    world.crash(i);
    cast.note_stopped(i, world.now(), sim::Fault::crash);
    audience.tell_action("crash", i);
  }
  void start(std::size_t i) {
    cast.note_started(i, world.now());
    world.start(i);
    audience.tell_action("restart", i);
  }
  void pause(std::size_t i, bool on) {
    world.set_pause(i, on);
    cast.note_paused(i, on, world.now());
    audience.tell_action(on ? "pause" : "resume", i);
  }
  void block(std::size_t i, bool on) {
    world.set_block(i, on);
    cast.note_blocked(i, on, world.now());
    audience.tell_action(on ? "block" : "unblock", i);
  }
  void cut(std::size_t a, std::size_t b, bool on) {
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
      if (on) {
        world.network().cut(from, to);
      } else {
        world.network().mend(from, to);
      }
    }
    cast.note_disturbed(a, world.now());
    cast.note_disturbed(b, world.now());
    cast.note_at_fault(a);
    audience.tell_action(on ? "cut" : "mend", a);
  }
  bool settle() {
    audience.tell_phase(sim::Phase::healed);
    const Instant until = world.now() + sim::liveness_limit(stage);
    while (!sim::is_settled(stage) && world.now() < until) run(1s);
    return sim::is_settled(stage);
  }
  void end() { audience.tell_phase(sim::Phase::over); }

  // Of a promise; of all but the one without it.
  std::uint64_t count(std::string_view promise) const {
    std::uint64_t out = 0;
    for (const auto& c : checkers) out += c->promise() == promise ? c->count() : 0;
    return out;
  }
  std::uint64_t count_all() const {
    std::uint64_t out = liveness->count();
    for (const auto& c : checkers) out += c->count();
    return out;
  }
  std::string first_words() const {
    std::string out;
    for (const auto& c : checkers) {
      for (const auto& v : c->violations()) {
        out += v.promise + ": " + v.what + "\n";
        for (const auto& line : v.trace) out += "    " + line + "\n";
        if (out.size() > 4000) return out;
      }
    }
    for (const auto& v : liveness->violations()) out += v.promise + ": " + v.what + "\n";
    return out;
  }
  sim::RunResult report() {
    sim::RunResult out;
    for (auto& m : measuring) m->report(stage, out);
    return out;
  }

  sim::Scenario scenario;
  sim::World world;
  sim::Cast cast{0};
  sim::Stage stage{scenario, world, cast, Instant{}};
  sim::Audience audience{stage};
  std::vector<std::unique_ptr<sim::Checker>> checkers = sim::safety_checkers(stage);
  std::unique_ptr<sim::Checker> liveness = sim::liveness_checker(stage);
  std::vector<std::unique_ptr<sim::Measure>> measuring = sim::measures(stage);
};

}  // namespace quorumor::test
