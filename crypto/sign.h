// Ed25519 (RFC 8032) through libsodium, and only libsodium: OpenSSL 3.0 accepts signatures that libsodium
// 1.0.18 rejects, so a cluster that mixed them could be split by one signature. tests/vectors freezes the
// verdicts on the edge cases.
//
// What is signed is always: 16 bytes of domain (ASCII, zero padded) || ClusterId || the content, to the byte.
// The content is never re-encoded to verify. Domains are listed here, once.
#pragma once

#include "base/bytes.h"
#include "base/rng.h"
#include "crypto/cluster.h"
#include "crypto/secret.h"

namespace quorumor {

using PublicKey = ByteArray<32>;
using Signature = ByteArray<64>;

enum class SignDomain : std::uint8_t {
  credential, core, accusation, announcement, revocation, force_leave, event, session, request, endorsement
};

// Longest content that is ever signed or verified (bytes); a longer one is refused, not hashed.
inline constexpr std::size_t kSignedContentMax = 1168;

class SigningKey {
 public:
  // From a 32-byte seed (RFC 8032's private key).
  static SigningKey from_seed(std::span<const std::byte, 32> seed) noexcept;
  static SigningKey generate(Rng& secret_rng) noexcept;

  const PublicKey& public_key() const noexcept { return public_key_; }
  // Requires: content of at most kSignedContentMax bytes.
  Signature sign(SignDomain domain, const ClusterId& cluster, Bytes content) const noexcept;
  // The 32 bytes that from_seed takes, for storage.
  Secret<32> seed() const noexcept;

 private:
  Secret<64> key_;
  PublicKey public_key_{};
};

// True if the key's owner signed exactly this. False for small-order keys, non-canonical encodings, content
// over the limit. About 33 us: call it last.
bool verify(const PublicKey& key, SignDomain domain, const ClusterId& cluster, Bytes content,
            const Signature& signature) noexcept;

// True if `key` is a canonical point of the main subgroup (small-order and mixed-order keys are refused).
bool is_valid_public_key(const PublicKey& key) noexcept;

}  // namespace quorumor
