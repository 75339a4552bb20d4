// Indirect probes (SWIM section 3, ping-req), end to end authenticated: the prober's sealed ping and the target's
// sealed ack are carried by third members, who can drop them but neither read, forge nor replay them.
//
//   prober --Relay{target, ping}--> relay --Relayed{prober, ping}--> target
//   target --Relay{prober, ack}---> relay --Relayed{target, ack}---> prober
//
// A relay forwards only between members, only to proven endpoints, never to an address that a message names, and at
// most kForwardsPerSecond to one member, so that it cannot be aimed at anybody.
//
// A relay that has passed no answer on by 80 % of the probe timeout tells the prober so (Lifeguard's nack): the
// prober's own links work, it need not doubt itself. Nobody else can: a nack names the sequence of the request.
#pragma once

#include "node/core/intake.h"
#include "node/core/looks.h"

#include <vector>

namespace quorumor {

class Relayer {
 public:
  static constexpr unsigned kForwardsPerSecond = 20;  // to one member
  static constexpr std::size_t kAwaitedMost = 128;    // answers; of what comes on top nobody hears a nack

  Relayer(CoreState& state, Sender& sender, Intake& intake, Looks& looks)
      : s_(state), sender_(sender), intake_(intake), looks_(looks) {}

  // A Relay from `asker`: pass it on to the member that it names. False if it may not be.
  bool forward(const Member& asker, const Message& message);
  // A Relayed that `relay` brought: open what is inside and act on it. False if it is not what it claims.
  bool accept(Member& relay, const Endpoint& relay_from, const Message& message);
  void on_timer();
  std::optional<Instant> next_deadline() const;
  // The process stood still: answers may have come and gone.
  void on_gap() { awaited_.clear(); }

 private:
  struct Awaited {
    Instant nack_at;
    NodeId asker{}, target{};
    Sequence sequence;  // of the request; none: an answer is not answered
  };
  void note_forward(const Member& asker, const Member& target, Sequence sequence);

  CoreState& s_;
  Sender& sender_;
  Intake& intake_;
  Looks& looks_;
  std::vector<Awaited> awaited_;  // in order of time
  Message inner_;
  alignas(8) std::array<std::byte, limits::kDatagram> plain_{};
  std::array<std::byte, limits::kDatagram> sealed_{};
};

}  // namespace quorumor
