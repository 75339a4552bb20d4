// How starts become membership: of one member (to everybody's holding its new process for Alive), of all of them, which
// sizes of the cluster were seen on the way, and after the heal, how long it took to settle.
#include "sim/cast/inspect.h"
#include "sim/check/checker.h"
#include "sim/measure/parts.h"

#include <map>

namespace quorumor::sim {
namespace {

class Joins final : public Measure {
 public:
  void on_phase(const Stage& stage, Phase phase) override {
    phase_ = phase;
    if (phase == Phase::healed) healed_at_ = stage.world.now();
    if (phase == Phase::over && healed_at_) {
      settle_s_ = is_settled(stage) ? seconds_of(stage.world.now() - *healed_at_) : -1;
    }
    go_on(stage);
  }

  void on_action(const Stage& stage, const std::string&, World::Index node) override {
    if (node >= stage.cast.size()) return;
    const Cast::Role& role = stage.cast[node];
    const Instant now = stage.world.now();
    if (!role.running) {
      open_.erase(node);
    } else if (role.started_at == now) {
      if (!first_start_) first_start_ = now;
      open_[node] = {now, 0};
    }
    go_on(stage);
  }

  void on_event(const Stage& stage, const Recorded& r) override {
    if (!stage.cast.is_honest(r.node) || !stage.world.is_running(r.node)) return;
    const std::size_t live = look_into(stage.world, r.node).live;
    if (sizes_.size() <= live) sizes_.resize(live + 1, false);
    sizes_[live] = true;
    if (r.event.kind != Event::Kind::member_alive) return;
    const auto subject = stage.world.find(r.event.id);
    const auto found = subject ? open_.find(*subject) : open_.end();
    if (found != open_.end()) go_on(stage, found);
    check_all(stage);
  }

  void on_second(const Stage& stage) override { go_on(stage); }

  void report(const Stage& stage, RunResult& out) override {
    go_on(stage);
    if (first_start_) out.figures["join_all_s"] = all_at_ ? seconds_of(*all_at_ - *first_start_) : -1;
    put_samples(out, "join_s", samples_);
    std::size_t seen = 0;
    for (const bool s : sizes_) seen += s ? 1 : 0;
    out.figures["sizes_seen"] = static_cast<double>(seen);
    if (settle_s_) out.figures["settle_s"] = *settle_s_;
  }

 private:
  struct Start {
    Instant at;
    World::Index cursor = 0;  // the readers before it hold the new process for Alive
  };
  using Open = std::map<World::Index, Start>;

  void go_on(const Stage& stage) {
    for (auto at = open_.begin(); at != open_.end();) at = go_on(stage, at);
    check_all(stage);
  }

  Open::iterator go_on(const Stage& stage, Open::iterator open) {
    auto& [subject, start] = *open;
    if (!stage.world.is_running(subject)) return open_.erase(open);
    const Member& self = *look_into(stage.world, subject).self;
    for (; start.cursor < stage.cast.size(); ++start.cursor) {
      const World::Index reader = start.cursor;
      if (reader == subject || !stage.cast.is_reader(reader) || !stage.world.is_running(reader)) continue;
      const Member* held = held_by(stage.world, reader, self.id());
      const bool knows = held != nullptr && held->core && self.core && held->state == MemberState::alive &&
                         held->core->core.at.generation == self.core->core.at.generation;
      if (!knows) return std::next(open);
    }
    samples_.push_back(seconds_of(stage.world.now() - start.at));
    return open_.erase(open);
  }

  // All that the scenario starts with, and everybody sees everybody.
  void check_all(const Stage& stage) {
    if (all_at_ || !first_start_ || !stage.world.all_alive()) return;
    std::size_t running = 0;
    for (World::Index i = 0; i < stage.cast.size(); ++i) running += stage.cast[i].running ? 1 : 0;
    const bool all = running >= stage.scenario.cluster.nodes && running > 1;
    if (all) all_at_ = stage.world.now();
  }

  Phase phase_ = Phase::warm_up;
  std::optional<Instant> first_start_, all_at_, healed_at_;
  std::optional<double> settle_s_;
  Open open_;
  std::vector<double> samples_;
  std::vector<bool> sizes_;
};

}  // namespace

std::unique_ptr<Measure> joins_measure() { return std::make_unique<Joins>(); }

}  // namespace quorumor::sim
