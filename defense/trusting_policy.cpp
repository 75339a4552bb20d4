#include "defense/trusting_policy.h"

#include <algorithm>

namespace quorumor {

static_assert(kLiveEpochsMax <= limits::kAccusationEpochs, "one accuses under all live epochs at once");

void TrustingPolicy::on_ring(const Keyring& ring) {
  epochs_.clear();
  for (const auto& entry : ring.entries()) {
    if (epochs_.empty() || epochs_.back() != entry.epoch()) epochs_.push_back(entry.epoch());
  }
}

// A member cannot witness its own death. A record layout that says otherwise is refused when it is decoded; this
// holds whatever was decoded. Epochs are not looked at: nothing was drawn.
Tally TrustingPolicy::judge(const NodeId& subject, std::span<const Witness> witnesses,
                            std::span<const NodeId>) const {
  Tally tally;
  const NodeId* last = nullptr;  // witnesses ascend by accuser
  for (const Witness& witness : witnesses) {
    if (witness.accuser == subject || (last && *last == witness.accuser)) continue;
    last = &witness.accuser;
    ++tally.counting;
  }
  tally.suspected = tally.condemned = tally.counting >= tally.needed;
  return tally;
}

bool TrustingPolicy::is_worth_holding(const NodeId& subject, const Witness& witness) const {
  return witness.accuser != subject;
}

std::optional<unsigned> TrustingPolicy::rank_of(const NodeId& subject, const NodeId& member, Epoch epoch) const {
  const bool live = std::find(epochs_.begin(), epochs_.end(), epoch) != epochs_.end();
  return live && subject != member ? std::optional(0U) : std::nullopt;
}

unsigned TrustingPolicy::expected_confirmations() const {
  if (mult_ < 2) return 0;
  const unsigned expected = mult_ - 2;
  return live_ >= 2 && live_ - 2 >= expected ? expected : 0;
}

QuorumView TrustingPolicy::quorum() const {
  return {.observers = live_ > 0 ? live_ - 1 : 0,
          .threshold = 1,
          .tolerated = 0,
          .quorum = live_ >= 1,
          .basis = std::max<std::size_t>(live_, 1)};
}

}  // namespace quorumor
