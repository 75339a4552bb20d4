// Friends of a member that has crashed, who want it to be held alive: they go on telling its last claim, answer no hint
// and no question, and accuse it of nothing.
//
// A target that lies as well leaves them more: refutations in advance. While it ran it signed `count` claims, each an
// incarnation on; whenever the friends hold accusations of the present one, they let the next out. Nobody signs for
// anybody: the signatures are its own.
#include "sim/adversary/families.h"
#include "sim/signing.h"

#include <algorithm>
#include <map>

namespace quorumor::sim {
namespace {

class Zombie final : public Scheme {
 public:
  using Scheme::Scheme;
  static constexpr std::size_t kSignedMost = 1'000;

 private:
  void begin() override {
    in_force_ = std::make_shared<bool>(true);
    on_stop([on = in_force_] { *on = false; });
    for (const Index target : targets()) {
      if (is_colluder(target) && world().is_running(target)) sign_ahead(target);
    }
    for (const Index liar : liars()) {
      meddle(liar, [turn = Turn(), kept = std::vector<Output>()](NodeCore& core,
                                                                     std::span<const Output> outputs) mutable {
        turn.look(core);
        if (!turn.took(MessageKind::hint) && !turn.took(MessageKind::want)) return outputs;
        keep_back(outputs, [](const Transmit&) { return true; }, kept);
        return std::span<const Output>(kept);
      });
    }
  }
  void prepare(Index liar) override {
    std::vector<NodeId> spared;
    for (const Index target : targets()) spared.push_back(world().id(target));
    make_sparing(world(), liar, in_force_, [spared](const NodeId& id) {
      return std::find(spared.begin(), spared.end(), id) != spared.end();
    }, false);
  }
  void sign_ahead(Index target) {
    const CoreState& s = state_of(world(), target);
    Core core = s.self->core->whole();
    auto& claims = left_behind_[target];
    claims.clear();
    for (std::size_t i = 0; i < std::min(part().count, kSignedMost); ++i) {
      core.at.incarnation = Incarnation{core.at.incarnation.value + 1};
      claims.push_back(sign_core(s, core));
    }
  }
  void act(Index liar) override {
    for (const Index target : targets()) {
      if (target == liar || world().is_running(target)) continue;
      refute(liar, target);
      const std::vector<Index> audience = draw_audience(liar, target);
      if (audience.empty()) continue;
      const Index reader = audience[draw_below(audience.size())];
      count(tell(world(), liar, std::span(&reader, 1), [&](CoreState& own, const Member&, Message& message) {
        const Member* dead = own.table.find(world().id(target));
        if (dead != nullptr) add_member(message, *dead);
        return !message.rumors.empty();
      }));
    }
  }
  // By taking the next claim in as if it had come from outside: from here on its core spreads it.
  void refute(Index liar, Index target) {
    const auto left = left_behind_.find(target);
    const Member* dead = state_of(world(), liar).table.find(world().id(target));
    if (left == left_behind_.end() || dead == nullptr || !dead->core || dead->evidence().witnesses().empty()) return;
    const Coordinate& at = dead->core->core.at;
    for (const ByteVector& record : left->second) {
      const auto core = decode_core(Bytes(record).first(limits::kCoreContent));
      if (!core || core.value().at <= at || core.value().at.generation != at.generation) continue;
      with_core(world(), liar, [&](CoreAccess::Impl& impl) { impl.intake.take({RumorKind::core, record, {}}); });
      return count();
    }
  }

  std::shared_ptr<bool> in_force_;
  std::map<Index, std::vector<ByteVector>> left_behind_;
};

}  // namespace

std::unique_ptr<Adversary> make_zombie(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Zombie>(part, std::move(context));
}

}  // namespace quorumor::sim
