// Who is at the other end of a stream: pure functions over hellos (PROTOCOL section 7). TLS gives secrecy and an
// exporter; identity is proven inside, by a signature over the exporter under a credential of our authority. So a
// machine in the middle, which has two TLS sessions and two exporters, proves nothing to either side.
#pragma once

#include "node/core/state.h"

namespace quorumor {

// This side's hello, signed. `probe`: the hellos are all that is wanted.
StreamMessage make_hello(const CoreState& state, bool server, const ByteArray<32>& exporter, bool probe = false);
// Cheapest first: cluster, version, credential signature, validity (with the stated tolerance), proof.
// Ensures on success: a credential of our authority, valid now, whose owner holds this TLS session.
Result<SignedCredential, Refusal> check_hello(const CoreState& state, const Hello& hello, bool from_server,
                                              const ByteArray<32>& exporter);

}  // namespace quorumor
