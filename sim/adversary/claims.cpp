// Members that lie about themselves: two stories at one coordinate, or ever new ones. Only their own id is theirs to
// speak for. Such a member meets its own lies again; a process that holds that for a clone would fall silent, so this
// one does not (process.h).
#include "membership/precedence.h"
#include "sim/adversary/families.h"
#include "sim/signing.h"

namespace quorumor::sim {
namespace {

class SelfLiars : public Scheme {
 public:
  using Scheme::Scheme;

 protected:
  void begin() override {
    for (const Index liar : liars()) {
      meddle(liar, [kept = std::vector<Output>()](NodeCore& core, std::span<const Output> outputs) mutable {
        return ignore_clones(core, outputs, kept);
      });
      // One more claim, told to all: whatever it said before is past.
      on_stop([&world = world(), liar] {
        if (!world.is_running(liar)) return;
        with_core(world, liar, [](CoreAccess::Impl& impl) { impl.self.advance(); });
      });
    }
  }
};

// Two cores at its next coordinate, alike but for the next event; one half of the audience hears the one, the other half
// the other. It holds the one that all will prefer once they have met.
class Equivocator final : public SelfLiars {
 public:
  using SelfLiars::SelfLiars;

 private:
  void act(Index liar) override {
    ByteVector stories[2];
    with_core(world(), liar, [&](CoreAccess::Impl& impl) {
      CoreState& s = impl.state;
      Core core = s.self->core->whole();
      const auto next = core.at.incarnation.next();
      const auto event = core.next_event.next();
      if (!next || !event) return;
      core.at.incarnation = *next;
      stories[0] = sign_core(s, core);
      Core other = core;
      other.next_event = *event;
      stories[1] = sign_core(s, other);
      const bool second = conflict_prefers_offered(core_digest(Bytes(stories[0]).first(limits::kCoreContent)),
                                                   core_digest(Bytes(stories[1]).first(limits::kCoreContent)));
      s.table.set_core(*s.self, HeldCore(stories[second ? 1 : 0]));
      s.snapshot_dirty = true;
    });
    if (stories[1].empty()) return;
    const std::vector<Index> audience = draw_audience(liar, liar);
    count(tell(world(), liar, audience, [&](CoreState&, const Member& reader, Message& message) {
      const auto index = world().find(reader.id());
      return add_rumor(message, {RumorKind::core, stories[index.value_or(0) % 2], {}});
    }));
  }
};

// Its incarnation runs away: each claim is news to everybody, verified and passed on by all.
class IncarnationInflator final : public SelfLiars {
 public:
  using SelfLiars::SelfLiars;
  static constexpr std::uint64_t kStep = 1'000'003;

 private:
  void act(Index liar) override {
    with_core(world(), liar, [&](CoreAccess::Impl& impl) {
      Core core = impl.state.self->core->whole();
      if (core.at.incarnation.value > ~std::uint64_t{0} / 2) return;  // it still wants to be heard
      core.at.incarnation.value += kStep;
      publish_core(impl.state, core);
      count();
    });
  }
};

// The same with generations: for the others each is a new process of this member, about which nothing holds that was
// said of the last one: neither accusations nor who was muted for them.
class GenerationInflator final : public SelfLiars {
 public:
  using SelfLiars::SelfLiars;
  static constexpr std::uint64_t kStep = std::uint64_t{1} << 46;  // 2^30 of the part that is milliseconds

 private:
  void act(Index liar) override {
    with_core(world(), liar, [&](CoreAccess::Impl& impl) {
      CoreState& s = impl.state;
      if (s.generation.value > ~std::uint64_t{0} / 2) return;
      s.generation.value += kStep;
      ByteVector bytes(8);
      store_le<std::uint64_t>(bytes.data(), s.generation.value);
      s.out.push(Persist{Persist::What::generation, true, std::move(bytes)});
      Core core = s.self->core->whole();
      core.at.generation = s.generation;
      core.at.incarnation = Incarnation{1};
      publish_core(s, core);
      count();
    });
  }
};

}  // namespace

std::unique_ptr<Adversary> make_equivocator(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Equivocator>(part, std::move(context));
}
std::unique_ptr<Adversary> make_incarnation_inflator(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<IncarnationInflator>(part, std::move(context));
}
std::unique_ptr<Adversary> make_generation_inflator(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<GenerationInflator>(part, std::move(context));
}

}  // namespace quorumor::sim
