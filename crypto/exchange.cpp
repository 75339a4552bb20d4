#include "crypto/exchange.h"

#include <sodium.h>

#include "base/assert.h"

namespace quorumor {

SessionKey SessionKey::from_bytes(std::span<const std::byte, 32> scalar) noexcept {
  SessionKey out;
  out.key_ = Secret<32>::copy_of(scalar);
  crypto_scalarmult_curve25519_base(uchar(MutableBytes(out.public_key_)), out.key_.data());
  return out;
}

SessionKey SessionKey::generate(Rng& secret_rng) noexcept {
  auto scalar = Secret<32>::zeroed();
  secret_rng.fill(scalar.bytes());
  return from_bytes(scalar.bytes());
}

std::optional<Secret<32>> SessionKey::shared_with(const SessionPublicKey& peer) const noexcept {
  QUORUMOR_ASSERT(key_);
  auto out = Secret<32>::zeroed();
  if (crypto_scalarmult_curve25519(out.data(), key_.data(), uchar(Bytes(peer))) != 0) return std::nullopt;
  return out;
}

}  // namespace quorumor
