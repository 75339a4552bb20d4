// What follows from looks: hints, verifications, accusations, verdicts (PROTOCOL section 5).
//
//  * A prober whose look fails accuses if it is an observer of the subject. As soon as relays have not brought an
//    answer either, it hints the observers, so that they look while it still waits. A hint has no weight but to make
//    them look; one subject a period and sender is obeyed (burst 3), and eight looks a period are begun for others'
//    sake, so that hints cannot be used to make observers flood a victim or themselves.
//  * An observer that is hinted, or takes in a valid accusation, looks itself and accuses only what it has seen. One
//    that already holds its own accusation answers a hint with it.
//  * Once a period, whoever has come to rank for a member that is accused (because others are out of reach now) looks
//    unprompted, and for one that is Unreachable somebody is asked for accusations that did not arrive.
#pragma once

#include "node/core/accuser.h"
#include "node/core/prober.h"

namespace quorumor {

class Watch {
 public:
  static constexpr unsigned kVerificationsPerPeriod = 8;
  static constexpr unsigned kHintBurst = 3;

  Watch(CoreState& state, Sender& sender, Looks& looks, Prober& prober, Accuser& accuser, Transitions& transitions,
        Intake& intake)
      : s_(state), sender_(sender), looks_(looks), prober_(prober), accuser_(accuser), transitions_(transitions),
        intake_(intake) {}

  // False if it is over the sender's limit.
  bool on_hint(Member& from, const Endpoint& from_endpoint, const Message& message);
  // After every call into the machines: results of looks, members newly accused, last looks that are due.
  void settle();
  void on_timer();
  std::optional<Instant> next_deadline() const;

 private:
  void on_result(const LookResult& result);
  void hint_observers(const Member& subject);
  void verify(Member& subject);
  void sweep();
  void want_accusations();

  CoreState& s_;
  Sender& sender_;
  Looks& looks_;
  Prober& prober_;
  Accuser& accuser_;
  Transitions& transitions_;
  Intake& intake_;
  Instant period_at_;
  unsigned verifications_ = 0;  // begun in this period
  std::vector<NodeId> observers_;  // scratch
};

}  // namespace quorumor
