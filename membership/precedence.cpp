// PROTOCOL section 5, read from the top of the order to its bottom: the first rule that applies decides.
#include "membership/precedence.h"

namespace quorumor {

CoreVerdict judge_core(const Coordinate& held, const Digest& held_digest, const Coordinate& offered,
                       const Digest& offered_digest) noexcept {
  if (offered < held) return CoreVerdict::older;
  if (offered > held) return CoreVerdict::newer;
  return offered_digest == held_digest ? CoreVerdict::duplicate : CoreVerdict::conflict;
}

bool conflict_prefers_offered(const Digest& held, const Digest& offered) noexcept { return offered < held; }

MemberState decide_state(const StateInputs& in) noexcept {
  // Three states are left by a new core alone. A timer, a lapsed accusation or a retired epoch must not wake the
  // dead, and a captured older word of a member must not undo its own "leaving".
  if (in.evicted || in.current == MemberState::evicted) return MemberState::evicted;
  if (in.leaving || in.current == MemberState::left) return MemberState::left;
  if (in.current == MemberState::dead) return MemberState::dead;

  // Being seen at the accused coordinate clears nothing: only the accused's own greater incarnation does, because
  // only that reaches everybody who holds the accusation.
  if (in.accused) {
    if (in.window_over) return in.condemned ? MemberState::dead : MemberState::unreachable;
    // A window that has passed has passed: falling back to Suspect would let one accuser toggle a state for ever.
    return in.current == MemberState::unreachable ? MemberState::unreachable : MemberState::suspect;
  }

  // Nobody accuses it (any more). Suspicion rests on accusations alone and ends with them; a member that was out
  // of reach stays so until it is seen, or each retired epoch would announce crashed members as alive.
  switch (in.current) {
    case MemberState::alive:
    case MemberState::suspect: return MemberState::alive;
    default: return in.seen_alive ? MemberState::alive : in.current;
  }
}

const char* to_string(MemberState state) noexcept {
  switch (state) {
    case MemberState::unknown: return "unknown";
    case MemberState::alive: return "alive";
    case MemberState::suspect: return "suspect";
    case MemberState::unreachable: return "unreachable";
    case MemberState::dead: return "dead";
    case MemberState::left: return "left";
    case MemberState::evicted: return "evicted";
  }
  return "unknown";
}

}  // namespace quorumor
