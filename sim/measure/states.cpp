// Who thinks what of whom. Events give the counts of what happened; once a second all pairs are looked at, which gives
// the time line, the share of time spent in doubt (so its grain is a second) and the worst moment's heat map.
// Cost: n * n bytes looked at a second, n * n bits held; above kPairsMembersMost members neither.
#include "sim/cast/inspect.h"
#include "sim/measure/parts.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

class States final : public Measure {
 public:
  void on_phase(const Stage& stage, Phase phase) override {
    phase_ = phase;
    if (phase == Phase::warm_up) began_ = stage.began;
    if (phase == Phase::measured) {
      changed_.clear();  // what forming did is no flap
      // Time is told from the beginning of this phase: what came before has negative times.
      const double forming = seconds_of(stage.began - began_.value_or(stage.began));
      for (Second& s : seconds_) s.at -= forming;
      for (Mark& m : marks_) m.at -= forming;
      worst_.at -= forming;
    }
    if (phase == Phase::over) end_ = heat_map(stage);
  }

  void on_event(const Stage& stage, const Recorded& r) override {
    const MemberState state = state_told_by(r.event.kind);
    if (state == MemberState::unknown || phase_ == Phase::warm_up || !stage.cast.is_honest(r.node)) return;
    const auto subject = stage.world.find(r.event.id);
    if (!subject || *subject >= stage.cast.size()) return;
    note_change(stage, r.node, *subject);
    const Cast::Role& role = stage.cast[*subject];
    if (role.byzantine || !role.running || role.paused) return;
    // Of an earlier process, which is gone, it is right.
    const auto& own = look_into(stage.world, *subject).self->core;
    if (!own || own->core.at.generation != r.event.generation) return;
    if (state == MemberState::suspect) ++suspicions_;
    if (state != MemberState::dead) return;
    ++false_deaths_;
    bystander_deaths_ += role.at_fault ? 0 : 1;
    bystander_deaths_between_ += role.at_fault || stage.cast[r.node].at_fault ? 0 : 1;
    if (role.disturbed) return;
    ++false_positives_;
    if (!stage.cast[r.node].disturbed) ++false_positives_healthy_;
  }

  void on_action(const Stage& stage, const std::string& what, World::Index node) override {
    const bool somebody = node < stage.world.size();
    marks_.push_back({seconds_of(stage.world.now() - stage.began),
                      somebody ? what + " " + stage.world.spec(node).name : what});
  }

  void on_second(const Stage& stage) override {
    Second second;
    second.at = seconds_of(stage.world.now() - stage.began);
    for (World::Index i = 0; i < stage.cast.size(); ++i) {
      second.running += stage.cast[i].running ? 1 : 0;
      second.disturbed += stage.cast[i].disturbed ? 1 : 0;
    }
    if (stage.cast.size() <= kPairsMembersMost) look_at_pairs(stage, second);
    seconds_.push_back(second);
  }

  void report(const Stage& stage, RunResult& out) override {
    out.figures["false_deaths"] = static_cast<double>(false_deaths_);
    out.figures["false_positives"] = static_cast<double>(false_positives_);
    out.figures["false_positives_healthy"] = static_cast<double>(false_positives_healthy_);
    out.figures["bystander_deaths"] = static_cast<double>(bystander_deaths_);
    out.figures["bystander_deaths_between"] = static_cast<double>(bystander_deaths_between_);
    out.figures["suspicions"] = static_cast<double>(suspicions_);
    if (stage.cast.size() <= kPairsMembersMost) {
      out.figures["flaps"] = static_cast<double>(flaps_);
      if (pairs_ > 0) out.figures["suspect_share"] = static_cast<double>(not_alive_) / static_cast<double>(pairs_);
    }
    out.seconds = seconds_;
    out.marks = marks_;
    out.worst = worst_;
    out.end = end_.members.empty() ? heat_map(stage) : end_;
  }

 private:
  void note_change(const Stage& stage, World::Index reader, World::Index subject) {
    const std::size_t n = stage.cast.size();
    if (n > kPairsMembersMost) return;
    if (changed_.size() < n) changed_.resize(n);
    auto& row = changed_[reader];
    if (row.size() < n) row.resize(n, false);
    if (row[subject]) ++flaps_;
    row[subject] = true;
  }

  void look_at_pairs(const Stage& stage, Second& second) {
    std::uint64_t pairs = 0, alive = 0;
    for (World::Index reader = 0; reader < stage.cast.size(); ++reader) {
      if (!is_counted(stage, reader)) continue;
      for (World::Index subject = 0; subject < stage.cast.size(); ++subject) {
        if (subject == reader || !is_counted(stage, subject)) continue;
        const MemberState state = stage.world.state_of(subject, reader);
        ++second.pairs[static_cast<std::size_t>(state)];
        ++pairs;
        alive += state == MemberState::alive ? 1 : 0;
      }
    }
    if (phase_ != Phase::measured) return;
    pairs_ += pairs;
    not_alive_ += pairs - alive;
    if (pairs - alive <= worst_bad_ && !worst_.members.empty()) return;
    worst_bad_ = pairs - alive;
    worst_ = heat_map(stage);
  }

  static bool is_counted(const Stage& stage, World::Index i) {
    return stage.cast[i].running && stage.cast.is_honest(i) && stage.world.is_running(i);
  }

  static HeatMap heat_map(const Stage& stage) {
    HeatMap out;
    out.at = seconds_of(stage.world.now() - stage.began);
    const std::size_t n = stage.cast.size();
    const std::size_t every = std::max<std::size_t>((n + kHeatMax - 1) / kHeatMax, 1);
    for (std::size_t i = 0; i < n; i += every) out.members.push_back(i);
    for (const std::size_t reader : out.members) {
      auto& row = out.states.emplace_back();
      for (const std::size_t subject : out.members) {
        const bool runs = stage.world.is_running(reader);
        row.push_back(static_cast<std::uint8_t>(runs ? stage.world.state_of(subject, reader) : MemberState::unknown));
      }
    }
    return out;
  }

  Phase phase_ = Phase::warm_up;
  std::uint64_t false_deaths_ = 0, false_positives_ = 0, false_positives_healthy_ = 0;
  std::uint64_t bystander_deaths_ = 0, bystander_deaths_between_ = 0;
  std::uint64_t suspicions_ = 0, flaps_ = 0;
  std::uint64_t pairs_ = 0, not_alive_ = 0, worst_bad_ = 0;
  std::vector<std::vector<bool>> changed_;  // [reader][subject]: it has changed once in the measured time
  std::optional<Instant> began_;  // of all
  std::vector<Second> seconds_;
  std::vector<Mark> marks_;
  HeatMap worst_, end_;
};

}  // namespace

std::unique_ptr<Measure> states_measure() { return std::make_unique<States>(); }

}  // namespace quorumor::sim
