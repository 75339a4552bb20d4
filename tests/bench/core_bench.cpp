// The core's hot paths, on whole datagrams through the public face: what a member costs its peers.
#include "bench/fixture.h"
#include "sim/world.h"

#include <benchmark/benchmark.h>
#include <chrono>

namespace quorumor::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Frames are sealed in batches outside the measured time: each counter is good for one frame only.
void receive(benchmark::State& state, Fixture& f, const Message& message, std::size_t outputs) {
  constexpr std::size_t kBatch = 512;
  std::vector<ByteVector> frames(kBatch);
  while (state.KeepRunningBatch(kBatch)) {
    for (auto& frame : frames) frame = f.frame(message);
    const auto begin = Clock::now();
    std::size_t seen = 0;
    for (const auto& frame : frames) seen += f.node().on_datagram(f.now(), f.peer().endpoint, frame).size();
    const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
    if (seen != outputs * kBatch) state.SkipWithError("the node did not answer as expected");
    state.SetIterationTime(took);
  }
}

void ping_in_ack_out(benchmark::State& state) {
  Fixture f(10);
  receive(state, f, f.blank(MessageKind::ping), 1);
}

void known_signed_rumors(benchmark::State& state) {
  Fixture f(10);
  Message message = f.blank(MessageKind::want);
  std::size_t size = message_size(message) + kRumorListOverhead;
  for (std::size_t i = 2; i < 12; ++i) {
    const Rumor rumor{RumorKind::core, f.person(i).core_record, {}};
    if (size + rumor_size(rumor) > limits::kPlain) break;
    size += rumor_size(rumor);
    message.rumors.push_back(rumor);
  }
  // The first time each is confirmed; from then on they are known.
  f.node().on_datagram(f.now(), f.peer().endpoint, f.frame(message));
  receive(state, f, message, 0);
  state.counters["rumors"] = static_cast<double>(message.rumors.size());
  if (f.node().stats().counters.rumors_refused != 0) state.SkipWithError("rumors were refused");
}

// The prober's side: builds and seals a ping, then opens and applies its ack. The responder's work is not counted.
class Exchange {
 public:
  Exchange() : world_(1) {
    sim::NodeSpec a, b;
    a.name = "a";
    a.roles = {std::string(kKeymasterRole)};
    b.name = "b";
    b.seeds = {0};
    world_.add(a);
    world_.add(b);
    world_.start(0, true);
    world_.run_for(100ms);
    world_.start(1);
    world_.run_for(60s);
    now_ = world_.now();
  }
  // Seconds of the prober's own time for one exchange.
  double once() {
    for (;;) {
      now_ = std::max(now_, *world_.core(0).next_deadline());
      const auto begin = Clock::now();
      const auto outputs = world_.core(0).on_timer(now_);
      const auto sent = Clock::now() - begin;
      for (const Output& o : outputs) {
        if (const auto* ping = std::get_if<Transmit>(&o)) return sent_and_acked(sent, to_vector(ping->datagram));
      }
    }
  }

 private:
  double sent_and_acked(Clock::duration sent, const ByteVector& ping) {
    for (const Output& reply : world_.core(1).on_datagram(now_, world_.endpoint(0), ping)) {
      const auto* ack = std::get_if<Transmit>(&reply);
      if (ack == nullptr) continue;
      const ByteVector back = to_vector(ack->datagram);
      const auto begin = Clock::now();
      world_.core(0).on_datagram(now_, world_.endpoint(1), back);
      return std::chrono::duration<double>(sent + (Clock::now() - begin)).count();
    }
    return 1;  // no ack: a figure that nobody mistakes for a good one
  }
  sim::World world_;
  Instant now_;
};

void ping_out_ack_in(benchmark::State& state) {
  Exchange exchange;
  for (auto _ : state) state.SetIterationTime(exchange.once());
}

BENCHMARK(ping_in_ack_out)->UseManualTime();
BENCHMARK(ping_out_ack_in)->UseManualTime();
BENCHMARK(known_signed_rumors)->UseManualTime();

}  // namespace
}  // namespace quorumor::bench
