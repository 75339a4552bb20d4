// What a liar signs with its own key beside what its core would: stories of itself, accusations, events. Pure but for
// the sequence that an event takes. Nothing here can sign for anybody else.
#pragma once

#include "node/core/state.h"

#include <span>

namespace quorumor::sim {

// content || signature each. `core` may say anything; it counts for the own id only.
ByteVector sign_core(const CoreState& own, const Core& core);
// That none of these answers, at the coordinates that are held; nothing is held of some: they are left out. Under all
// epochs of the ring. Empty if nobody is left. `generation`: the accuser's, as it likes. At most kAccusedSubjects.
ByteVector sign_accusation(const CoreState& own, std::span<const NodeId> subjects, Generation generation);
// The next event of its own, whatever its quota says.
ByteVector sign_event(CoreState& own, Bytes payload, std::chrono::milliseconds ttl);
// The own claim becomes this one, and is told. Requires: it takes precedence over the present one.
void publish_core(CoreState& own, const Core& core);

}  // namespace quorumor::sim
