// Streams that take a place and give nothing. An outsider's never authenticate: they cost a place for `stream_deadline`.
// A member's do, say nothing after it, and cost one for `sync_deadline`. Each opens `rate` a second to the targets, or
// to anybody; at the end they are closed.
#include "node/core/handshake.h"
#include "sim/adversary/families.h"

#include <set>

namespace quorumor::sim {
namespace {

class StreamOpener : public Scheme {
 public:
  using Scheme::Scheme;
  static constexpr std::size_t kOpenMost = 10'000;

 protected:
  void begin() override {
    open_ = std::make_shared<std::set<StreamId>>();
    on_stop([&world = world(), open = open_] {
      const std::set<StreamId> ids = std::exchange(*open, {});
      for (const StreamId id : ids) world.close_stream(id);
    });
  }
  // `connected` says what to feed; nothing: it stays mute.
  void open(const Endpoint& from, std::function<ByteVector(const ByteArray<32>&)> connected) {
    const auto victim = draw_victim();
    if (!victim || open_->size() >= kOpenMost) return;
    const auto id = std::make_shared<StreamId>(0);
    *id = world().open_stream(*victim, from, [&world = world(), id, open = open_, connected](const StreamEvent& event) {
      if (event.kind == StreamEvent::Kind::closed) open->erase(*id);
      if (event.kind != StreamEvent::Kind::connected || !open->contains(*id)) return;
      const ByteVector first = connected(event.exporter);
      if (!first.empty()) world.feed_stream(*id, first);
    });
    open_->insert(*id);
    count();
  }

 private:
  std::shared_ptr<std::set<StreamId>> open_;
};

// Half of them say nothing, half say nonsense that looks like the beginning of a long message.
class HandshakeFlooder final : public StreamOpener {
 public:
  using StreamOpener::StreamOpener;

 private:
  void act_outside() override {
    const auto host = static_cast<std::uint8_t>(1 + rng().below(254));
    const Endpoint from = Endpoint::v4(198, 51, 100, host, static_cast<std::uint16_t>(1024 + rng().below(60'000)));
    ByteVector nonsense;
    if (rng().below(2) == 0) {
      nonsense.resize(64);
      rng().fill(nonsense);
      store_le<std::uint32_t>(nonsense.data(), 4096);
    }
    open(from, [nonsense](const ByteArray<32>&) { return nonsense; });
  }
};

class StreamFlooder final : public StreamOpener {
 public:
  using StreamOpener::StreamOpener;

 private:
  void act(Index liar) override {
    open(world().endpoint(liar), [&world = world(), liar](const ByteArray<32>& exporter) {
      ByteVector hello;
      if (world.is_running(liar)) append_stream_message(make_hello(state_of(world, liar), false, exporter), hello);
      return hello;
    });
  }
};

}  // namespace

std::unique_ptr<Adversary> make_handshake_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<HandshakeFlooder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_stream_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<StreamFlooder>(part, std::move(context));
}

}  // namespace quorumor::sim
