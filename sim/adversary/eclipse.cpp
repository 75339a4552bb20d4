// Members that want somebody to know nobody but them. In joins and syncs they tell of colluders only, in both
// directions, so that others do not hear of whom they have caught either; they pass no rumor on, answer no question,
// carry nothing; and they push colluders' claims at the targets, or, where none was named, at whoever has joined since
// they began.
#include "sim/adversary/families.h"
#include "sim/adversary/rewriting.h"

#include <algorithm>
#include <set>

namespace quorumor::sim {
namespace {

class Eclipser final : public Scheme {
 public:
  using Scheme::Scheme;

 private:
  void begin() override {
    told_of_.clear();
    old_.clear();
    for (Index i = 0; i < world().size(); ++i) {
      if (is_colluder(i)) told_of_.insert(world().id(i));
      if (world().is_running(i)) old_.insert(i);
    }
    for (const Index liar : liars()) {
      const auto rewriter = std::make_shared<StreamRewriter>([this](std::vector<Rumor>& rumors) {
        count(std::erase_if(rumors, [&](const Rumor& rumor) {
          const auto owner = owner_of(rumor);
          return !owner || !told_of_.contains(*owner);
        }));
      });
      meddle(liar, [rewriter, turn = Turn(), kept = std::vector<Output>()](
                       NodeCore& core, std::span<const Output> outputs) mutable {
        turn.look(core);
        outputs = rewriter->rewrite(outputs);
        if (!turn.took(MessageKind::want) && !turn.took(MessageKind::relay)) return outputs;
        keep_back(outputs, [](const Transmit&) { return true; }, kept);
        return std::span<const Output>(kept);
      });
    }
  }
  void prepare(Index liar) override {
    CoreAccess::impl(world().core(liar)).state.config.retransmit_mult = 0;
    on_stop([&world = world(), liar] {
      if (!world.is_running(liar)) return;
      CoreAccess::impl(world.core(liar)).state.config.retransmit_mult = world.spec(liar).config.retransmit_mult;
    });
  }
  void act(Index liar) override {
    const auto victim = draw_caught();
    if (!victim || *victim == liar) return;
    const auto friends = friends_of(*victim);
    if (friends.empty()) return;
    const NodeId praised = friends[draw_below(friends.size())];
    count(tell(world(), liar, std::span(&*victim, 1), [&](CoreState& own, const Member&, Message& message) {
      const Member* member = own.table.find(praised);
      if (member != nullptr) add_member(message, *member);
      return !message.rumors.empty();
    }));
  }
  std::optional<Index> draw_caught() {
    if (!targets().empty()) return draw_victim();
    std::vector<Index> joiners;
    std::copy_if(victims().begin(), victims().end(), std::back_inserter(joiners),
                 [&](Index i) { return !old_.contains(i); });
    if (joiners.empty()) return std::nullopt;
    return joiners[draw_below(joiners.size())];
  }
  std::vector<NodeId> friends_of(Index victim) {
    std::vector<NodeId> out(told_of_.begin(), told_of_.end());
    std::erase(out, world().id(victim));
    return out;
  }

  std::set<NodeId> told_of_;
  std::set<Index> old_;  // ran when it began
};

}  // namespace

std::unique_ptr<Adversary> make_eclipser(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Eclipser>(part, std::move(context));
}

}  // namespace quorumor::sim
