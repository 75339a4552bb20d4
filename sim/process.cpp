#include "sim/process.h"

namespace quorumor::sim {
namespace {

class SparingPolicy final : public Policy {
 public:
  SparingPolicy(std::unique_ptr<Policy> real, std::shared_ptr<const bool> on,
                std::function<bool(const NodeId&)> spares, bool hints)
      : real_(std::move(real)), on_(std::move(on)), spares_(std::move(spares)), hints_(hints) {}

  void on_state(const NodeId& id, MemberState state) override { real_->on_state(id, state); }
  void on_ring(const Keyring& ring) override { real_->on_ring(ring); }
  void on_live(std::size_t live, Instant now) override { real_->on_live(live, now); }
  Tally judge(const NodeId& subject, std::span<const Witness> witnesses,
              std::span<const NodeId> muted) const override {
    return real_->judge(subject, witnesses, muted);
  }
  bool is_worth_holding(const NodeId& subject, const Witness& witness) const override {
    return real_->is_worth_holding(subject, witness);
  }
  EpochList epochs_to_accuse_under(const NodeId& subject) const override {
    return *on_ && spares_(subject) ? EpochList{} : real_->epochs_to_accuse_under(subject);
  }
  void observers_of(const NodeId& subject, std::vector<NodeId>& out) const override {
    out.clear();
    if (hints_ || !*on_) real_->observers_of(subject, out);
  }
  std::optional<unsigned> rank_of(const NodeId& subject, const NodeId& member, Epoch epoch) const override {
    return real_->rank_of(subject, member, epoch);
  }
  bool looks_itself() const override { return real_->looks_itself(); }
  unsigned expected_confirmations() const override { return real_->expected_confirmations(); }
  QuorumView quorum() const override { return real_->quorum(); }
  std::size_t basis() const override { return real_->basis(); }

 private:
  std::unique_ptr<Policy> real_;
  std::shared_ptr<const bool> on_;
  std::function<bool(const NodeId&)> spares_;
  bool hints_;
};

}  // namespace

void with_core(World& world, World::Index liar, const std::function<void(CoreAccess::Impl&)>& what) {
  world.act(liar, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    what(impl);
    return impl.end();
  });
}

std::size_t tell(World& world, World::Index liar, std::span<const World::Index> readers, const Fill& fill) {
  constexpr std::size_t kBatch = kOutputsMax / 2;
  std::size_t told = 0;
  while (!readers.empty()) {
    const auto batch = readers.first(std::min(kBatch, readers.size()));
    readers = readers.subspan(batch.size());
    with_core(world, liar, [&](CoreAccess::Impl& impl) {
      for (const World::Index reader : batch) {
        Member* member = impl.state.table.find(world.id(reader));
        if (member == nullptr || member == impl.state.self) continue;
        Message& message = impl.sender.blank(MessageKind::want);
        if (!fill(impl.state, *member, message)) continue;
        Sender::Options options;
        options.gossip = false;
        told += impl.sender.send(*member, message, options) ? 1 : 0;
      }
    });
  }
  return told;
}

bool add_rumor(Message& message, const Rumor& rumor) {
  // An accusation of the receiver may be added by the sender, if there is room; it looks itself.
  std::size_t used = message_size(message) + kRumorListOverhead;
  for (const Rumor& there : message.rumors) used += rumor_size(there);
  if (used + rumor_size(rumor) > limits::kPlain || message.rumors.size() == message.rumors.capacity()) return false;
  message.rumors.push_back(rumor);
  return true;
}

void add_member(Message& message, const Member& member) {
  if (!member.core || !add_rumor(message, {RumorKind::credential, member.credential->record, {}})) return;
  if (!add_rumor(message, {RumorKind::core, member.core->record, {}})) return;
  if (member.body) add_rumor(message, {RumorKind::body, member.body->record, {}});
}

void Turn::look(const NodeCore& core) {
  const auto& now = CoreAccess::impl(core).state.counters.messages_in;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] < seen_[i]) seen_[i] = 0;  // it has restarted
    took_[i] = now[i] > seen_[i];
    seen_[i] = now[i];
  }
}

std::size_t keep_back(std::span<const Output> outputs, const std::function<bool(const Transmit&)>& drop,
                      std::vector<Output>& kept) {
  kept.clear();
  for (const Output& output : outputs) {
    const auto* datagram = std::get_if<Transmit>(&output);
    if (datagram == nullptr || !drop(*datagram)) kept.push_back(output);
  }
  return outputs.size() - kept.size();
}

std::span<const Output> ignore_clones(NodeCore& core, std::span<const Output> outputs, std::vector<Output>& kept) {
  auto& impl = CoreAccess::impl(core);
  if (!impl.state.silent) return outputs;
  impl.state.silent = false;
  impl.note_due();
  kept.clear();
  for (const Output& output : outputs) {
    const auto* event = std::get_if<Event>(&output);
    if (event == nullptr || event->kind != Event::Kind::clone_alarm) kept.push_back(output);
  }
  return kept;
}

void make_sparing(World& world, World::Index liar, std::shared_ptr<const bool> on,
                  std::function<bool(const NodeId&)> spares, bool hints) {
  CoreState& s = CoreAccess::impl(world.core(liar)).state;
  s.policy = std::make_unique<SparingPolicy>(std::move(s.policy), std::move(on), std::move(spares), hints);
}

}  // namespace quorumor::sim
