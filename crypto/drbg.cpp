#include "crypto/drbg.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"

namespace quorumor {

Drbg::Drbg(std::span<const std::byte, 32> seed, std::string_view label) noexcept
    : key_(Secret<32>::zeroed()), block_(Secret<kBlock>::zeroed()) {
  keyed_hash(key_.bytes(), seed, "quorumor drbg", {as_bytes(label)});
}

// Bytes are given out in order whatever the sizes asked for, and erased as they go: whoever reads this memory
// later learns nothing about what was drawn before.
void Drbg::fill(MutableBytes out) {
  while (!out.empty()) {
    if (used_ == kBlock) refill();
    const std::size_t n = std::min(out.size(), kBlock - used_);
    const MutableBytes from = block_.bytes().subspan(used_, n);
    std::memcpy(out.data(), from.data(), n);
    wipe(from);
    used_ += n;
    out = out.subspan(n);
  }
}

void Drbg::refill() noexcept {
  // Each key makes one block only, so the nonce can stay zero.
  static constexpr unsigned char kNonce[crypto_stream_chacha20_ietf_NONCEBYTES] = {};
  crypto_stream_chacha20_ietf(block_.data(), kBlock, kNonce, key_.data());
  const MutableBytes next_key = block_.bytes().first<32>();
  std::memcpy(key_.data(), next_key.data(), next_key.size());
  wipe(next_key);
  used_ = next_key.size();
}

}  // namespace quorumor
