// A doubt about a member ends by its own word alone: at one coordinate of an honest member no reader goes back, from
// Left to Dead, Unreachable, Suspect or Alive, nor from any of these to one that stands after it. (Exception: Suspect
// and Unreachable end with their accusations: when all epochs of these have retired or have left the ring at its end,
// and when their accusers have left or are evicted.)
// And a held core gives way to a greater coordinate, or at the same one to a lesser digest (the tie-break of two
// conflicting cores), never to anything else.
//
// The first is held against every event about honest members, the second against every event about members that lie
// (an honest one signs one core a coordinate, which signed-claims sees) and a sample of them each second.
// Bound: kPairsKept pairs of a reader and a doubted subject, and as many of a reader and a lying one.
#include "membership/precedence.h"
#include "sim/check/parts.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

namespace quorumor::sim {
namespace {

constexpr std::size_t kPairsKept = std::size_t{1} << 20;

class EqualIncarnation final : public Checker {
 public:
  explicit EqualIncarnation(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "equal-incarnation"; }

  void on_event(const Stage& stage, const Recorded& r) override {
    shared_->trace.note(stage, r);
    const auto subject = subject_of(stage, r.event);
    if (!subject || !stage.cast.is_honest(r.node) || !stage.world.is_running(r.node)) return;
    if (stage.cast.is_honest(*subject)) {
      check_waking(stage, r, *subject);
    } else {
      check_core(stage, r.node, *subject);
    }
  }

  void on_second(const Stage& stage) override {
    if (stage.cast.byzantine() == 0) return;
    const std::size_t n = stage.cast.size();
    for (unsigned i = 0; i < kSample; ++i) {
      if (++reader_ >= n) reader_ = 0, ++subject_;
      if (subject_ >= n) subject_ = 0;
      const bool wanted = stage.cast.is_honest(reader_) && !stage.cast.is_honest(subject_);
      if (wanted && stage.world.is_running(reader_)) check_core(stage, reader_, subject_);
    }
  }

 private:
  static constexpr unsigned kSample = 1024;
  struct Doubted {
    unsigned boot = 0;  // the reader's
    MemberState state = MemberState::suspect;
    Generation generation;
    Incarnation incarnation;
  };
  struct Held {
    unsigned boot = 0;
    Coordinate at;
    Digest digest{};
  };

  void check_waking(const Stage& stage, const Recorded& r, World::Index subject) {
    const MemberState to = state_told_by(r.event.kind);
    if (to == MemberState::unknown) return;
    const std::uint64_t pair = pair_key(r.node, subject);
    const Doubted now{stage.cast[r.node].boots, to, r.event.generation, r.event.incarnation};
    const auto found = doubted_.find(pair);
    const std::optional<Doubted> was = found == doubted_.end() ? std::nullopt : std::optional{found->second};
    if (to == MemberState::alive) {
      if (was) doubted_.erase(found);
    } else if (was || doubted_.size() < kPairsKept) {
      doubted_[pair] = now;
    }
    if (!was || was->boot != now.boot || to >= was->state) return;
    if (std::tie(was->generation, was->incarnation) < std::tie(now.generation, now.incarnation)) return;
    if (to == MemberState::alive && was->state < MemberState::dead && has_lapsed(stage, r)) return;
    violated(stage,
             name_of(stage, r.node) + " took " + name_of(stage, subject) + " back from " + to_string(was->state) +
                 " to " + to_string(to) + " without a greater coordinate of its own",
             shared_->trace.window(stage, r.node, subject));
  }

  static bool has_lapsed(const Stage& stage, const Recorded& r) {
    const CoreState& state = look_into(stage.world, r.node);
    const Member* member = state.table.find(r.event.id);
    if (member == nullptr) return false;
    // The same call may have brought another accusation, of somebody else; then it is doubted again.
    const bool doubted_again = member->state == MemberState::suspect && member->state_since == state.now;
    if (!member->evidence().witnesses().empty() && !doubted_again) return false;
    const auto& all = state.table.all();
    return has_lost_an_epoch(state.ring) || std::any_of(all.begin(), all.end(), [&](const auto& m) {
      return m->state == MemberState::left || m->state == MemberState::evicted;
    });
  }

  // By a retirement, or because a fifth epoch has begun.
  static bool has_lost_an_epoch(const Keyring& ring) {
    return ring.retired_floor() != Epoch{} || (!ring.entries().empty() && Epoch{1} < ring.entries().front().epoch());
  }

  void check_core(const Stage& stage, World::Index reader, World::Index subject) {
    const Member* member = held_by(stage.world, reader, stage.world.id(subject));
    if (member == nullptr || !member->core) return;
    const std::uint64_t pair = pair_key(reader, subject);
    if (held_.size() >= kPairsKept && !held_.contains(pair)) return;
    Held& held = held_[pair];
    const Held now{stage.cast[reader].boots, member->core->core.at, member->core->digest()};
    const bool good = held.boot != now.boot || held.at < now.at ||
                      (held.at == now.at && (held.digest == now.digest || now.digest < held.digest));
    if (!good) {
      violated(stage,
               name_of(stage, reader) + " replaced a core of " + name_of(stage, subject) +
                   " by one that has no precedence over it",
               shared_->trace.window(stage, reader, subject));
    }
    held = now;
  }

  SharedPtr shared_;
  boost::unordered_flat_map<std::uint64_t, Doubted> doubted_;  // neither is iterated
  boost::unordered_flat_map<std::uint64_t, Held> held_;
  World::Index reader_ = 0, subject_ = 0;
};

}  // namespace

std::unique_ptr<Checker> equal_incarnation_checker(SharedPtr shared) {
  return std::make_unique<EqualIncarnation>(std::move(shared));
}

}  // namespace quorumor::sim
