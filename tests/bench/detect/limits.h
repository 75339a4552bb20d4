// What is demanded of the detector, in one place, with the reason. A figure beyond its limit makes the program fail.
#pragma once

namespace quorumor::detect::limits {

// One hundred members from nothing. Serf needs 1.1 s on loopback, memberlist in process 3.2 to 3.8 s.
inline constexpr double kFormed = 10;  // s, until all see all Alive

// SWIM (2002), section 5: expected periods until somebody's probe finds the crash, whole periods: e / (e - 1) = 1.58.
// Over 200 crashes the mean's own error is 0.07.
inline constexpr double kFirstProbeLeast = 1.35, kFirstProbeMost = 1.8;  // periods

// SWIM: two messages sent and two received a member and period (its ping and ack, somebody's ping and ack), flat in n.
inline constexpr double kMessages = 2.2;

// One crash until Dead at every survivor: the window of 4 * log10 n periods, what finds it, what spreads it.
inline constexpr double kDeadMedian100 = 12, kDeadP99At100 = 16;    // s
inline constexpr double kDeadMedian1000 = 16, kDeadP99At1000 = 21;  // s
inline constexpr double kMassDead = 60;                             // s, half of a hundred at once

// Lies: a single one changes next to nothing; fewer than k kill nobody; k kill nobody that answers.
inline constexpr double kSuspectedShare = 0.01;      // of time, mean over all pairs, one lying observer a subject
inline constexpr double kBackAfterPause = 15;        // s, until all see all Alive again

}  // namespace quorumor::detect::limits
