// X25519 (RFC 7748): the session key pair of a boot. Its public half travels in the core; it is never stored,
// so that frames captured before a restart cannot be replayed into the restarted node.
#pragma once

#include "base/rng.h"
#include "crypto/secret.h"

#include <optional>

namespace quorumor {

using SessionPublicKey = ByteArray<32>;

class SessionKey {
 public:
  static SessionKey generate(Rng& secret_rng) noexcept;
  static SessionKey from_bytes(std::span<const std::byte, 32> scalar) noexcept;

  const SessionPublicKey& public_key() const noexcept { return public_key_; }
  // The shared point. Nothing if the peer's key is of small order (the result would be all zero). 26 us.
  std::optional<Secret<32>> shared_with(const SessionPublicKey& peer) const noexcept;

 private:
  Secret<32> key_;
  SessionPublicKey public_key_{};
};

}  // namespace quorumor
