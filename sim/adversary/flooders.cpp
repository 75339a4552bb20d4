// Members that send more than anybody should have to take: well sealed, at `rate` messages a second and liar, each to a
// victim that chance names among the targets (or among all that do not lie).
#include "sim/adversary/families.h"
#include "sim/signing.h"

namespace quorumor::sim {
namespace {

class Flooder : public Scheme {
 public:
  using Scheme::Scheme;

 protected:
  // Makes the message; false: there is nothing to say.
  virtual bool fill(CoreState& own, const Member& victim, Message& message) = 0;

  void act(Index liar) override {
    const auto victim = draw_victim();
    if (!victim || *victim == liar) return;
    count(tell(world(), liar, std::span(&*victim, 1), [&](CoreState& own, const Member& to, Message& message) {
      return fill(own, to, message);
    }));
  }
  // A member with a claim that is neither of the two; chance names it.
  const Member* draw_member(const CoreState& own, const Member& but) {
    const auto& all = own.table.all();
    for (int tries = 0; tries < 8; ++tries) {
      const Member* member = all[draw_below(all.size())];
      if (member != own.self && member != &but && member->core) return member;
    }
    return nullptr;
  }
};

// Pings: each is opened and answered.
class FrameFlooder final : public Flooder {
 public:
  using Flooder::Flooder;
  bool fill(CoreState&, const Member&, Message& message) override {
    message.kind = MessageKind::ping;
    message.sequence = Sequence{rng().below(~std::uint64_t{0})};
    return true;
  }
};

// Others' claims, newer than what they said, under signatures that do not hold: each is verified before it is dropped.
class RumorFlooder final : public Flooder {
 public:
  using Flooder::Flooder;
  bool fill(CoreState& own, const Member& victim, Message& message) override {
    forged_.clear();
    for (std::size_t i = 0; i < kCores; ++i) {
      const Member* member = draw_member(own, victim);
      if (member == nullptr) break;
      Core core = member->core->whole();
      core.at.incarnation.value += 1 + rng().below(1000);
      const auto content = encode_core(core);
      Signature nonsense;
      rng().fill(nonsense);
      forged_.push_back(join_record(content, nonsense));
    }
    for (const ByteVector& record : forged_) add_rumor(message, {RumorKind::core, record, {}});
    return !message.rumors.empty();
  }

 private:
  static constexpr std::size_t kCores = 4;  // fill a datagram
  std::vector<ByteVector> forged_;
};

// Accusations of two dozen members at once, of which each is greater than the one before because its accuser says that
// it has started again since.
class AccusationFlooder final : public Flooder {
 public:
  using Flooder::Flooder;
  bool fill(CoreState& own, const Member& victim, Message& message) override {
    std::vector<NodeId> subjects;
    for (std::size_t i = 0; i < limits::kAccusedSubjects; ++i) {
      const Member* member = draw_member(own, victim);
      const auto index = member != nullptr ? world().find(member->id()) : std::nullopt;
      if (index && !is_colluder(*index)) subjects.push_back(member->id());
    }
    record_ = sign_accusation(own, subjects, Generation{own.generation.value + ++signed_});
    return !record_.empty() && add_rumor(message, {RumorKind::accusation, record_, {}});
  }

 private:
  std::uint64_t signed_ = 0;
  ByteVector record_;
};

// Asks to look at somebody.
class HintFlooder final : public Flooder {
 public:
  using Flooder::Flooder;
  bool fill(CoreState& own, const Member& victim, Message& message) override {
    const Member* subject = draw_member(own, victim);
    if (subject == nullptr) return false;
    message.kind = MessageKind::hint;
    message.peer = subject->id();
    message.generation = subject->core->core.at.generation;
    message.incarnation = subject->core->core.at.incarnation;
    return true;
  }
};

// Has others carry datagrams to the victims that will not open there.
class RelayFlooder final : public Flooder {
 public:
  using Flooder::Flooder;
  bool fill(CoreState&, const Member&, Message&) override { return false; }

 private:
  void act(Index liar) override {
    const auto victim = draw_victim();
    if (!victim || *victim == liar) return;
    const std::vector<Index> relays = draw_audience(liar, *victim);
    if (relays.empty()) return;
    const Index relay = relays[draw_below(relays.size())];
    count(tell(world(), liar, std::span(&relay, 1), [&](CoreState&, const Member&, Message& message) {
      rng().fill(sealed_);
      sealed_[0] = kShortType;
      message.kind = MessageKind::relay;
      message.peer = world().id(*victim);
      message.sequence = Sequence{rng().below(~std::uint64_t{0})};
      message.sealed = sealed_;
      return true;
    }));
  }
  ByteArray<1000> sealed_{};
};

// Events of its own far above the rate that an origin has.
class EventFlooder final : public Flooder {
 public:
  using Flooder::Flooder;
  bool fill(CoreState& own, const Member&, Message& message) override {
    rng().fill(payload_);
    record_ = sign_event(own, payload_, std::chrono::seconds(60));
    return add_rumor(message, {RumorKind::event, record_, payload_});
  }

 private:
  ByteArray<64> payload_{};
  ByteVector record_;
};

}  // namespace

std::unique_ptr<Adversary> make_frame_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<FrameFlooder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_rumor_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<RumorFlooder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_accusation_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<AccusationFlooder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_hint_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<HintFlooder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_relay_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<RelayFlooder>(part, std::move(context));
}
std::unique_ptr<Adversary> make_event_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<EventFlooder>(part, std::move(context));
}

}  // namespace quorumor::sim
