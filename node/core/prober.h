// The failure detector's cycle: one member a period, in shuffled order. A first ping; after the probe timeout a
// second one, with an introduction (it resolves every restart race in one round trip), and three relays that carry a
// sealed ping (relayer.h); if nothing is answered, a first-hand accusation. Beside it: one in ten periods a Dead or
// Unreachable member is pinged as well, so that partitions heal by themselves; new endpoints are proven by a capped
// burst of pings; and bodies that gossip did not bring are asked for, because digests cover cores only and a member
// without a body cannot be reached.
#pragma once

#include "node/core/intake.h"
#include "node/core/sender.h"

#include <deque>

namespace quorumor {

class Prober {
 public:
  Prober(CoreState& state, Sender& sender, Intake& intake, Transitions& transitions)
      : s_(state), sender_(sender), intake_(intake), transitions_(transitions) {}

  void start();
  void on_timer();
  std::optional<Instant> next_deadline() const;
  void on_ack(Member& from, Sequence sequence);
  // A member whose endpoint should be proven soon. At most as many wait as there are members.
  void prove(const NodeId& id);

  // A ping outside the cycle: to prove an endpoint, or as an answer to an introduction. Its ack changes nothing else.
  bool ping(Member& to, const Sender::Options& options);

 private:
  struct Probe {
    NodeId target{};
    Sequence sequence;
    Instant second_at;
    Instant fails_at;
    bool second_sent = false;
  };
  void begin_period();
  void second_try();
  void ask_relays(Member& target);
  void ping_a_lost_one();
  void ask_for_bodies();
  void prove_one();
  bool may_introduce(const Member& to) const noexcept;

  CoreState& s_;
  Sender& sender_;
  Intake& intake_;
  Transitions& transitions_;
  Sequence last_sequence_;
  std::optional<Probe> in_flight_;
  Instant period_at_;
  bool started_ = false;
  std::deque<NodeId> to_prove_;
  Instant prove_at_;
  std::vector<Member*> relays_;  // scratch
  std::array<std::byte, limits::kDatagram> sealed_{};
};

}  // namespace quorumor
