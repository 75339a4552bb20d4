// A verdict rests on evidence, never on somebody's say-so: when an honest reader declares a member dead, it holds the
// accusations of k distinct members, each signed by its accuser at exactly the held coordinate, each under one and the
// same epoch and ranking among the m + 3 that count there; and its own last look has failed. What "merge states",
// "count an accuser twice" or "forget the last look" would break is seen at the first death, whoever it is about.
//
// The core tells of a death at the end of the call in which it declared it. Ranks depend on who is out of reach, so
// where the same call also moved others, whoever is worth holding is taken for one that counted. Accusations lapse with
// their epoch: where the same call gave one up after the death, nothing is left to judge.
// Holds for protocol quorumor only: without defense one accusation of anybody is enough, and nobody looks.
#include "sim/check/parts.h"

#include <algorithm>
#include <map>
#include <utility>

namespace quorumor::sim {
namespace {

class Verdicts final : public Checker {
 public:
  explicit Verdicts(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "k-witnesses"; }

  void on_event(const Stage& stage, const Recorded& r) override {
    shared_->trace.note(stage, r);
    if (!stage.cast.is_honest(r.node)) return;
    const CoreState& state = look_into(stage.world, r.node);
    const bool has_given_up_an_epoch = note_lowest_epoch(state, r.node);
    if (r.event.kind != Event::Kind::member_dead || has_given_up_an_epoch || !state.policy->looks_itself()) return;
    const Member* member = state.table.find(r.event.id);
    // The same call has taken it back already.
    if (member == nullptr || member->state != MemberState::dead) return;
    const std::string what = find_fault(stage, state, *member);
    if (what.empty()) return;
    const auto subject = stage.world.find(r.event.id).value_or(World::kNobody);
    violated(stage, name_of(stage, r.node) + " declared " + name_of(stage, subject) + " dead " + what,
             shared_->trace.window(stage, r.node, subject));
  }

 private:
  // Since the last event of this node.
  bool note_lowest_epoch(const CoreState& state, World::Index node) {
    const auto& entries = state.ring.entries();
    const Epoch lowest = entries.empty() ? Epoch{} : entries.front().epoch();
    const auto [at, is_first] = lowest_.try_emplace(node, lowest);
    return !is_first && std::exchange(at->second, lowest) != lowest;
  }

  static std::string find_fault(const Stage& stage, const CoreState& state, const Member& subject) {
    if (!subject.core) return "without holding a core of it";
    if (!subject.doubt() || subject.doubt()->look != Look::failed) return "without a failed last look of its own";
    const bool moved = std::any_of(state.table.all().begin(), state.table.all().end(), [&](const auto& m) {
      return m != &subject && m->state_since == state.now;
    });
    const QuorumView quorum = state.policy->quorum();
    std::map<Epoch, std::size_t> counting;  // distinct accusers, by epoch
    const Witness* before = nullptr;
    for (const Witness& w : subject.evidence().witnesses()) {
      if (before != nullptr && !(before->accuser < w.accuser)) return "and counts " + hex_of(w) + " twice";
      before = &w;
      if (!is_signed(stage, state, subject, w)) return "on an accusation that its accuser did not sign";
      for (const Epoch epoch : w.epochs) {
        const auto rank = state.policy->rank_of(subject.id(), w.accuser, epoch);
        const bool counts = rank && *rank < quorum.observers + 3;
        if (counts || (moved && state.policy->is_worth_holding(subject.id(), w))) ++counting[epoch];
      }
    }
    std::size_t most = 0;
    for (const auto& [epoch, count] : counting) most = std::max(most, count);
    if (most >= quorum.threshold) return {};
    return "on " + std::to_string(most) + " distinct accusers that count, " + std::to_string(quorum.threshold) +
           " are needed";
  }

  static std::string hex_of(const Witness& w) { return "the accuser " + std::to_string(id_prefix(w.accuser)); }

  // By a member, at exactly the held coordinate, of this subject among its subjects.
  static bool is_signed(const Stage& stage, const CoreState& state, const Member& subject, const Witness& w) {
    const Member* accuser = state.table.find(w.accuser);
    if (accuser == nullptr || !w.record || w.record->size() <= limits::kSignature) return false;
    const Bytes record = *w.record;
    const Bytes content = record.first(record.size() - limits::kSignature);
    const auto decoded = decode_accusation(content);
    if (!decoded || decoded.value().accuser != w.accuser) return false;
    const Coordinate& at = subject.core->core.at;
    const AccusedSubject wanted{subject.id(), at.generation, at.incarnation};
    const auto& subjects = decoded.value().subjects;
    if (std::find(subjects.begin(), subjects.end(), wanted) == subjects.end()) return false;
    for (const Epoch epoch : w.epochs) {
      const auto& epochs = decoded.value().epochs;
      if (std::find(epochs.begin(), epochs.end(), epoch) == epochs.end()) return false;
    }
    Signature signature{};
    std::copy(record.end() - limits::kSignature, record.end(), signature.begin());
    return verify(accuser->credential->credential.identity, SignDomain::accusation, stage.world.cluster(), content,
                  signature);
  }

  SharedPtr shared_;
  std::map<World::Index, Epoch> lowest_;
};

}  // namespace

std::unique_ptr<Checker> verdicts_checker(SharedPtr shared) { return std::make_unique<Verdicts>(std::move(shared)); }

}  // namespace quorumor::sim
