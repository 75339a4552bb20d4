#include "crypto/aead.h"

#include <sodium.h>

#include "base/assert.h"
#include "crypto/aead_software.h"

namespace quorumor {
namespace {

static_assert(kAeadTag == crypto_aead_chacha20poly1305_IETF_ABYTES);
static_assert(kAeadTag == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(kAeadTag == crypto_aead_aes256gcm_ABYTES);

}  // namespace

bool has_aes_hardware() noexcept {
  crypto_init();
  return crypto_aead_aes256gcm_is_available() == 1;
}

void aead_seal(Suite suite, MutableBytes out, Bytes plain, Bytes associated, const Nonce96& nonce,
               std::span<const std::byte, 32> key) noexcept {
  QUORUMOR_ASSERT(out.size() == plain.size() + kAeadTag);
  if (suite == Suite::aes256_gcm && !has_aes_hardware()) {
    detail::software_gcm_seal(out, plain, associated, nonce, key);
    return;
  }
  crypto_init();
  const auto seal =
      suite == Suite::aes256_gcm ? crypto_aead_aes256gcm_encrypt : crypto_aead_chacha20poly1305_ietf_encrypt;
  const int sealed = seal(uchar(out), nullptr, uchar(plain), plain.size(), uchar(associated),
                          associated.size(), nullptr, uchar(Bytes(nonce)), uchar(Bytes(key)));
  QUORUMOR_ASSERT(sealed == 0);
}

bool aead_open(Suite suite, MutableBytes out, Bytes sealed, Bytes associated, const Nonce96& nonce,
               std::span<const std::byte, 32> key) noexcept {
  QUORUMOR_ASSERT(sealed.size() >= kAeadTag && out.size() == sealed.size() - kAeadTag);
  if (suite == Suite::aes256_gcm && !has_aes_hardware()) {
    return detail::software_gcm_open(out, sealed, associated, nonce, key);
  }
  crypto_init();
  const auto open =
      suite == Suite::aes256_gcm ? crypto_aead_aes256gcm_decrypt : crypto_aead_chacha20poly1305_ietf_decrypt;
  return open(uchar(out), nullptr, nullptr, uchar(sealed), sealed.size(), uchar(associated),
              associated.size(), uchar(Bytes(nonce)), uchar(Bytes(key))) == 0;
}

void xaead_seal(MutableBytes out, Bytes plain, Bytes associated, const Nonce192& nonce,
                std::span<const std::byte, 32> key) noexcept {
  QUORUMOR_ASSERT(out.size() == plain.size() + kAeadTag);
  crypto_init();
  const int sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(
      uchar(out), nullptr, uchar(plain), plain.size(), uchar(associated), associated.size(), nullptr,
      uchar(Bytes(nonce)), uchar(Bytes(key)));
  QUORUMOR_ASSERT(sealed == 0);
}

bool xaead_open(MutableBytes out, Bytes sealed, Bytes associated, const Nonce192& nonce,
                std::span<const std::byte, 32> key) noexcept {
  QUORUMOR_ASSERT(sealed.size() >= kAeadTag && out.size() == sealed.size() - kAeadTag);
  crypto_init();
  return crypto_aead_xchacha20poly1305_ietf_decrypt(uchar(out), nullptr, nullptr, uchar(sealed),
                                                    sealed.size(), uchar(associated), associated.size(),
                                                    uchar(Bytes(nonce)), uchar(Bytes(key))) == 0;
}

void hchacha20(ByteArray<32>& out, std::span<const std::byte, 16> in,
               std::span<const std::byte, 32> key) noexcept {
  crypto_init();
  crypto_core_hchacha20(uchar(MutableBytes(out)), uchar(Bytes(in)), uchar(Bytes(key)), nullptr);
}

}  // namespace quorumor
