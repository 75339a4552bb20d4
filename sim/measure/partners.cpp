// Whom honest members deal with of their own accord, and who is alone.
//
// A partner is whoever is sent a datagram outside of a call that a datagram brought about: probes, relay requests,
// gossip. Answers (acks, what a relay forwards, what was asked for) are not chosen. Streams are not counted: a sync's
// partner is drawn as gossip's is. The first words of a leave are counted.
#include "sim/cast/inspect.h"
#include "sim/measure/parts.h"

namespace quorumor::sim {
namespace {

class Partners final : public Measure {
 public:
  void on_phase(const Stage& stage, Phase phase) override {
    phase_ = phase;
    if (phase == Phase::over) isolated_ = count_isolated(stage);
  }
  void on_delivery(const Stage&, World::Index, World::Index to, Bytes) override { answering_ = to; }
  void on_delivered(const Stage&, World::Index, World::Index, Bytes) override { answering_ = World::kNobody; }

  void on_datagram(const Stage& stage, World::Index from, const Transmit& t) override {
    if (phase_ != Phase::measured || from == answering_ || from >= stage.cast.size()) return;
    if (!stage.cast.is_honest(from) || stage.cast.byzantine() == 0) return;
    const auto to = stage.world.find(t.to);
    if (!to || *to >= stage.cast.size()) return;
    if (chosen_.size() < stage.cast.size()) chosen_.resize(stage.cast.size());
    ++chosen_[from].all;
    chosen_[from].lying += stage.cast.is_honest(*to) ? 0 : 1;
  }

  void on_event(const Stage& stage, const Recorded& r) override {
    if (r.event.kind != Event::Kind::member_dead || !is_bystander(stage, r.node)) return;
    const auto subject = stage.world.find(r.event.id);
    if (subject && *subject < stage.cast.size() && is_to_go(stage.cast[*subject])) last_removal_ = r.at;
  }

  void on_second(const Stage& stage) override { check_removed(stage); }

  void report(const Stage& stage, RunResult& out) override {
    std::vector<double> shares;
    for (const Chosen& c : chosen_) {
      if (c.all > 0) shares.push_back(static_cast<double>(c.lying) / static_cast<double>(c.all));
    }
    if (!shares.empty()) put_samples(out, "byzantine_partners", std::move(shares));
    out.figures["isolated"] = static_cast<double>(isolated_.value_or(count_isolated(stage)));
    check_removed(stage);
    if (any_to_go_) out.figures["removed_all_s"] = removed_at_ ? seconds_of(*removed_at_ - stage.began) : -1;
  }

 private:
  struct Chosen {
    std::uint64_t all = 0, lying = 0;
  };

  static bool is_to_go(const Cast::Role& role) {
    return role.at_fault || (!role.running && !role.left && role.boots > 0);
  }
  static bool is_bystander(const Stage& stage, World::Index i) {
    return i < stage.cast.size() && stage.cast.is_reader(i) && !stage.cast[i].at_fault && stage.world.is_running(i);
  }

  void check_removed(const Stage& stage) {
    if (stage.cast.size() > kPairsMembersMost) return;
    bool any = false, all = true;
    for (World::Index subject = 0; subject < stage.cast.size() && all; ++subject) {
      if (!is_to_go(stage.cast[subject])) continue;
      any = true;
      for (World::Index reader = 0; reader < stage.cast.size() && all; ++reader) {
        if (reader == subject || !is_bystander(stage, reader)) continue;
        const MemberState state = stage.world.state_of(subject, reader);
        all = state == MemberState::dead || state == MemberState::left;
      }
    }
    any_to_go_ = any_to_go_ || any;
    if (!any || !all) {
      removed_at_.reset();
    } else if (!removed_at_) {
      removed_at_ = last_removal_.value_or(stage.world.now());
    }
  }

  static std::size_t count_isolated(const Stage& stage) {
    std::size_t out = 0;
    if (stage.cast.size() > kPairsMembersMost || count_readers(stage.cast) < 2) return out;
    for (World::Index reader = 0; reader < stage.cast.size(); ++reader) {
      if (!stage.cast.is_reader(reader) || !stage.world.is_running(reader)) continue;
      bool alone = true;
      for (World::Index other = 0; other < stage.cast.size() && alone; ++other) {
        if (other == reader || !stage.cast.is_honest(other)) continue;
        alone = stage.world.state_of(other, reader) != MemberState::alive;
      }
      out += alone ? 1 : 0;
    }
    return out;
  }

  Phase phase_ = Phase::warm_up;
  World::Index answering_ = World::kNobody;
  std::vector<Chosen> chosen_;
  std::optional<Instant> last_removal_, removed_at_;
  std::optional<std::size_t> isolated_;
  bool any_to_go_ = false;
};

}  // namespace

std::unique_ptr<Measure> partners_measure() { return std::make_unique<Partners>(); }

}  // namespace quorumor::sim
