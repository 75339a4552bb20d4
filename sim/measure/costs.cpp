// What the cores counted themselves, summed over honest members and all their boots, and what their memory accounts for.
// A crashed process takes its last counts with it: they are read once a second, and when the runner says what it did.
#include "sim/cast/inspect.h"
#include "sim/check/memory_bound.h"
#include "sim/measure/counter_names.h"
#include "sim/measure/parts.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

class Costs final : public Measure {
 public:
  static constexpr std::size_t kMemorySample = 8;  // members a second; all at the end

  void on_phase(const Stage& stage, Phase phase) override {
    read(stage);
    if (phase == Phase::measured) {
      began_ = checks_;
      time_ = {};
    }
    if (phase_ == Phase::measured) measured_checks_ = checks_ - began_;
    phase_ = phase;
    if (phase == Phase::over) weigh_all(stage);
  }
  void on_second(const Stage& stage) override {
    read(stage);
    if (phase_ == Phase::measured) time_ += Duration{1s} * static_cast<int>(count_running(stage));
    for (std::size_t i = 0; i < std::min(kMemorySample, stage.cast.size()); ++i) {
      next_ = (next_ + 1) % stage.cast.size();
      weigh(stage, next_);
    }
  }

  void report(const Stage& stage, RunResult& out) override {
    read(stage);
    if (phase_ != Phase::over) weigh_all(stage);
    if (phase_ == Phase::measured) measured_checks_ = checks_ - began_;
    out.counters = sums_;
    const Counters none;
    for (const Node& node : nodes_) add_counters(out.counters, node.last, none);
    if (time_ > Duration::zero()) {
      out.figures["signature_checks"] = static_cast<double>(measured_checks_) / seconds_of(time_);
    }
    out.figures["memory_member_bytes"] = static_cast<double>(most_);
  }

 private:
  struct Node {
    unsigned boot = 0;
    Counters last;  // of that boot
  };

  static std::size_t count_running(const Stage& stage) {
    std::size_t out = 0;
    for (World::Index i = 0; i < stage.cast.size(); ++i) {
      out += stage.cast.is_honest(i) && stage.cast[i].running ? 1 : 0;
    }
    return out;
  }

  void read(const Stage& stage) {
    nodes_.resize(std::max(nodes_.size(), stage.cast.size()));
    for (World::Index i = 0; i < stage.cast.size(); ++i) {
      if (!stage.cast.is_honest(i) || !stage.world.is_running(i)) continue;
      Node& node = nodes_[i];
      if (node.boot != stage.cast[i].boots) {
        add_counters(sums_, node.last, Counters{});
        node = {stage.cast[i].boots, {}};
      }
      const Counters& now = look_into(stage.world, i).counters;
      checks_ += now.signature_checks - node.last.signature_checks;
      node.last = now;
    }
  }

  void weigh(const Stage& stage, World::Index i) {
    if (stage.cast.is_honest(i) && stage.world.is_running(i)) most_ = std::max(most_, memory_of(stage.world, i));
  }
  void weigh_all(const Stage& stage) {
    for (World::Index i = 0; i < stage.cast.size(); ++i) weigh(stage, i);
  }

  Phase phase_ = Phase::warm_up;
  std::vector<Node> nodes_;
  std::map<std::string, std::uint64_t> sums_;  // of boots that are over
  std::uint64_t checks_ = 0, began_ = 0, measured_checks_ = 0;
  Duration time_{};  // of honest running members in the measured time
  std::size_t most_ = 0, next_ = 0;
};

}  // namespace

std::unique_ptr<Measure> costs_measure() { return std::make_unique<Costs>(); }

}  // namespace quorumor::sim
