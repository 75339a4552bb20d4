// Fast crypto: what a simulated cluster computes n times is computed once. n members verify the same n signatures, and
// both ends of a pair derive the same secret; a computer each would do so, one computer need not. Equal by
// construction: a memo holds what the real function returned, keyed by everything that it depends on, so a run with it
// is the run without it, event for event (tests/sim/memo_test.cpp).
//
//  * An Ed25519 verification, by the BLAKE2b-256 of key, signature and message.
//  * An X25519 secret, by the two public keys: a's scalar times b's point is b's scalar times a's, if both points were
//    made here from scalars (crypto_scalarmult_curve25519_base). Anything else is computed.
//
// How: this library wraps libsodium's functions at link time (-Wl,--wrap), so the object code of crypto/ is the
// daemon's, untouched, and only programs that link this have it. Off until set_fast_crypto(true).
//
// Bounds: each memo has two generations of kVerdictsMax, kSecretsMax or kKeysMax entries (30 MB in all); when the young
// one is full it becomes the old one, whose entries go, unless they were used since. A thread has memos of its own.
// Secrets lie in ordinary memory here: they protect nothing but a simulated cluster.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorumor::sim {

inline constexpr std::size_t kVerdictsMax = 1 << 17;
inline constexpr std::size_t kSecretsMax = 1 << 15;
inline constexpr std::size_t kKeysMax = 1 << 15;

// For all threads; what they remember stays.
void set_fast_crypto(bool on) noexcept;

struct MemoCounts {
  std::uint64_t verdicts_asked = 0, verdicts_known = 0;
  std::uint64_t secrets_asked = 0, secrets_known = 0;
};
MemoCounts memo_counts() noexcept;  // of this thread, while fast crypto was on

}  // namespace quorumor::sim
