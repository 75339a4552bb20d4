// One run in which every fault that the world has happens at least once. Two places need it: the trace's tests, and the
// golden hash that each compiler must meet.
#pragma once

#include "node/core/support.h"
#include "sim/trace/trace.h"

namespace quorumor::test {

class AllFaults {
 public:
  // `sink`: none, then there is no trace. `meddle`: one thing is done that is not in the story, half-way.
  AllFaults(std::uint64_t seed, sim::TraceSink sink, bool meddle = false)
      : world_(seed), writer_(sink ? sink : [](std::string_view) {}, {seed, "all faults\nof the world", {"nodes=10"}}) {
    world_.set_listener([this](const sim::Recorded& r) { writer_.event(r); });
    set_network();
    for (std::size_t i = 0; i < kNodes; ++i) {
      auto s = spec("n" + std::to_string(i), i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
      s.zone = static_cast<std::uint32_t>(i % 3);
      world_.add(s);
    }
    tick();
    world_.start(0, true);
    world_.run_for(100ms);
    for (std::size_t i = 1; i < kNodes; ++i) world_.start(i);
    world_.run_for(30s);
    writer_.phase(world_.now(), "faults");
    begin_faults();
    world_.run_for(15s);
    if (meddle) world_.set_pause(0, true);
    if (meddle) world_.run_for(1s);
    if (meddle) world_.set_pause(0, false);
    world_.run_for(15s - (meddle ? 1s : 0s));
    writer_.phase(world_.now(), "healed");
    heal();
    settled_ = world_.run_until([&] { return world_.all_alive(); }, 120s);
    world_.run_for(1s);
    writer_.end(world_);
  }
  std::uint64_t hash() const { return world_.trace_hash(); }
  bool settled() const { return settled_; }
  std::uint64_t outsider_heard() const { return outsider_heard_; }

 private:
  static constexpr std::size_t kNodes = 10;

  void set_network() {
    sim::NetworkModel& network = world_.network();
    sim::LinkProfile p;
    p.latency = sim::Latency{sim::Latency::Shape::lognormal, 300us, 80ms};
    p.loss_ppm = 30'000;
    p.duplication_ppm = 10'000;
    p.reorder_ppm = 20'000;
    p.reorder_delay = 60ms;
    network.set_everywhere(p);
    p = {};
    p.latency = sim::Latency{sim::Latency::Shape::exponential, 20ms, 200ms};
    network.set_between(0, 1, p);
    p.latency = sim::Latency{sim::Latency::Shape::uniform, 5ms, 40ms};
    network.set_between(1, 0, p);
  }

  void begin_faults() {
    sim::NetworkModel& network = world_.network();
    sim::LinkProfile p;
    p.loss_ppm = 300'000;
    network.set_sender(2, p);
    p = {};
    p.datagram_max = 300;
    network.set_receiver(3, p);
    p = {};
    p.loss_ppm = sim::kAllPpm;
    network.set_link(4, 5, p);
    network.set_links({{4, 5}, {6}, true}, p);
    network.cut(7, 8);
    network.cut({{9}, {0, 1, 2, 3, 4}, true});
    network.flip_flop({{1}, {2, 3, 4, 5, 6, 7, 8, 9}, false}, world_.now(), 3s, 2s);
    act("pause", 6, [&] { world_.set_pause(6, true); });
    act("block", 7, [&] { world_.set_block(7, true); });
    act("crash", 8, [&] { world_.crash(8); });
    act("skew", 4, [&] { world_.set_wall_offset_now(4, 3s); });
    act("restart", 5, [&] { world_.restart(5); });
    world_.set_path([n = 0](std::size_t from, std::size_t, Bytes) mutable {
      return sim::PathVerdict{from == 7 && ++n % 7 == 0, from == 0 ? 5ms : Duration{}};
    });
    world_.inject(1, world_.endpoint(0), ByteVector(60, std::byte{0x5a}));
    stream_ = world_.open_stream(2, Endpoint::v4(203, 0, 113, 1, 9000), [this](const StreamEvent& e) {
      ++outsider_heard_;
      if (e.kind == StreamEvent::Kind::connected) world_.feed_stream(stream_, ByteVector(100, std::byte{0x5a}));
    });
    CHECK_FALSE(world_.broadcast(3, "news", "x").has_value());
  }

  void heal() {
    world_.network().mend_all();
    world_.network().clear_exceptions();
    world_.set_pause(6, false);
    world_.set_block(7, false);
    world_.start(8);
  }

  void act(std::string_view what, std::size_t node, const std::function<void()>& action) {
    writer_.action(world_.now(), what, node);
    action();
  }

  void tick() {
    world_.call_at(world_.now() + 1s, [this] {
      writer_.checkpoint(world_);
      tick();
    });
  }

  sim::World world_;
  sim::TraceWriter writer_;
  StreamId stream_ = 0;
  std::uint64_t outsider_heard_ = 0;
  bool settled_ = false;
};

}  // namespace quorumor::test
