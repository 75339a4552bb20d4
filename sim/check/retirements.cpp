// An epoch is given up only by who can do without it: a member that obeys a retirement holds a newer key, and has heard
// enough distinct members speak under one: half of those that it holds for alive, 32 at most (PROTOCOL section 3).
// Heard is any frame that it accepted, which is more than the acks to its own probes that the protocol counts, so this
// never accuses who obeyed rightly. Bound: one epoch for each pair of members.
#include "sim/check/parts.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

namespace quorumor::sim {
namespace {

class Retirements final : public Checker {
 public:
  explicit Retirements(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "retirement"; }

  void on_delivery(const Stage& stage, World::Index, World::Index to, Bytes datagram) override {
    const CoreState& state = look_into(stage.world, to);
    before_ = accepted_messages(state);
    const auto frame = short_frame_of(state, datagram);
    under_ = frame ? frame->under->epoch() : Epoch{};
  }

  void on_delivered(const Stage& stage, World::Index from, World::Index to, Bytes) override {
    if (from == World::kNobody || accepted_messages(look_into(stage.world, to)) == before_) return;
    Heard& heard = heard_[pair_key(to, from)];
    const unsigned boot = stage.cast[to].boots;
    if (heard.boot != boot) heard = {boot, {}};
    heard.under = std::max(heard.under, under_);
  }

  void on_event(const Stage& stage, const Recorded& r) override {
    if (r.event.kind != Event::Kind::epoch_retired || !stage.cast.is_honest(r.node)) return;
    const CoreState& state = look_into(stage.world, r.node);
    const Epoch floor = state.ring.retired_floor();
    const Keyring::Entry* newest = state.ring.newest_with_key();
    if (newest == nullptr || newest->epoch() <= floor) return complain(stage, r.node, "without a newer key");
    // Who was alive as it obeyed is not known where the same call has moved somebody.
    const auto& all = state.table.all();
    if (std::any_of(all.begin(), all.end(), [&](const auto& m) { return m->state_since == state.now; })) return;
    const std::size_t alive = alive_members(state);
    const std::size_t needed = std::min({(alive + 1) / 2, std::size_t{32}, alive > 0 ? alive - 1 : 0});
    std::size_t heard = 0;
    for (World::Index i = 0; i < stage.cast.size(); ++i) {
      const auto found = heard_.find(pair_key(r.node, i));
      heard += found != heard_.end() && found->second.boot == stage.cast[r.node].boots && floor < found->second.under;
    }
    if (heard >= needed) return;
    complain(stage, r.node,
             "although only " + std::to_string(heard) + " of " + std::to_string(needed) +
                 " members needed have spoken to it under a newer one");
  }

 private:
  struct Heard {
    unsigned boot = 0;  // the reader's
    Epoch under;        // the greatest
  };
  void complain(const Stage& stage, World::Index node, const std::string& why) {
    violated(stage, name_of(stage, node) + " gave an epoch up " + why, shared_->trace.window(stage, node, node));
  }

  SharedPtr shared_;
  std::uint64_t before_ = 0;
  Epoch under_;
  boost::unordered_flat_map<std::uint64_t, Heard> heard_;  // by reader and speaker; never iterated
};

}  // namespace

std::unique_ptr<Checker> retirements_checker(SharedPtr shared) {
  return std::make_unique<Retirements>(std::move(shared));
}

}  // namespace quorumor::sim
