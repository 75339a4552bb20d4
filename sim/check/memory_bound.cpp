// Every container of a core has a limit; none is ever over it, and all together hold no more bytes than those limits
// allow for the members that there are. Looked at: kSample members each second in turn, all at the end.
#include "sim/check/memory_bound.h"

#include "sim/check/parts.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

constexpr std::size_t kNode = 64;     // a map's or set's own node, and an allocation's overhead
constexpr std::size_t kIndexed = 32;  // a member's places in the table's lists and its index
constexpr std::size_t kSession = 2 * limits::kStreamMessage + 4096;  // what one stream may hold in its buffers
// A rumor in the queue is in two indexes beside its bytes; none is longer than a datagram and a payload.
constexpr std::size_t kQueued = 3 * kNode + 128;

std::size_t bytes_of(const Member& m) {
  std::size_t out = sizeof(Member) + kIndexed + sizeof(HeldCredential) + kNode + m.credential->record.capacity();
  if (m.core) out += sizeof(HeldCore) + kNode;
  if (m.body) {
    out += sizeof(HeldBody) + kNode + m.body->record.capacity() + m.body->endpoints.capacity() * sizeof(Endpoint);
  }
  if (m.contact) out += sizeof(Contact) + kNode;
  if (!m.dossier) return out;
  const Dossier& dossier = *m.dossier;
  out += sizeof(Dossier) + kNode;
  if (dossier.evidence) out += sizeof(Evidence) + kNode;
  if (dossier.events) out += sizeof(EventsTaken) + kNode;
  for (const Witness& w : m.evidence().witnesses()) {
    out += sizeof(Witness) + kNode;
    // One record for all subjects of a batch: each bears its part.
    if (w.record) out += w.record->capacity() / static_cast<std::size_t>(std::max(1L, w.record.use_count()));
  }
  for (const Transition& t : *dossier.history) out += sizeof(Transition) + t.reason.capacity();
  if (dossier.doubt) out += sizeof(Doubt) + kNode;
  if (dossier.muting) out += sizeof(Muting) + kNode;
  return out;
}

// The most that one member can take: its records at their longest, kHistory reasons, and `accusers` accusations.
std::size_t member_bound(std::size_t accusers) {
  return sizeof(Member) + kIndexed + sizeof(HeldCredential) + sizeof(HeldCore) + sizeof(HeldBody) + sizeof(Contact) +
         sizeof(Dossier) + sizeof(Evidence) + sizeof(EventsTaken) + 9 * kNode + kCredentialContentMax +
         limits::kSignature + limits::kBody + limits::kEndpoints * sizeof(Endpoint) +
         Dossier::kHistory * (sizeof(Transition) + 256) + sizeof(Doubt) +
         sizeof(Muting) + accusers * (sizeof(Witness) + kNode + kAccusationContentMax + limits::kSignature);
}

class MemoryBound final : public Checker {
 public:
  static constexpr std::size_t kSample = 8;

  explicit MemoryBound(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "memory-bound"; }

  void on_second(const Stage& stage) override {
    for (std::size_t i = 0; i < std::min(kSample, stage.world.size()); ++i) {
      next_ = (next_ + 1) % stage.world.size();
      check(stage, next_);
    }
  }
  void on_phase(const Stage& stage, Phase phase) override {
    if (phase != Phase::over) return;
    for (World::Index i = 0; i < stage.world.size(); ++i) check(stage, i);
  }

 private:
  void check(const Stage& stage, World::Index node) {
    if (!stage.world.is_running(node) || !stage.cast.is_honest(node)) return;
    const std::string over = find_overflow(stage.world, node);
    if (!over.empty()) {
      return violated(stage, name_of(stage, node) + "'s " + over, shared_->trace.window(stage, node, node));
    }
    const std::size_t bytes = memory_of(stage.world, node), bound = memory_bound_of(stage.world, node);
    if (bytes <= bound) return;
    violated(stage,
             name_of(stage, node) + " holds " + std::to_string(bytes) + " bytes, " + std::to_string(bound) +
                 " are the most",
             shared_->trace.window(stage, node, node));
  }

  SharedPtr shared_;
  World::Index next_ = 0;
};

}  // namespace

std::size_t memory_of(const World& world, World::Index node) {
  const CoreState& s = look_into(world, node);
  const auto& impl = CoreAccess::impl(world.peek(node));
  std::size_t out = sizeof(impl);
  for (const auto& m : s.table.all()) out += bytes_of(*m);
  out += s.queue.bytes() + s.queue.size() * kQueued;
  out += s.pen.size() * (sizeof(Pen::Waiting) + limits::kDatagram);
  out += Links::memory_bound(s.links.size(), s.links.active()) - Links::memory_bound(0, 0);
  out += impl.sessions.running() * kSession;
  out += impl.events.held_bytes() + impl.events.held() * (kNode + 128);
  return out;
}

std::size_t memory_bound_of(const World& world, World::Index node) {
  const CoreState& s = look_into(world, node);
  const auto& impl = CoreAccess::impl(world.peek(node));
  const std::size_t members = s.table.size();
  const std::size_t accusers = std::min(kWitnessesHeld, members);
  return sizeof(impl) + members * member_bound(accusers) +
         RumorQueue::kQueuedMax * (limits::kDatagram + limits::kEventPayload + kQueued) +
         Pen::kHeldMax * (sizeof(Pen::Waiting) + limits::kDatagram) + Links::memory_bound(members, members) +
         s.config.streams_max * kSession + Events::kLiveBytes + Events::kLiveMax * (kNode + 128);
}

std::string find_overflow(const World& world, World::Index node) {
  const CoreState& s = look_into(world, node);
  const auto& impl = CoreAccess::impl(world.peek(node));
  const auto over = [](const char* what, std::size_t held, std::size_t most) {
    if (held <= most) return std::string{};
    return std::string(what) + " hold " + std::to_string(held) + ", " + std::to_string(most) + " are the most";
  };
  std::string out;
  const auto check = [&](const char* what, std::size_t held, std::size_t most) {
    if (out.empty()) out = over(what, held, most);
  };
  check("member table's places", s.table.size(), s.config.members_max + 1);
  check("rumors", s.queue.size(), RumorQueue::kQueuedMax);
  check("pen's places", s.pen.size(), Pen::kHeldMax);
  check("links", s.links.size(), kLinksMax);
  check("streams", impl.sessions.running(), s.config.streams_max);
  check("looks", impl.looks.running(), Looks::kLooksMost);
  check("live events", impl.events.held(), Events::kLiveMax);
  check("live events' bytes", impl.events.held_bytes(), Events::kLiveBytes);
  for (const auto& m : s.table.all()) {
    check("accusations of one member", m->evidence().witnesses().size(), kWitnessesHeld);
    check("transitions of one member", m->dossier->history->size(), Dossier::kHistory);
  }
  return out;
}

std::unique_ptr<Checker> memory_bound_checker(SharedPtr shared) {
  return std::make_unique<MemoryBound>(std::move(shared));
}

}  // namespace quorumor::sim
