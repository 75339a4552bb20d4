// What is demanded of the detector, in one place, with the reason. A figure beyond its limit makes the program fail.
// Seconds are the world's; a period is one second.
#pragma once

namespace quorumor::detect::limits {

// One hundred members from nothing. Serf needs 1.1 s on loopback, memberlist in process 3.2 to 3.8 s.
inline constexpr double kFormed = 5;  // s, until all see all Alive

// SWIM (2002), section 5: expected periods until somebody's probe finds the crash, whole periods: e / (e - 1) = 1.58.
// Over 300 crashes the mean's own error is 0.06.
inline constexpr double kFirstProbeLeast = 1.35, kFirstProbeMost = 1.8;  // periods

// SWIM: two messages sent and two received a member and period (its ping and ack, somebody's ping and ack), flat in n:
// no n may cost a tenth more than another.
inline constexpr double kMessagesLeast = 1.8, kMessages = 2.2;
inline constexpr double kMessagesSpread = 1.1;  // the greatest of all n over the least

// One crash until Dead at every survivor: the window of 4 * log10 n periods, what finds it, what spreads it.
inline constexpr double kDeadMedian100 = 12, kDeadP99At100 = 16;    // s
inline constexpr double kDeadMedian1000 = 16, kDeadP99At1000 = 21;  // s
// What the defense may cost: against plain SWIM and Lifeguard (defense off, beta 0), same seeds and victims.
inline constexpr double kRatioToControl = 1.25;  // of medians, and of p99s, n = 1000
inline constexpr double kMassDead = 40;          // s, half of a hundred at once, all dead at all survivors

// 20 % loss for an hour, half a cluster gone, lies: nobody that lives is declared dead.
inline constexpr double kFalseDeaths = 0;

// Lies: a single one changes next to nothing; fewer than k kill nobody; k kill nobody that answers.
inline constexpr double kSuspectedShare = 0.01;  // of time, mean over all pairs, one lying observer a subject
// After k liars and a pause of 12 s: from the moment it goes on until all see it Alive. It finds what it is accused of
// in its socket; what is left is gossip, and a lost ping where gossip missed somebody.
inline constexpr double kBackAfterPause = 15;    // s

}  // namespace quorumor::detect::limits
