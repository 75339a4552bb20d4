// Who is evicted is not heard: from the moment at which an honest member holds another for Evicted, no message of that
// one is accepted, so it is answered nothing, counted for nothing and given no key. (A newer credential in the same
// datagram is a pardon.)
#include "sim/check/parts.h"

namespace quorumor::sim {
namespace {

class Evicted final : public Checker {
 public:
  explicit Evicted(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "evicted-unheard"; }

  void on_delivery(const Stage& stage, World::Index from, World::Index to, Bytes) override {
    evicted_ = stage.cast.is_honest(to) && is_evicted(stage, to, from);
    before_ = evicted_ ? accepted_messages(look_into(stage.world, to)) : 0;
  }

  void on_delivered(const Stage& stage, World::Index from, World::Index to, Bytes) override {
    if (!evicted_ || accepted_messages(look_into(stage.world, to)) == before_ || !is_evicted(stage, to, from)) return;
    violated(stage, name_of(stage, to) + " accepted a message of " + name_of(stage, from) + ", which is evicted",
             shared_->trace.window(stage, to, from));
  }

 private:
  static bool is_evicted(const Stage& stage, World::Index reader, World::Index subject) {
    if (subject == World::kNobody) return false;
    const Member* member = held_by(stage.world, reader, stage.world.id(subject));
    return member != nullptr && member->state == MemberState::evicted;
  }

  SharedPtr shared_;
  bool evicted_ = false;
  std::uint64_t before_ = 0;
};

}  // namespace

std::unique_ptr<Checker> evicted_checker(SharedPtr shared) { return std::make_unique<Evicted>(std::move(shared)); }

}  // namespace quorumor::sim
