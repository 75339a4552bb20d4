#include "crypto/aead_software.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>

#include "base/assert.h"

namespace quorumor::detail {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// One a thread, so that sealing a frame does not allocate; the cipher is fetched once, which is the slow
// part.
EVP_CIPHER_CTX* thread_context() noexcept {
  thread_local const Context context = [] {
    Context made(EVP_CIPHER_CTX_new());
    if (!made || EVP_CipherInit_ex(made.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr, 1) != 1) {
      std::fprintf(stderr,
                   "quorumor: OpenSSL offers no AES-256-GCM: check its configuration (openssl.cnf)\n");
      std::abort();
    }
    return made;
  }();
  return context.get();
}

// Gives a cipher its key for one message, and takes it away again: OpenSSL keeps the key schedule in ordinary
// memory, so it is overwritten by that of a zero key.
class Keyed {
 public:
  Keyed(const Nonce96& nonce, std::span<const std::byte, 32> key, bool sealing) noexcept
      : context_(thread_context()) {
    check(EVP_CipherInit_ex(context_, nullptr, nullptr, uchar(Bytes(key)), uchar(Bytes(nonce)),
                            sealing ? 1 : 0));
  }
  ~Keyed() {
    static constexpr unsigned char kZero[32] = {};
    check(EVP_CipherInit_ex(context_, nullptr, nullptr, kZero, kZero, 1));
  }
  Keyed(const Keyed&) = delete;
  Keyed& operator=(const Keyed&) = delete;

  // A null `to` absorbs associated data.
  void update(unsigned char* to, Bytes from) noexcept {
    QUORUMOR_ASSERT(from.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
    int written = 0;
    if (!from.empty()) {
      check(EVP_CipherUpdate(context_, to, &written, uchar(from), static_cast<int>(from.size())));
    }
  }
  bool finish() noexcept {
    unsigned char none[16];  // GCM has nothing left to write
    int written = 0;
    return EVP_CipherFinal_ex(context_, none, &written) == 1;
  }
  void get_tag(std::byte* tag) noexcept {
    check(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kAeadTag), tag));
  }
  void expect_tag(ByteArray<kAeadTag> tag) noexcept {
    check(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kAeadTag), tag.data()));
  }

 private:
  static void check(int result) noexcept { QUORUMOR_ASSERT(result == 1); }
  EVP_CIPHER_CTX* context_;
};

}  // namespace

void software_gcm_seal(MutableBytes out, Bytes plain, Bytes associated, const Nonce96& nonce,
                       std::span<const std::byte, 32> key) noexcept {
  Keyed cipher(nonce, key, true);
  cipher.update(nullptr, associated);
  cipher.update(uchar(out), plain);
  const bool finished = cipher.finish();
  QUORUMOR_ASSERT(finished);
  cipher.get_tag(out.data() + plain.size());
}

bool software_gcm_open(MutableBytes out, Bytes sealed, Bytes associated, const Nonce96& nonce,
                       std::span<const std::byte, 32> key) noexcept {
  ByteArray<kAeadTag> tag;
  std::memcpy(tag.data(), sealed.data() + out.size(), kAeadTag);
  Keyed cipher(nonce, key, false);
  cipher.update(nullptr, associated);
  cipher.update(uchar(out), sealed.first(out.size()));
  cipher.expect_tag(tag);
  if (cipher.finish()) return true;
  wipe(out);  // OpenSSL writes the plaintext before it knows whether it is genuine
  return false;
}

}  // namespace quorumor::detail
