// Keymasters that misuse their office: keys that nobody gets, or ever new ones. A liar without the role does nothing.
//
// Both sign what the rules of the chain allow, as far as the others can see: an announcement carries the time that its
// signer likes, so it is signed a minimum interval after its predecessor whenever that was, up to nine minutes ahead.
#include "sim/adversary/families.h"
#include "sim/adversary/rewriting.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

class Keymasters : public Scheme {
 public:
  using Scheme::Scheme;

 protected:
  // Nothing if it may not, or the next one would lie too far ahead.
  std::optional<Commitment> begin_epoch(CoreAccess::Impl& impl, std::uint32_t min_interval_s) {
    CoreState& s = impl.state;
    if (impl.keymaster.check()) return std::nullopt;
    const Keyring::Entry& newest = *s.ring.newest_with_key();
    Announcement a = newest.announcement.announcement;
    const auto next = a.epoch.next();
    const WallTime earliest = a.signed_at + std::chrono::seconds(a.parameters.min_interval_s);
    const WallTime signed_at = std::max(s.wall_now(), earliest);
    if (!next || signed_at > s.wall_now() + std::chrono::minutes(9)) return std::nullopt;
    EpochKey key = EpochKey::generate(s.secret_rng);
    a.signer = s.id();
    a.signer_serial = s.self->credential->credential.serial;
    a.epoch = *next;
    a.predecessor = newest.announcement.digest();
    a.commitment = key.commitment(s.cluster);
    a.parameters.min_interval_s = min_interval_s;
    a.revocations.clear();
    a.signed_at = signed_at;
    const Commitment commitment = a.commitment;
    impl.epochs.announce(sign_announcement(s.identity, s.cluster, std::move(a)), std::move(key));
    return commitment;
  }
};

// One epoch whose key it keeps; another whenever the cluster has moved on. It answers no request for a key, and leaves
// that one out of the rings that it hands over. When it ends it gives the key to whoever asks.
class Withholder final : public Keymasters {
 public:
  using Keymasters::Keymasters;

 private:
  void begin() override {
    for (const Index liar : liars()) {
      const auto rewriter = std::make_shared<StreamRewriter>([](std::vector<Rumor>&) {}, [this](RingView& ring) {
        for (RingEntryView& entry : ring.entries) {
          const auto announcement = decode_announcement(entry.announcement.first(
              entry.announcement.size() - limits::kSignature));
          if (announcement && is_withheld(announcement.value().commitment)) entry.key = {};
        }
      });
      meddle(liar, [this, rewriter, turn = Turn(), kept = std::vector<Output>()](
                       NodeCore& core, std::span<const Output> outputs) mutable {
        turn.look(core);
        outputs = rewriter->rewrite(outputs);
        if (!turn.took(MessageKind::epoch_key_request)) return outputs;
        count(keep_back(outputs, [](const Transmit&) { return true; }, kept));
        return std::span<const Output>(kept);
      });
    }
  }
  void act(Index liar) override {
    const Keyring::Entry* newest = state_of(world(), liar).ring.newest_with_key();
    if (newest == nullptr || is_withheld(newest->commitment())) return;
    const std::uint32_t interval = newest->announcement.announcement.parameters.min_interval_s;
    with_core(world(), liar, [&](CoreAccess::Impl& impl) {
      const auto withheld = begin_epoch(impl, interval);
      if (!withheld) return;
      withheld_.push_back(*withheld);
      if (withheld_.size() > kWithheldMost) withheld_.erase(withheld_.begin());
      count();
    });
  }
  bool is_withheld(const Commitment& commitment) const {
    return std::find(withheld_.begin(), withheld_.end(), commitment) != withheld_.end();
  }

  static constexpr std::size_t kWithheldMost = 64;  // a ring holds four
  std::vector<Commitment> withheld_;
};

// The next epoch at each act, and with it the least interval between epochs that there is.
class Thrasher final : public Keymasters {
 public:
  using Keymasters::Keymasters;

 private:
  void act(Index liar) override {
    with_core(world(), liar, [&](CoreAccess::Impl& impl) { count(begin_epoch(impl, 1) ? 1 : 0); });
  }
};

}  // namespace

std::unique_ptr<Adversary> make_keymaster_withholder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Withholder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_keymaster_thrasher(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Thrasher>(part, std::move(context));
}

}  // namespace quorumor::sim
