// Members that repeat what others have signed: old accusations, kept until long after they were refuted, or everything,
// for ever. All of it is genuine.
#include "sim/adversary/families.h"

#include <deque>
#include <set>

namespace quorumor::sim {
namespace {

// Keeps every accusation that its members ever held, and tells them again, to whoever runs, in no order.
class Hoarder final : public Scheme {
 public:
  using Scheme::Scheme;
  static constexpr std::size_t kHoard = 4'096;  // records; the oldest gives way

 private:
  void look_around() override {
    if (world().now() < next_look_) return;
    next_look_ = world().now() + std::chrono::milliseconds(100);
    for (const Index liar : liars()) {
      if (!is_active(liar)) continue;
      for (const auto& m : state_of(world(), liar).table.all()) {
        for (const Witness& w : m->evidence().witnesses()) keep(*w.record);
      }
    }
  }
  void keep(const ByteVector& record) {
    if (!known_.insert(hash("hoard", {record})).second) return;
    hoard_.push_back(record);
    if (hoard_.size() <= kHoard) return;
    known_.erase(hash("hoard", {hoard_.front()}));
    hoard_.pop_front();
  }
  void act(Index liar) override {
    const auto victim = draw_victim();
    if (hoard_.empty() || !victim || *victim == liar) return;
    count(tell(world(), liar, std::span(&*victim, 1), [&](CoreState&, const Member&, Message& message) {
      for (int i = 0; i < 3; ++i) {
        add_rumor(message, {RumorKind::accusation, hoard_[draw_below(hoard_.size())], {}});
      }
      return true;
    }));
  }

  Instant next_look_;
  std::set<Digest> known_;
  std::deque<ByteVector> hoard_;
};

// Claims of all that it knows, one member after the other, to all that do not lie, round and round.
class InsiderReplayer final : public Scheme {
 public:
  using Scheme::Scheme;

 private:
  void act(Index liar) override {
    const auto victim = draw_victim();
    if (!victim || *victim == liar) return;
    count(tell(world(), liar, std::span(&*victim, 1), [&](CoreState& own, const Member&, Message& message) {
      const auto& all = own.table.all();
      for (std::size_t i = 0; i < 4; ++i) add_member(message, *all[next_++ % all.size()]);
      return !message.rumors.empty();
    }));
  }
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Adversary> make_hoarder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Hoarder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_insider_replayer(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<InsiderReplayer>(part, std::move(context));
}

}  // namespace quorumor::sim
