#include "sim/check/liveness.h"

#include "membership/suspicion.h"
#include "sim/check/parts.h"

#include <algorithm>
#include <bit>

namespace quorumor::sim {
namespace {

// Nobody if all that were in are gone, liars apart: then there is no cluster left for those that wait to join it.
std::vector<World::Index> honest_running(const Stage& stage) {
  std::vector<World::Index> out;
  bool any_joined = false, any_gone = false;
  for (World::Index i = 0; i < stage.cast.size(); ++i) {
    const Cast::Role& role = stage.cast[i];
    any_gone = any_gone || (!role.byzantine && !role.running && role.boots > 0);
    if (!stage.cast.is_reader(i) || !stage.world.is_running(i)) continue;
    any_joined = any_joined || look_into(stage.world, i).joined;
    out.push_back(i);
  }
  if (!any_joined && any_gone) out.clear();
  return out;
}

// May this reader go no further than Unreachable? Too many of the subject's observers are gone.
bool lacks_witnesses(const Stage& stage, World::Index reader, World::Index subject) {
  const CoreState& state = look_into(stage.world, reader);
  if (!state.policy->looks_itself()) return false;
  const Member* member = state.table.find(stage.world.id(subject));
  if (member == nullptr || !state.policy->judge(member->id(), member->evidence().witnesses(), {}).quorum) return true;
  const QuorumView quorum = state.policy->quorum();
  std::size_t most = 0;
  for (const Keyring::Entry& entry : state.ring.entries()) {
    std::size_t living = 0;
    for (World::Index i = 0; i < stage.cast.size(); ++i) {
      if (i == subject || !stage.cast.is_reader(i)) continue;
      const auto rank = state.policy->rank_of(member->id(), stage.world.id(i), entry.epoch());
      living += rank && *rank < quorum.observers + 3 ? 1 : 0;
    }
    most = std::max(most, living);
  }
  return most < quorum.threshold;
}

bool is_right_of_gone(const Stage& stage, World::Index reader, World::Index subject) {
  switch (stage.world.state_of(subject, reader)) {
    case MemberState::unknown:
    case MemberState::dead:
    case MemberState::left:
    case MemberState::evicted:
      return true;
    case MemberState::unreachable:
      return lacks_witnesses(stage, reader, subject);
    case MemberState::alive:
    case MemberState::suspect:
      break;
  }
  return false;
}

bool is_right(const Stage& stage, World::Index reader, World::Index subject) {
  const Cast::Role& role = stage.cast[subject];
  const MemberState state = stage.world.state_of(subject, reader);
  if (role.revoked) return state == MemberState::evicted || state == MemberState::unknown;
  return role.running ? state == MemberState::alive : is_right_of_gone(stage, reader, subject);
}

std::string sentence(const Stage& stage, World::Index reader, World::Index subject) {
  const bool runs = stage.cast[subject].running;
  return name_of(stage, reader) + " holds " + name_of(stage, subject) + " for " +
         to_string(stage.world.state_of(subject, reader)) +
         (stage.cast[subject].revoked ? ", which is revoked"
          : runs                      ? ", which runs"
          : stage.cast[subject].left  ? ", which left"
                                      : ", which crashed");
}

// The first reader and subject of which it is not as it ought to be.
std::optional<std::pair<World::Index, World::Index>> find_wrong_view(const Stage& stage) {
  World& world = stage.world;
  const auto readers = honest_running(stage);
  // One comparison where nobody lies and nobody is gone.
  const bool everybody = readers.size() == stage.cast.size() && stage.cast.size() == world.size();
  if (everybody && world.all_alive()) return std::nullopt;
  for (const World::Index reader : readers) {
    for (World::Index subject = 0; subject < stage.cast.size(); ++subject) {
      const Cast::Role& role = stage.cast[subject];
      if (subject == reader || role.boots == 0) continue;
      if (role.running && !role.revoked && !stage.cast.is_reader(subject)) continue;
      if (!is_right(stage, reader, subject)) return std::pair{reader, subject};
    }
  }
  return std::nullopt;
}

class LivenessChecker final : public Checker {
 public:
  explicit LivenessChecker(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "liveness"; }

  void on_event(const Stage& stage, const Recorded& r) override { shared_->trace.note(stage, r); }
  void on_action(const Stage& stage, const std::string& what, World::Index node) override {
    shared_->trace.note(stage, what, node);
  }
  void on_phase(const Stage& stage, Phase phase) override {
    if (phase == Phase::healed) healed_at_ = stage.world.now();
    if (phase != Phase::over || !healed_at_) return;
    // Who stops the run before the limit has stopped it because it settled, or has been interrupted.
    if (stage.world.now() - *healed_at_ < liveness_limit(stage)) return;
    if (const auto wrong = find_wrong_view(stage)) {
      return violated(stage, sentence(stage, wrong->first, wrong->second),
                      shared_->trace.window(stage, wrong->first, wrong->second));
    }
    if (const auto what = find_unsettled(stage)) violated(stage, *what, {});
  }

 private:
  SharedPtr shared_;
  std::optional<Instant> healed_at_;
};

}  // namespace

std::optional<std::string> find_unsettled(const Stage& stage) {
  const World& world = stage.world;
  const auto readers = honest_running(stage);
  if (readers.size() < 2) return std::nullopt;
  if (const auto wrong = find_wrong_view(stage)) return sentence(stage, wrong->first, wrong->second);
  const MemberTable::Sum& sum = look_into(world, readers.front()).table.sum();
  for (const World::Index reader : readers) {
    if (look_into(world, reader).table.sum() == sum) continue;
    return "the digests of " + name_of(stage, readers.front()) + " and " + name_of(stage, reader) + " differ";
  }
  return std::nullopt;
}

bool is_settled(const Stage& stage) { return !find_unsettled(stage); }

Duration liveness_limit(const Stage& stage) {
  if (stage.scenario.check.within) return *stage.scenario.check.within;
  const Config& config = stage.scenario.cluster.config;
  const std::size_t n = std::max<std::size_t>(stage.world.size(), 2);
  const Duration period = config.probe_interval, timeout = config.probe_timeout;
  const Duration window = suspicion_timeout_min(config.suspicion_mult, n, period);
  const auto rounds = static_cast<int>(10 * std::bit_width(n));
  return 12 * period + 16 * timeout + 9 * window + 2 * rounds * config.gossip_interval +
         2 * (config.sync_interval + config.sync_patience * sync_scale(n)) + config.sync_deadline +
         2 * config.rejoin_interval + 23 * period;
}

std::unique_ptr<Checker> liveness_checker(const Stage&) {
  return std::make_unique<LivenessChecker>(std::make_shared<Shared>());
}

}  // namespace quorumor::sim
