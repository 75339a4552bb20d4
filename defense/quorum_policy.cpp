#include "defense/quorum_policy.h"

#include <algorithm>

namespace quorumor {
namespace {

constexpr std::uint8_t kMuted = 0x80;
static_assert(kLiveEpochsMax <= 7, "one mark an epoch and one for the muted");
static_assert(kLiveEpochsMax <= limits::kAccusationEpochs, "one may accuse under all live epochs at once");

bool states(const Witness& witness, Epoch epoch) noexcept {
  return std::find(witness.epochs.begin(), witness.epochs.end(), epoch) != witness.epochs.end();
}

}  // namespace

// --- the view ------------------------------------------------------------------------------------------------------

void QuorumPolicy::expect(std::size_t members) {
  population_.reserve(members);
  marks_.reserve(members);
}

void QuorumPolicy::on_state(const NodeId& id, MemberState state) {
  population_.set_state(id, state);
  marks_.resize(population_.slots());
  refresh();
}

void QuorumPolicy::on_ring(const Keyring& ring) {
  std::vector<Draw> next;
  const Keyring::Entry* const newest_key = ring.newest_with_key();
  for (const Keyring::Entry& entry : ring.entries()) {
    const ClusterParameters& given = entry.announcement.announcement.parameters;
    std::uint32_t beta = given.beta_ppm;
    unsigned exponent = given.epsilon_exponent;
    if (!entry.has_key() && newest_key != nullptr) {
      const ClusterParameters& in_use = newest_key->announcement.announcement.parameters;
      beta = std::max(beta, in_use.beta_ppm);
      exponent = std::max<unsigned>(exponent, in_use.epsilon_exponent);
    }
    const bool fork = !next.empty() && next.back().epoch == entry.epoch();
    if (fork) {
      beta = std::max(beta, next.back().table.beta_ppm());
      exponent = std::max(exponent, next.back().table.epsilon_exponent());
      next.back().table = CommitteeTable(beta, exponent);
    } else {
      next.push_back({entry.epoch(), CommitteeTable(beta, exponent), nullptr, {}, 0, false});
      // Rankings outlive other epochs' coming and going.
      const auto held = std::find_if(draws_.begin(), draws_.end(), [&](const Draw& draw) {
        return draw.observers && draw.observers->seed() == entry.seed;
      });
      next.back().observers =
          held != draws_.end() ? std::move(held->observers) : std::make_unique<Observers>(population_, entry.seed);
    }
    next.back().has_key = next.back().has_key || entry.has_key();
  }
  draws_ = std::move(next);
  computed_for_ = 0;
  refresh();
}

void QuorumPolicy::on_live(std::size_t live, Instant now) {
  peak_.on_live(live, now);
  refresh();
}

void QuorumPolicy::refresh() {
  const std::size_t n = basis();
  if (n == computed_for_) return;
  computed_for_ = n;
  for (Draw& draw : draws_) {
    draw.committee = draw.table.at(n);
    const std::size_t grown = draw.table.at(std::max(2 * n, 2 * kQuorumMembersMin)).observers;
    draw.worth = 3 * std::max(grown, draw.committee.observers) + kObserverSlack + kWorthSlack;
  }
}

std::size_t QuorumPolicy::basis() const { return std::max(peak_.value(), population_.live()); }

const QuorumPolicy::Draw* QuorumPolicy::find(Epoch epoch) const noexcept {
  const auto found = std::find_if(draws_.begin(), draws_.end(), [&](const Draw& d) { return d.epoch == epoch; });
  return found == draws_.end() ? nullptr : &*found;
}

const QuorumPolicy::Draw& QuorumPolicy::newest() const noexcept {
  const auto found = std::find_if(draws_.rbegin(), draws_.rend(), [](const Draw& d) { return d.has_key; });
  return found == draws_.rend() ? draws_.back() : *found;
}

std::size_t QuorumPolicy::worth_of(Epoch epoch) const noexcept {
  const Draw* draw = find(epoch);
  return draw ? draw->worth : 0;
}

// --- questions -----------------------------------------------------------------------------------------------------

template <class Visit>
std::size_t QuorumPolicy::walk(const Draw& draw, const NodeId& subject, Visit visit) const {
  const std::size_t most = draw.committee.observers + kObserverSlack;
  std::size_t visited = 0;
  std::size_t skipped = 0;
  for (const Observers::Ranked& ranked : draw.observers->best(subject, draw.worth)) {
    if (population_.is_out_of_reach(ranked.slot)) {
      if (++skipped > 2 * draw.committee.observers) break;
      continue;
    }
    ++visited;
    if (!visit(ranked.slot) || visited == most) break;
  }
  return visited;
}

Tally QuorumPolicy::judge(const NodeId& subject, std::span<const Witness> witnesses,
                          std::span<const NodeId> muted) const {
  Tally best;
  best.quorum = false;
  if (draws_.empty()) return best;

  // Marks by slot: an accuser counts once however many records it signed, and one without a slot never.
  const auto mark = [&](const NodeId& id, std::uint8_t bits) {
    if (const auto slot = population_.find(id); slot != Population::kNone) marks_[slot] |= bits;
  };
  for (const Witness& witness : witnesses) {
    std::uint8_t bits = 0;
    for (std::size_t i = 0; i < draws_.size(); ++i) {
      if (states(witness, draws_[i].epoch)) bits = static_cast<std::uint8_t>(bits | 1U << i);
    }
    mark(witness.accuser, bits);
  }
  for (const NodeId& id : muted) mark(id, kMuted);

  // Newest first: among equals its threshold is the one to show.
  best.needed = newest().committee.threshold;
  for (std::size_t i = draws_.size(); i-- > 0;) {
    const std::size_t needed = draws_[i].committee.threshold;
    std::size_t counting = 0;
    bool unmuted = false;
    const std::size_t able = walk(draws_[i], subject, [&](Population::Slot slot) {
      if ((marks_[slot] & 1U << i) != 0) {
        ++counting;
        unmuted = unmuted || (marks_[slot] & kMuted) == 0;
      }
      return true;
    });
    const bool condemned = counting >= needed;
    if ((condemned && !best.condemned) || (condemned == best.condemned && counting > best.counting)) {
      best.counting = counting;
      best.needed = needed;
    }
    best.condemned = best.condemned || condemned;
    best.suspected = best.suspected || condemned || unmuted;
    best.quorum = best.quorum || able >= needed;
  }

  const auto clear = [&](const NodeId& id) {
    if (const auto slot = population_.find(id); slot != Population::kNone) marks_[slot] = 0;
  };
  for (const Witness& witness : witnesses) clear(witness.accuser);
  for (const NodeId& id : muted) clear(id);
  return best;
}

bool QuorumPolicy::is_worth_holding(const NodeId& subject, const Witness& witness) const {
  const auto slot = population_.find(witness.accuser);
  if (slot == Population::kNone || witness.accuser == subject) return false;
  return std::any_of(draws_.begin(), draws_.end(), [&](const Draw& draw) {
    if (!states(witness, draw.epoch) || draw.observers->is_far(subject, witness.accuser, draw.worth)) return false;
    const auto ranked = draw.observers->best(subject, draw.worth);
    return std::any_of(ranked.begin(), ranked.end(), [&](const Observers::Ranked& r) { return r.slot == slot; });
  });
}

std::optional<unsigned> QuorumPolicy::rank_under(const Draw& draw, const NodeId& subject,
                                                 const NodeId& member) const {
  const auto sought = population_.find(member);
  if (sought == Population::kNone || draw.observers->is_far(subject, member, draw.worth)) return std::nullopt;
  bool found = false;
  const std::size_t visited = walk(draw, subject, [&](Population::Slot slot) {
    found = slot == sought;
    return !found;
  });
  if (!found) return std::nullopt;
  return static_cast<unsigned>(visited - 1);
}

std::optional<unsigned> QuorumPolicy::rank_of(const NodeId& subject, const NodeId& member, Epoch epoch) const {
  const Draw* draw = find(epoch);
  return draw ? rank_under(*draw, subject, member) : std::nullopt;
}

EpochList QuorumPolicy::epochs_to_accuse_under(const NodeId& subject) const {
  EpochList out;
  for (const Draw& draw : draws_) {
    if (rank_under(draw, subject, own_)) out.push_back(draw.epoch);
  }
  return out;
}

void QuorumPolicy::observers_of(const NodeId& subject, std::vector<NodeId>& out) const {
  out.clear();
  if (draws_.empty()) return;
  walk(newest(), subject, [&](Population::Slot slot) {
    if (population_.id(slot) != own_) out.push_back(population_.id(slot));
    return true;
  });
}

unsigned QuorumPolicy::expected_confirmations() const {
  return draws_.empty() ? 0 : static_cast<unsigned>(newest().committee.threshold - 1);
}

// The next death can be agreed on: besides this node and whoever dies, there are k live ones; or this node's own word
// is enough.
QuorumView QuorumPolicy::quorum() const {
  QuorumView view;
  view.basis = basis();
  view.quorum = false;
  if (draws_.empty()) return view;
  const Committee& committee = newest().committee;
  const bool self = population_.find(own_) != Population::kNone;
  const std::size_t others = population_.live() - (self && population_.live() > 0 ? 1 : 0);
  view.observers = committee.observers;
  view.threshold = committee.threshold;
  view.tolerated = committee.tolerated;
  view.quorum = committee.threshold == 1 || others >= committee.threshold;
  return view;
}

}  // namespace quorumor
