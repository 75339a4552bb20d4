// Members that accuse who answers. What they sign is valid; whether it counts is not theirs to choose (sim/liar.h).
#include "sim/adversary/families.h"
#include "sim/liar.h"

namespace quorumor::sim {
namespace {

class Accusers : public Scheme {
 public:
  using Scheme::Scheme;

 protected:
  virtual std::optional<Index> draw_subject(Index liar) = 0;

  void begin() override {
    for (const Index liar : liars()) accusers_.try_emplace(liar, std::make_unique<Liar>(world(), liar));
  }
  void act(Index liar) override {
    const auto subject = draw_subject(liar);
    if (!subject || *subject == liar) return;
    Liar& accuser = *accusers_.at(liar);
    const std::uint64_t before = accuser.told();
    accuser.accuse(*subject, draw_audience(liar, *subject));
    count(accuser.told() - before);
  }

 private:
  std::map<Index, std::unique_ptr<Liar>> accusers_;
};

// Whom chance names.
class FalseAccusers final : public Accusers {
 public:
  using Accusers::Accusers;

 private:
  std::optional<Index> draw_subject(Index) override { return draw_victim(); }
};

// One after the other of the targets; where none was named, all liars aim at one member that chance has named.
class VictimAccusers final : public Accusers {
 public:
  using Accusers::Accusers;

 private:
  std::optional<Index> draw_subject(Index) override {
    if (!targets().empty()) return draw_victim();
    if (!chosen_ || !world().is_running(*chosen_)) chosen_ = draw_victim();
    return chosen_;
  }
  std::optional<Index> chosen_;
};

// Those that would have to watch the victims, so that nobody does when these really fail.
class ObserverAccusers final : public Accusers {
 public:
  using Accusers::Accusers;

 private:
  std::optional<Index> draw_subject(Index liar) override {
    if (!chosen_) chosen_ = targets().empty() ? draw_victim() : std::optional(targets()[draw_below(targets().size())]);
    if (!chosen_) return std::nullopt;
    const Index victim = targets().empty() ? *chosen_ : targets()[draw_below(targets().size())];
    state_of(world(), liar).policy->observers_of(world().id(victim), observers_);
    std::erase_if(observers_, [&](const NodeId& id) {
      const auto index = world().find(id);
      return !index || is_colluder(*index);
    });
    if (observers_.empty()) return std::nullopt;
    return world().find(observers_[draw_below(observers_.size())]);
  }
  std::optional<Index> chosen_;
  std::vector<NodeId> observers_;
};

}  // namespace

std::unique_ptr<Adversary> make_false_accuser(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<FalseAccusers>(part, std::move(context));
}
std::unique_ptr<Adversary> make_victim_accuser(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<VictimAccusers>(part, std::move(context));
}
std::unique_ptr<Adversary> make_observer_accuser(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<ObserverAccusers>(part, std::move(context));
}

}  // namespace quorumor::sim
