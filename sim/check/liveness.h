// What the healed world owes, and by when.
//
// Settled: of the honest members that run,
//   * each holds each other one for Alive;
//   * each holds whoever crashed for Dead (or never heard of it), and whoever left for Left or Dead; Unreachable is
//     right where there is no quorum, or where fewer than k of those that may accuse it still live;
//   * whoever was revoked is Evicted to all that know it, whether it runs or lies;
//   * all hold the same: the digests of their tables are equal.
// Nothing is asked about, or of, members that lie and run.
//
// Who waits to join by seeds that are all gone is named others as the world is healed (run/setting.cpp).
//
// The limit (PROTOCOL section 5), each summand a thing that may have to happen one after another; n machines, P the
// probe period, T its timeout, W the shortest suspicion window, the scenario's settings:
//   detection      12 P + 16 T   a turn in a shuffled cycle, a look scaled by local health, observers' own looks
//   windows        9 W           one at full length, and three shortest ones: two deferrals, one repeated look
//   dissemination  10 log2(n + 1) gossip intervals, once for accusations and once for cores
//   sync           2 (sync interval + patience x scale of n) + sync deadline
//   rejoin         2 rejoin intervals + 20 P   seeds and some of the lost are dialled again; one of the lost is pinged
//                                in ten periods
//   reboot         3 P           a process that has just begun
#pragma once

#include "sim/check/checker.h"

#include <optional>

namespace quorumor::sim {

// What is not as it ought to be, in one sentence; nothing if all is. The cheap questions come first.
std::optional<std::string> find_unsettled(const Stage& stage);

}  // namespace quorumor::sim
