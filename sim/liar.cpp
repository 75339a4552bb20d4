#include "sim/liar.h"

#include "sim/process.h"
#include "sim/signing.h"

namespace quorumor::sim {

Liar::Liar(World& world, Index node)
    : world_(world), node_(node), campaign_(std::make_shared<std::uint64_t>(0)) {}

Liar::~Liar() { ++*campaign_; }

const ByteVector* Liar::record_about(Index subject) {
  const CoreState& s = state_of(world_, node_);
  const Member* member = s.table.find(world_.id(subject));
  if (member == nullptr || !member->core || member == s.self) return nullptr;
  Lie& lie = lies_[subject];
  if (lie.at == member->core->core.at && !lie.record.empty()) return &lie.record;
  lie.at = member->core->core.at;
  lie.record = sign_accusation(s, std::span(&member->id(), 1), s.generation);
  return lie.record.empty() ? nullptr : &lie.record;
}

bool Liar::counts_against(Index subject) const {
  if (!world_.is_running(node_)) return false;
  const CoreState& s = state_of(world_, node_);
  return !s.policy->epochs_to_accuse_under(world_.id(subject)).empty();
}

void Liar::accuse(Index subject, std::vector<Index> readers) {
  if (!world_.is_running(node_)) return;
  const ByteVector* record = record_about(subject);
  if (record == nullptr) return;
  if (readers.empty()) {
    for (Index i = 0; i < world_.size(); ++i) {
      if (i != node_ && i != subject && world_.is_running(i)) readers.push_back(i);
    }
  }
  told_ += tell(world_, node_, readers, [&](CoreState&, const Member&, Message& message) {
    message.rumors.push_back({RumorKind::accusation, *record, {}});
    return true;
  });
}

void Liar::keep_accusing(Index subject, Duration interval, std::vector<Index> readers) {
  QUORUMOR_ASSERT(interval > Duration::zero());
  repeat(subject, interval, readers);
}

void Liar::repeat(Index subject, Duration interval, const std::vector<Index>& readers) {
  accuse(subject, readers);
  world_.call_at(world_.now() + interval, [this, alive = campaign_, mine = *campaign_, subject, interval, readers] {
    if (*alive == mine) repeat(subject, interval, readers);
  });
}

void Liar::stop_accusing() { ++*campaign_; }

void Liar::refuse_relays() {
  world_.set_censor(node_, [](const World::Sent& sent) {
    return sent[static_cast<std::size_t>(MessageKind::relayed)] != 0;
  });
}

// A limit of none: the queue takes in what comes, and forgets it untold.
void Liar::keep_rumors() {
  if (world_.is_running(node_)) CoreAccess::impl(world_.core(node_)).state.config.retransmit_mult = 0;
}

}  // namespace quorumor::sim
