// The order of precedence, in pure functions that a reviewer can hold against PROTOCOL section 5. Nothing here
// has state; nothing here believes anybody.
#pragma once

#include "wire/message.h"

namespace quorumor {

// What an offered core is to the one that is held (both of the same id, both with valid layout).
enum class CoreVerdict : std::uint8_t {
  older,      // a lesser coordinate: dropped, unverified
  duplicate,  // the same coordinate and content digest: dropped, unverified
  newer,      // a greater coordinate: worth verifying
  conflict    // the same coordinate, another content: once verified, evidence of equivocation or of a clone
};
CoreVerdict judge_core(const Coordinate& held, const Digest& held_digest, const Coordinate& offered,
                       const Digest& offered_digest) noexcept;
// Of two conflicting cores all nodes must keep the same one meanwhile: the lesser digest.
bool conflict_prefers_offered(const Digest& held, const Digest& offered) noexcept;

// Everything that a member's state follows from, at one moment, for one reader.
struct StateInputs {
  MemberState current = MemberState::unknown;
  bool evicted = false;         // by proof or revocation that binds the held credential
  bool leaving = false;         // the held core says so, or an authority-signed force-leave covers it
  bool accused = false;         // enough valid accusations at exactly the held coordinate to suspect
  bool condemned = false;       // enough, by the policy and the reader's own look, to declare dead once the window
                                // is over; counts for nothing unless accused
  bool window_over = false;     // this reader's own suspicion window has passed
  bool seen_alive = false;      // a frame or rumor shows the held core to be current
};
// Evicted > Left > Dead > Unreachable > Suspect > Alive > unknown. The first three latch: only a new core (which the
// caller signals by passing current = unknown and seen_alive) wakes a member. Suspect ends with its accusations;
// Unreachable ends when, besides, the member is seen.
MemberState decide_state(const StateInputs& in) noexcept;

const char* to_string(MemberState state) noexcept;  // "alive", "suspect", ...

}  // namespace quorumor
