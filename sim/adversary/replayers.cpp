// Attackers on the path without any key: what they captured comes again, to the same receiver or to another, from where it
// came or under another member's address. successes() counts what was taken for a member's message.
//
// What the network had lost on its way is not replayed but late: so each is sent twice, and only the second one counts.
#include "sim/adversary/families.h"
#include "sim/adversary/wiretap.h"

namespace quorumor::sim {
namespace {

class PathSender : public Scheme {
 public:
  using Scheme::Scheme;
  std::uint64_t successes() const override { return *taken_; }

 protected:
  void begin() override {
    // It goes on capturing what passes while it sends; at the end the tap goes, and what it holds.
    tap_ = std::make_shared<Wiretap>(world(), targets());
    on_stop([tap = tap_]() mutable { tap.reset(); });
  }
  void act_outside() override {
    const Wiretap::Datagram* captured = tap_->empty() ? nullptr : &tap_->draw(rng());
    send(captured);
  }
  virtual void send(const Wiretap::Datagram* captured) = 0;
  void inject_twice(Index to, const Endpoint& from, Bytes datagram) {
    world().inject(to, from, datagram);
    inject_and_see(world(), to, from, datagram, taken_);
    count();
  }

 private:
  std::shared_ptr<Wiretap> tap_;
  std::shared_ptr<std::uint64_t> taken_ = std::make_shared<std::uint64_t>(0);
};

class Replayer final : public PathSender {
 public:
  using PathSender::PathSender;

 private:
  void send(const Wiretap::Datagram* captured) override {
    if (captured == nullptr) return;
    Index to = captured->to;
    if (rng().below(2) == 0) to = draw_below(world().size());
    if (world().is_running(to)) inject_twice(to, world().endpoint(captured->from), captured->bytes);
  }
};

// Half of what it sends was captured, half is random.
class Spoofer final : public PathSender {
 public:
  using PathSender::PathSender;

 private:
  void send(const Wiretap::Datagram* captured) override {
    const Endpoint& from = world().endpoint(draw_below(world().size()));
    const auto victim = draw_victim();
    if (!victim) return;
    if (captured != nullptr && rng().below(2) == 0) return inject_twice(*victim, from, captured->bytes);
    const MutableBytes nonsense = MutableBytes(bytes_).first(64 + draw_below(bytes_.size() - 64));
    rng().fill(nonsense);
    nonsense[0] = kShortType;
    if (captured != nullptr) std::copy_n(captured->bytes.begin() + 1, sizeof(EpochTag4), nonsense.begin() + 1);
    inject_twice(*victim, from, nonsense);
  }
  ByteArray<1200> bytes_{};
};

}  // namespace

std::unique_ptr<Adversary> make_replayer(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Replayer>(part, std::move(context));
}
std::unique_ptr<Adversary> make_spoofer(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Spoofer>(part, std::move(context));
}

}  // namespace quorumor::sim
