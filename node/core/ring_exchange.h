// Rings over streams, between members that have authenticated each other (PROTOCOL section 7). So comes back whoever
// was away through any number of rotations, or has lost its ring: by its credential, with nothing typed.
#pragma once

#include "node/core/state.h"

namespace quorumor {

// The ring as it is handed to an authenticated peer: announcements, their signers' credentials, seeds and keys; beside
// the live epochs those that have retired and can still be read, as far as there is room. Keys only of epochs whose
// revocations this node knows. The views point into the state and into `storage`. Contains secrets.
StreamMessage make_ring(const CoreState& state, std::vector<ByteVector>& storage);
// The retirement that is held, behind its signer's credential; for whoever has the ring.
void add_retirement(const CoreState& state, std::vector<ByteVector>& storage, StreamMessage& rumors);
// Takes what is news in a peer's ring: every announcement must be signed by a credential of our authorities with the
// keymaster role. An empty ring adopts; another merges. Where the chains do not meet: before this node has joined it
// believes the giver, and starts over if it was left behind; after, what several members show (grafts.h). False if
// anything in it is invalid (nothing after that is taken).
bool take_ring(CoreState& state, const RingView& ring, const NodeId& giver = {});

}  // namespace quorumor
