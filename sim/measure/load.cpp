// What is sent and what arrives, by honest members in the measured time, a member and second that it ran. It also fills
// messages and bytes of the time line, where those who lie count too: it is what the network carried.
#include "sim/measure/parts.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

class Load final : public Measure {
 public:
  void on_phase(const Stage& stage, Phase phase) override {
    if (phase_ == Phase::measured) settle(stage);
    phase_ = phase;
    if (phase != Phase::measured) return;
    since_ = stage.world.now();
    settle(stage);
  }

  void on_datagram(const Stage& stage, World::Index from, const Transmit& t) override {
    now_messages_ += 1;
    now_bytes_ += static_cast<double>(t.datagram.size());
    if (phase_ != Phase::measured || from >= stage.cast.size() || !stage.cast.is_honest(from)) return;
    Node& node = at(from);
    ++node.sent;
    bytes_ += t.datagram.size();
  }

  void on_delivery(const Stage& stage, World::Index, World::Index to, Bytes) override {
    if (phase_ == Phase::measured && to < stage.cast.size() && stage.cast.is_honest(to)) ++received_;
  }

  // Running time is exact where a start or a crash is told of, which a scenario does.
  void on_action(const Stage& stage, const std::string&, World::Index) override {
    if (phase_ == Phase::measured) settle(stage);
  }

  void on_second(const Stage& stage) override {
    if (phase_ == Phase::measured) settle(stage);
    seconds_.push_back({now_messages_, now_bytes_});
    now_messages_ = now_bytes_ = 0;
  }

  void report(const Stage& stage, RunResult& out) override {
    if (phase_ == Phase::measured) settle(stage);  // interrupted
    double time = 0, sent = 0, worst = 0;
    for (const Node& node : nodes_) {
      time += seconds_of(node.ran);
      sent += static_cast<double>(node.sent);
      if (node.ran >= Duration{1s}) worst = std::max(worst, static_cast<double>(node.sent) / seconds_of(node.ran));
    }
    for (std::size_t i = 0; i < std::min(out.seconds.size(), seconds_.size()); ++i) {
      out.seconds[i].messages = seconds_[i].messages;
      out.seconds[i].bytes = seconds_[i].bytes;
    }
    if (time <= 0) return;
    out.figures["messages_sent"] = sent / time;
    out.figures["messages_received"] = static_cast<double>(received_) / time;
    out.figures["bytes_sent"] = static_cast<double>(bytes_) / time;
    out.figures["messages_sent_period"] = sent / time * seconds_of(stage.scenario.cluster.config.probe_interval);
    out.figures["messages_worst"] = worst;
  }

 private:
  struct Node {
    std::uint64_t sent = 0;
    Duration ran{};
    bool ran_before = false;  // as of the last settling
  };
  struct Sent {
    double messages = 0, bytes = 0;
  };

  Node& at(World::Index i) {
    if (nodes_.size() <= i) nodes_.resize(i + 1);
    return nodes_[i];
  }

  // Time since the last settling belongs to those that ran then.
  void settle(const Stage& stage) {
    const Duration passed = stage.world.now() - since_;
    since_ = stage.world.now();
    for (World::Index i = 0; i < stage.cast.size(); ++i) {
      if (!stage.cast.is_honest(i)) continue;
      Node& node = at(i);
      if (node.ran_before) node.ran += passed;
      node.ran_before = stage.cast[i].running;
    }
  }

  Phase phase_ = Phase::warm_up;
  Instant since_;
  std::vector<Node> nodes_;
  std::vector<Sent> seconds_;
  std::uint64_t received_ = 0, bytes_ = 0;
  double now_messages_ = 0, now_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Measure> load_measure() { return std::make_unique<Load>(); }

}  // namespace quorumor::sim
