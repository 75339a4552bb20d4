// How long a suspect has to refute. Lifeguard (Dadgar, Phillips, Currey 2018, section IV-B): the window shrinks
// from max to min as independent accusers confirm, logarithmically scaled over K expected confirmations.
//   min = mult * max(1, log10 n) * period;   max = 6 * min
//   remaining = max - (max - min) * ln(C + 1) / ln(K + 1) - elapsed, at least min - elapsed
// K = 0 is SWIM's plain timer: min. Pure functions; resolution 1 ms, as memberlist computes it.
#pragma once

#include "base/time.h"

#include <cstddef>

namespace quorumor {

Duration suspicion_timeout_min(unsigned mult, std::size_t members, Duration period) noexcept;
// `confirmations` beyond `expected` count no more. May be negative: the window is over.
Duration suspicion_remaining(unsigned confirmations, unsigned expected, Duration elapsed, Duration min,
                             Duration max) noexcept;
// How often a rumor is sent: mult * ceil(log10(n + 1)).
unsigned retransmit_limit(unsigned mult, std::size_t members) noexcept;
// Periodic sync spreads out in large clusters: 1 up to 32 members, then ceil(log2 n - 5) + 1.
unsigned sync_scale(std::size_t members) noexcept;

}  // namespace quorumor
