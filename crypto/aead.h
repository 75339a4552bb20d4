// Authenticated encryption. The short frames' suite is a property of the epoch; long frames and sealed files
// always use XChaCha20-Poly1305, whose 24-byte nonce may be random.
//
// Sealing writes the ciphertext and then a 16-byte tag. In place is allowed (out begins where in begins).
// Opening writes nothing useful unless it returns true. Nothing allocates.
#pragma once

#include "base/bytes.h"
#include "crypto/secret.h"

#include <cstdint>

namespace quorumor {

enum class Suite : std::uint8_t { chacha20_poly1305 = 1, aes256_gcm = 2 };  // wire values

inline constexpr std::size_t kAeadTag = 16;  // bytes
using AeadKey = Secret<32>;
using Nonce96 = ByteArray<12>;
using Nonce192 = ByteArray<24>;

// AES-256-GCM needs AES hardware for libsodium; a node without it uses OpenSSL's implementation of the same
// suite (constant time in software), so that a fleet's suite never excludes a member.
bool has_aes_hardware() noexcept;

// Requires: out.size() == plain.size() + kAeadTag. A (key, nonce) pair is never used twice: see counter.h.
void aead_seal(Suite suite, MutableBytes out, Bytes plain, Bytes associated, const Nonce96& nonce,
               std::span<const std::byte, 32> key) noexcept;
// Requires: sealed.size() >= kAeadTag, out.size() == sealed.size() - kAeadTag.
[[nodiscard]] bool aead_open(Suite suite, MutableBytes out, Bytes sealed, Bytes associated,
                             const Nonce96& nonce, std::span<const std::byte, 32> key) noexcept;

void xaead_seal(MutableBytes out, Bytes plain, Bytes associated, const Nonce192& nonce,
                std::span<const std::byte, 32> key) noexcept;
[[nodiscard]] bool xaead_open(MutableBytes out, Bytes sealed, Bytes associated, const Nonce192& nonce,
                              std::span<const std::byte, 32> key) noexcept;

// HChaCha20 as a PRF from 16 bytes to 32: header masks. 67 ns.
void hchacha20(ByteArray<32>& out, std::span<const std::byte, 16> in, std::span<const std::byte, 32> key) noexcept;

}  // namespace quorumor
