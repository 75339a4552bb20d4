// What a reader keeps of a member that it does not hold for Alive: when it began to doubt, how its own window runs,
// what its own last look found. Local, never told to anybody; `why` shows it. It lives from Suspect on until the core
// moves, so that a death can still be explained. Times are the reader's monotonic clock.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <optional>

namespace quorumor {

// The reader's own last look at a suspect (PROTOCOL section 5): without a failed one nobody is declared dead.
enum class Look : std::uint8_t {
  none,      // not due yet, or not needed yet: too few accusers
  due,       // asked for; waits for a free place among the looks
  running,
  answered,  // the subject lives, whatever others sign
  failed
};

struct Doubt {
  static constexpr unsigned kDeferralsMost = 2;

  Instant since;                        // the window starts here: with this reader's Suspect
  Instant until;                        // and ends here
  Instant look_at;                      // when the look may begin; at a random moment of the window's last period
  std::uint32_t look_share = 0;         // of that time, in 1/65536: drawn once, secret
  Look look = Look::none;
  std::optional<Instant> look_ended;
  std::optional<Instant> condemned_at;  // the k-th accusation
  std::optional<Instant> deferred_at;
  unsigned expected = 0;                // Lifeguard's K, as it was when the doubt began
  unsigned deferrals = 0;               // an answer after the k-th accusation defers, at most twice
};

}  // namespace quorumor
