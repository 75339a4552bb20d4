// Who is at the other end of a stream: pure functions over hellos (PROTOCOL section 7). TLS gives secrecy and an
// exporter; identity is proven inside, by a signature over the exporter under a credential of our authority, or of a
// standby that it endorsed. So a machine in the middle, which has two TLS sessions and two exporters, proves nothing to
// either side.
#pragma once

#include "node/core/state.h"

namespace quorumor {

// This side's hello, signed. `probe`: the hellos are all that is wanted.
StreamMessage make_hello(const CoreState& state, bool server, const ByteArray<32>& exporter, bool probe = false);
// Cheapest first: cluster, version, credential signature, validity (with the stated tolerance), proof.
// The endorsements in it are the caller's to take first.
// Ensures on success: a credential of one of our authorities, valid now, whose owner holds this TLS session.
Result<SignedCredential, Refusal> check_hello(const CoreState& state, const Hello& hello, bool from_server,
                                              const ByteArray<32>& exporter);

// What a server shows a client before it refuses it as revoked: a refusal is one byte, and could be anybody's lie.
// Whoever really is revoked sees why, in the authority's own words, behind the endorsements that those may stand
// under. Nothing if there is none (the credential is only superseded), or if this is somebody else: why somebody was
// thrown out is nobody's business. The views point into the state.
std::optional<StreamMessage> show_revocation(const CoreState& state, const Hello& hello, const ByteArray<32>& exporter);
bool is_shown_revocation(const StreamMessage& message) noexcept;

}  // namespace quorumor
