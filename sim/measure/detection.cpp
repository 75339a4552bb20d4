// From a crash to everybody's knowing it, one sample a crash of the measured time. A crash is over (and gives no sample
// but what it gave already) when its member starts again.
//
// The first failing probe is SWIM's measure: the number of the period, counted from the crash, in which somebody's cycle
// first probes the member; its expectation is e / (e - 1) = 1.58.
#include "sim/cast/inspect.h"
#include "sim/measure/parts.h"

#include <cmath>
#include <map>

namespace quorumor::sim {
namespace {

class Detection final : public Measure {
 public:
  void on_phase(const Stage& stage, Phase phase) override {
    phase_ = phase;
    if (phase == Phase::over) go_on_all(stage);
  }

  // A name of an action may be anybody's; what it did is in the cast.
  void on_action(const Stage& stage, const std::string&, World::Index node) override {
    if (node >= stage.cast.size()) return;
    const Cast::Role& role = stage.cast[node];
    const Instant now = stage.world.now();
    if (role.running) {
      open_.erase(node);
    } else if (role.stopped_at == now && !role.left && phase_ == Phase::measured) {
      Crash crash;
      crash.at = now;
      open_[node] = crashes_.size();
      crashes_.push_back(crash);
    }
  }

  void on_event(const Stage& stage, const Recorded& r) override {
    if (open_.empty() || !stage.cast.is_honest(r.node)) return;
    if (r.event.kind != Event::Kind::member_suspect && r.event.kind != Event::Kind::member_dead) return;
    const auto subject = stage.world.find(r.event.id);
    const auto found = subject ? open_.find(*subject) : open_.end();
    if (found == open_.end()) return;
    Crash& crash = crashes_[found->second];
    if (r.event.kind == Event::Kind::member_suspect) {
      if (!crash.suspected) crash.suspected = r.at;
      return;
    }
    if (!crash.first) crash.first = r.at;
    crash.last = r.at;
    go_on(stage, *subject, crash);
  }

  void on_second(const Stage& stage) override { go_on_all(stage); }

  void on_datagram(const Stage& stage, World::Index from, const Transmit& t) override {
    if (open_.empty() || !stage.cast.is_honest(from) || !stage.world.is_running(from)) return;
    const auto to = stage.world.find(t.to);
    const auto found = to ? open_.find(*to) : open_.end();
    if (found == open_.end() || crashes_[found->second].probe) return;
    const auto& impl = CoreAccess::impl(stage.world.peek(from));
    if (!impl.looks.is_running(stage.world.id(*to), LookKind::cycle)) return;
    Crash& crash = crashes_[found->second];
    const double periods = seconds_of(stage.world.now() - crash.at) / seconds_of(impl.state.config.probe_interval);
    crash.probe = std::max(std::ceil(periods), 1.0);
  }

  void report(const Stage& stage, RunResult& out) override {
    go_on_all(stage);
    std::vector<double> suspected, first, full, dissemination, probes;
    for (const Crash& crash : crashes_) {
      if (crash.probe) probes.push_back(*crash.probe);
      if (crash.suspected) suspected.push_back(seconds_of(*crash.suspected - crash.at));
      if (crash.first) first.push_back(seconds_of(*crash.first - crash.at));
      if (!crash.complete || !crash.first) continue;
      full.push_back(seconds_of(*crash.last - crash.at));
      dissemination.push_back(seconds_of(*crash.last - *crash.first));
    }
    std::size_t undetected = 0;
    for (const auto& [subject, index] : open_) undetected += crashes_[index].complete ? 0 : 1;
    out.figures["undetected"] = static_cast<double>(undetected);
    put_samples(out, "failed_probe_periods", std::move(probes));
    put_samples(out, "first_suspicion_s", std::move(suspected));
    put_samples(out, "first_detection_s", std::move(first));
    put_samples(out, "full_detection_s", std::move(full));
    put_samples(out, "dissemination_s", std::move(dissemination));
  }

 private:
  struct Crash {
    Instant at;
    std::optional<Instant> suspected, first, last;
    std::optional<double> probe;
    World::Index cursor = 0;  // the readers before it know
    bool complete = false;
  };

  void go_on_all(const Stage& stage) {
    for (const auto& [subject, index] : open_) go_on(stage, subject, crashes_[index]);
  }

  // Each reader is passed once: O(n) a crash in all, and O(1) for each event that changes nothing.
  static void go_on(const Stage& stage, World::Index subject, Crash& crash) {
    for (; crash.cursor < stage.cast.size(); ++crash.cursor) {
      const World::Index reader = crash.cursor;
      if (reader == subject || !stage.cast.is_reader(reader) || !stage.world.is_running(reader)) continue;
      const MemberState state = stage.world.state_of(subject, reader);
      if (state != MemberState::unknown && state < MemberState::dead) return;
    }
    crash.complete = true;
  }

  Phase phase_ = Phase::warm_up;
  std::vector<Crash> crashes_;
  std::map<World::Index, std::size_t> open_;  // member -> its crash
};

}  // namespace

std::unique_ptr<Measure> detection_measure() { return std::make_unique<Detection>(); }

}  // namespace quorumor::sim
