// Indirect probes (SWIM section 3, ping-req), end to end authenticated: the prober's sealed ping and the target's
// sealed ack are carried by third members, who can drop them but neither read, forge nor replay them.
//
//   prober --Relay{target, ping}--> relay --Relayed{prober, ping}--> target
//   target --Relay{prober, ack}---> relay --Relayed{target, ack}---> prober
//
// A relay forwards only between members, only to proven endpoints, never to an address that a message names, and at
// most kForwardsPerSecond to one member, so that it cannot be aimed at anybody.
#pragma once

#include "node/core/prober.h"

namespace quorumor {

class Relayer {
 public:
  static constexpr unsigned kForwardsPerSecond = 20;  // to one member

  Relayer(CoreState& state, Sender& sender, Intake& intake, Prober& prober)
      : s_(state), sender_(sender), intake_(intake), prober_(prober) {}

  // A Relay from `asker`: pass it on to the member that it names. False if it may not be.
  bool forward(const Member& asker, const Message& message);
  // A Relayed that `relay` brought: open what is inside and act on it. False if it is not what it claims.
  bool accept(Member& relay, const Endpoint& relay_from, const Message& message);

 private:
  CoreState& s_;
  Sender& sender_;
  Intake& intake_;
  Prober& prober_;
  Message inner_;
  alignas(8) std::array<std::byte, limits::kDatagram> plain_{};
  std::array<std::byte, limits::kDatagram> sealed_{};
};

}  // namespace quorumor
