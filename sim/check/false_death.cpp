// No honest reader declares dead an honest member that it can reach, as long as no more members lie than the policy
// tolerates. Reach is judged by the reader's own last look, which is what the protocol promises to take first:
//
//   answered   The look's ping, sent the moment the look began, was accepted by the subject's process, and what that
//              process sent back in the same call arrived before the declaration. Seen datagram by datagram, so that
//              loss, pauses and cuts are all in it.
//   reachable  For the whole time in which a last look must have been, both directions were clear (NetworkModel), the
//              round trip fits into the probe timeout at its worst, the subject's process ran, and could read what the
//              reader speaks under: then a look that was taken would have been answered. So a look that was never taken
//              is no excuse.
//
// Nothing is said of a reader or subject that was blocked in that time: its looks left, or were answered, too late.
//
// A reader that holds an earlier process of the subject is right to call that one dead. Without defense nobody promises
// this: the figures count false deaths there, and this says nothing.
// Bound: one entry for each pair of a reader and a member that it doubts now, and one for each member.
#include "sim/check/parts.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

namespace quorumor::sim {
namespace {

std::uint64_t tag_of(Bytes datagram) {
  return datagram.size() < 8 ? 0 : load_le<std::uint64_t>(datagram.last(8).data());
}

class NoFalseDeath final : public Checker {
 public:
  explicit NoFalseDeath(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "no-false-death"; }

  void on_event(const Stage& stage, const Recorded& r) override {
    shared_->trace.note(stage, r);
    if (r.event.kind == Event::Kind::epoch_began) epoch_began_[r.node] = stage.world.now();
    const auto subject = subject_of(stage, r.event);
    if (!subject || !stage.cast.is_honest(r.node) || !stage.cast.is_honest(*subject)) return;
    const std::uint64_t pair = pair_key(r.node, *subject);
    switch (r.event.kind) {
      case Event::Kind::member_suspect:
      case Event::Kind::member_unreachable: doubted_.try_emplace(pair); return;
      case Event::Kind::member_dead: judge(stage, r, *subject); break;
      default: break;
    }
    if (r.event.kind != Event::Kind::member_updated) doubted_.erase(pair);
  }

  // What is done to links is in force from now on; what held before is not known any more. Whatever is not known to be
  // done to processes may be done to links.
  void on_action(const Stage& stage, const std::string& what, World::Index) override {
    static constexpr std::string_view kToProcesses[] = {"start", "restart", "crash",   "leave",  "pause",
                                                        "resume", "block",   "unblock", "join",   "event",
                                                        "rotate", "retire",  "skew"};
    const bool links = std::find(std::begin(kToProcesses), std::end(kToProcesses), what) == std::end(kToProcesses);
    if (links) changed_at_ = stage.world.now();
  }
  void on_phase(const Stage& stage, Phase) override { changed_at_ = stage.world.now(); }

  void on_datagram(const Stage& stage, World::Index from, const Transmit& t) override {
    if (doubted_.empty() && !in_hand_) return;
    const auto to = stage.world.find(t.to);
    if (!to) return;
    if (in_hand_ && in_hand_->to == from && in_hand_->from == *to) in_hand_->answers.push_back(tag_of(t.datagram));
    const auto found = doubted_.find(pair_key(from, *to));
    if (found == doubted_.end() || !stage.world.is_running(from)) return;
    const Member* member = held_by(stage.world, from, stage.world.id(*to));
    if (member == nullptr || !member->doubt() || member->doubt()->look != Look::running) return;
    Asked& asked = found->second;
    if (asked.look != member->doubt()->look_at) asked = {member->doubt()->look_at, stage.world.now(), {}, {}, false};
    if (asked.at == stage.world.now()) asked.pings.push_back(tag_of(t.datagram));
  }

  void on_delivery(const Stage& stage, World::Index from, World::Index to, Bytes datagram) override {
    in_hand_.reset();
    if (doubted_.empty() || from == World::kNobody) return;
    const std::uint64_t tag = tag_of(datagram);
    if (const auto asked = doubted_.find(pair_key(to, from)); asked != doubted_.end()) {
      const auto& answers = asked->second.answers;
      if (std::find(answers.begin(), answers.end(), tag) != answers.end()) asked->second.answered = true;
    }
    const auto found = doubted_.find(pair_key(from, to));
    if (found == doubted_.end()) return;
    const auto& pings = found->second.pings;
    if (std::find(pings.begin(), pings.end(), tag) == pings.end()) return;
    in_hand_ = InHand{from, to, accepted_messages(look_into(stage.world, to)), {}};
  }

  void on_delivered(const Stage& stage, World::Index, World::Index to, Bytes) override {
    if (in_hand_ && accepted_messages(look_into(stage.world, to)) != in_hand_->accepted) {
      auto& answers = doubted_[pair_key(in_hand_->from, to)].answers;
      answers.insert(answers.end(), in_hand_->answers.begin(), in_hand_->answers.end());
    }
    in_hand_.reset();
  }

 private:
  // A reader's last look at a subject.
  struct Asked {
    Instant look;                        // as it was planned: which look it is
    Instant at;                          // when it began
    std::vector<std::uint64_t> pings;    // tags of what was sent then, directly
    std::vector<std::uint64_t> answers;  // tags of what came back from the subject because of them
    bool answered = false;
  };
  // A last look's ping that the subject's process is being handed.
  struct InHand {
    World::Index from = 0, to = 0;
    std::uint64_t accepted = 0;
    std::vector<std::uint64_t> answers;
  };

  void judge(const Stage& stage, const Recorded& r, World::Index subject) {
    const Cast::Role& role = stage.cast[subject];
    if (!role.running || role.paused || role.left || role.revoked || !stage.world.is_running(subject)) return;
    const CoreState& reader = look_into(stage.world, r.node);
    if (!reader.policy->looks_itself()) return;
    if (stage.cast.byzantine() > reader.policy->quorum().tolerated) return;
    const CoreState& own = look_into(stage.world, subject);
    const bool ends = own.silent || own.leaving || !own.joined || !own.self->core;
    if (ends || own.self->core->core.at.generation != r.event.generation) return;
    if (was_blocked(stage, r.node) || was_blocked(stage, subject)) return;
    const auto found = doubted_.find(pair_key(r.node, subject));
    const bool answered = found != doubted_.end() && found->second.answered;
    if (!answered && !was_reachable(stage, r.node, subject)) return;
    violated(stage,
             name_of(stage, r.node) + " declared " + name_of(stage, subject) + " dead although " +
                 (answered ? "it answered the last look" : "a last look would have been answered"),
             shared_->trace.window(stage, r.node, subject));
  }

  // A last look begins within one period and one probe timeout of the declaration, and ends after a probe timeout. Who
  // is on the path may drop what he likes without the network model knowing, and who holds few peers' keys does not
  // open frames that were overtaken: then nothing is said.
  bool was_reachable(const Stage& stage, World::Index reader, World::Index subject) const {
    const World& world = stage.world;
    if (stage.scenario.cluster.links_active != 0) return false;
    const CoreState& state = look_into(world, reader);
    const Config& config = state.config;
    const Instant now = world.now(), since = looked_since(stage, reader);
    const Cast::Role& role = stage.cast[subject];
    const bool ran = role.started_at.value_or(now) < since && role.resumed_at.value_or(since) <= since;
    const Member* member = state.table.find(world.id(subject));
    if (!ran || changed_at_ > since || world.has_paths() || world.socket_overflows() > 0) return false;
    if (member == nullptr || !member->contact->proven || world.find(*member->contact->proven) != subject) return false;
    if (!shares_epoch(stage, reader, subject)) return false;
    if (worst(world, reader, subject) + worst(world, subject, reader) >= config.probe_timeout) return false;
    for (Instant at = since; at < now; at += kStep) {
      if (!is_clear_both_ways(world, at, reader, subject)) return false;
    }
    return is_clear_both_ways(world, now, reader, subject);
  }

  // Sides of a partition that rotated and retired cannot read one another until they have synced over TLS. What came to
  // the reader a moment ago may have come after its look.
  bool shares_epoch(const Stage& stage, World::Index reader, World::Index subject) const {
    const auto began = epoch_began_.find(reader);
    if (began != epoch_began_.end() && began->second > looked_since(stage, reader)) return false;
    const Keyring& theirs = look_into(stage.world, subject).ring;
    const auto& held = look_into(stage.world, reader).ring.entries();
    return std::any_of(held.begin(), held.end(), [&](const Keyring::Entry& entry) {
      return entry.has_key() && theirs.find_readable(entry.name()) != nullptr;
    });
  }

  static Instant looked_since(const Stage& stage, World::Index reader) {
    const Config& config = look_into(stage.world, reader).config;
    return stage.world.now() - config.probe_interval - config.probe_timeout;
  }

  static bool was_blocked(const Stage& stage, World::Index i) {
    const Cast::Role& role = stage.cast[i];
    return role.blocked || (role.unblocked_at && *role.unblocked_at > looked_since(stage, i));
  }

  static bool is_clear_both_ways(const World& world, Instant at, World::Index a, World::Index b) {
    return world.network().is_clear(at, a, b) && world.network().is_clear(at, b, a);
  }

  static Duration worst(const World& world, World::Index from, World::Index to) {
    const NetworkModel::Link link = world.network().link(from, to);
    return link.latency.most + (link.reorder_ppm > 0 ? link.reorder_delay : Duration::zero());
  }

  static constexpr Duration kStep = 20ms;  // shorter than any flip-flop's turn that a scenario is likely to have
  SharedPtr shared_;
  boost::unordered_flat_map<std::uint64_t, Asked> doubted_;  // by reader and subject; never iterated
  boost::unordered_flat_map<World::Index, Instant> epoch_began_;  // when a member last took one
  std::optional<InHand> in_hand_;
  Instant changed_at_;
};

}  // namespace

std::unique_ptr<Checker> no_false_death_checker(SharedPtr shared) {
  return std::make_unique<NoFalseDeath>(std::move(shared));
}

}  // namespace quorumor::sim
