// Members that do less than they should: for nobody, for some, or too late. What they say of themselves is true.
#include "sim/adversary/families.h"

#include <algorithm>
#include <set>

namespace quorumor::sim {
namespace {

// It answers whoever probes it, and does nothing for others: no relay, no rumor, no hint, no answer to a question, no
// accusation.
class Silent final : public Scheme {
 public:
  using Scheme::Scheme;

 private:
  void begin() override {
    in_force_ = std::make_shared<bool>(true);
    on_stop([on = in_force_] { *on = false; });
    for (const Index liar : liars()) {
      meddle(liar, [this, turn = Turn(), kept = std::vector<Output>()](NodeCore& core,
                                                                     std::span<const Output> outputs) mutable {
        turn.look(core);
        const bool asked = turn.took(MessageKind::relay) || turn.took(MessageKind::hint) || turn.took(MessageKind::want);
        if (!asked) return outputs;
        count(keep_back(outputs, [](const Transmit&) { return true; }, kept));
        return std::span<const Output>(kept);
      });
    }
  }
  void prepare(Index liar) override {
    CoreState& s = CoreAccess::impl(world().core(liar)).state;
    s.config.retransmit_mult = 0;  // the queue takes in what comes, and forgets it untold
    make_sparing(world(), liar, in_force_, [](const NodeId&) { return true; }, false);
    on_stop([&world = world(), liar] {
      if (!world.is_running(liar)) return;
      CoreAccess::impl(world.core(liar)).state.config.retransmit_mult = world.spec(liar).config.retransmit_mult;
    });
    count();
  }

  std::shared_ptr<bool> in_force_;
};

// It does not exist for the targets, or for a share of all members that chance has named: no datagram goes there, and it
// takes no stream from anybody (one cannot tell beforehand who is at its other end).
class Selective final : public Scheme {
 public:
  using Scheme::Scheme;

 private:
  void begin() override {
    std::vector<Index> shunned = targets();
    if (shunned.empty()) {
      for (Index i = 0; i < world().size(); ++i) {
        if (!is_colluder(i) && rng().below(kAllPpm) < part().share_ppm) shunned.push_back(i);
      }
    }
    std::set<Endpoint> endpoints;
    for (const Index i : shunned) endpoints.insert(world().endpoint(i));
    for (const Index liar : liars()) {
      meddle(liar, [this, endpoints, kept = std::vector<Output>()](NodeCore&,
                                                                 std::span<const Output> outputs) mutable {
        count(keep_back(outputs, [&](const Transmit& t) { return endpoints.contains(t.to); }, kept));
        return std::span<const Output>(kept);
      });
    }
  }
  void prepare(Index liar) override {
    CoreAccess::impl(world().core(liar)).state.config.streams_max = 0;
    on_stop([&world = world(), liar] {
      if (!world.is_running(liar)) return;
      CoreAccess::impl(world.core(liar)).state.config.streams_max = world.spec(liar).config.streams_max;
    });
  }
};

// All that it sends goes out `delay` later, in the same order. What is on its way when it stops still arrives.
class Delayer final : public Scheme {
 public:
  using Scheme::Scheme;
  static constexpr std::size_t kHeldMost = 16'384;  // datagrams and pieces of streams of one liar; more are lost

 private:
  struct Queue {
    std::size_t held = 0;
    bool releasing = false;
  };
  struct Batch {
    std::vector<ByteVector> bytes;
    std::vector<Output> outputs;
  };

  void begin() override {
    for (const Index liar : liars()) {
      meddle(liar, [this, liar, queue = std::make_shared<Queue>(), kept = std::vector<Output>()](
                       NodeCore&, std::span<const Output> outputs) mutable {
        if (queue->releasing) return outputs;
        hold(liar, queue, outputs, kept);
        return std::span<const Output>(kept);
      });
    }
  }

  void hold(Index liar, const std::shared_ptr<Queue>& queue, std::span<const Output> outputs,
            std::vector<Output>& kept) {
    kept.clear();
    auto batch = std::make_shared<Batch>();
    for (const Output& output : outputs) {
      Output copy = output;
      Bytes* bytes = nullptr;
      if (auto* t = std::get_if<Transmit>(&copy)) bytes = &t->datagram;
      if (auto* r = std::get_if<StreamRequest>(&copy)) bytes = &r->bytes;
      if (bytes == nullptr) {
        kept.push_back(std::move(copy));
        continue;
      }
      if (queue->held >= kHeldMost) continue;
      batch->bytes.push_back(to_vector(*bytes));
      *bytes = batch->bytes.back();  // a vector that moves keeps its bytes where they are
      batch->outputs.push_back(std::move(copy));
      ++queue->held;
    }
    if (batch->outputs.empty()) return;
    count(batch->outputs.size());
    world().call_at(world().now() + part().delay, [&world = world(), liar, queue, batch, boot = world().boot(liar)] {
      queue->held -= batch->outputs.size();
      if (world.boot(liar) != boot) return;
      queue->releasing = true;
      world.act(liar, [&](NodeCore&) { return std::span<const Output>(batch->outputs); });
      queue->releasing = false;
    });
  }
};

}  // namespace

std::unique_ptr<Adversary> make_silent(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Silent>(part, std::move(context));
}
std::unique_ptr<Adversary> make_selective(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Selective>(part, std::move(context));
}
std::unique_ptr<Adversary> make_delayer(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Delayer>(part, std::move(context));
}

}  // namespace quorumor::sim
