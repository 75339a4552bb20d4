#include "sim/liar.h"

#include "node/core/impl.h"

namespace quorumor::sim {

Liar::Liar(World& world, Index node)
    : world_(world), node_(node), campaign_(std::make_shared<std::uint64_t>(0)) {}

Liar::~Liar() { ++*campaign_; }

const ByteVector* Liar::record_about(Index subject) {
  CoreState& s = CoreAccess::impl(world_.core(node_)).state;
  const Member* member = s.table.find(world_.id(subject));
  if (member == nullptr || !member->core || member == s.self) return nullptr;
  Lie& lie = lies_[subject];
  if (lie.at == member->core->core.at && !lie.record.empty()) return &lie.record;
  Accusation a;
  a.accuser = s.id();
  a.serial = s.self->credential->credential.serial;
  a.generation = s.generation;
  for (const Keyring::Entry& entry : s.ring.entries()) {
    if (a.epochs.empty() || a.epochs.back() < entry.epoch()) a.epochs.push_back(entry.epoch());
  }
  if (a.epochs.empty()) return nullptr;
  lie.at = member->core->core.at;
  a.subjects.push_back({member->id(), lie.at.generation, lie.at.incarnation});
  const ByteVector content = encode_accusation(a);
  lie.record = join_record(content, s.identity.sign(SignDomain::accusation, s.cluster, content));
  return &lie.record;
}

bool Liar::counts_against(Index subject) const {
  if (!world_.is_running(node_)) return false;
  const CoreState& s = CoreAccess::impl(world_.core(node_)).state;
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
  constexpr std::size_t kBatch = kOutputsMax / 2;  // of datagrams that one call can surely carry
  for (std::size_t begin = 0; begin < readers.size(); begin += kBatch) {
    world_.act(node_, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(world_.now());
      for (std::size_t i = begin; i < std::min(begin + kBatch, readers.size()); ++i) {
        Member* reader = impl.state.table.find(world_.id(readers[i]));
        if (reader == nullptr || reader == impl.state.self) continue;
        Message& message = impl.sender.blank(MessageKind::want);
        message.rumors.push_back({RumorKind::accusation, *record, {}});
        Sender::Options options;
        options.gossip = false;
        told_ += impl.sender.send(*reader, message, options) ? 1 : 0;
      }
      return impl.end();
    });
  }
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
