#include "crypto/passphrase.h"

#include <sodium.h>

#include "base/assert.h"
#include "base/codec.h"
#include "crypto/aead.h"

namespace quorumor {
namespace {

constexpr std::string_view kMagic = "QSEAL1";
constexpr std::size_t kHeaderBytes = 6 + 4 + 4 + 16 + 24;
constexpr std::uint32_t kMemoryKibMin = crypto_pwhash_argon2id_MEMLIMIT_MIN / 1024;

bool is_within_bounds(PassphraseCost cost) noexcept {
  return cost.passes >= 1 && cost.passes <= kPassesMax && cost.memory_kib >= kMemoryKibMin &&
         cost.memory_kib <= kMemoryKibMax;
}

// The header has a fixed size, so header and purpose together have one reading.
ByteVector associated_data(Bytes header, std::string_view purpose) {
  ByteVector out(header.size() + purpose.size());
  Writer w(out);
  w.raw(header);
  w.raw(as_bytes(purpose));
  return out;
}

}  // namespace

Result<Secret<32>, PassphraseError> derive_from_passphrase(Bytes passphrase, const ByteArray<16>& salt,
                                                           PassphraseCost cost) noexcept {
  static_assert(crypto_pwhash_argon2id_SALTBYTES == sizeof(salt));
  QUORUMOR_ASSERT(is_within_bounds(cost));
  auto out = Secret<32>::zeroed();
  const std::string_view text =
      passphrase.empty() ? "" : as_text(passphrase);  // libsodium wants no null pointer
  const int derived =
      crypto_pwhash_argon2id(out.data(), 32, text.data(), text.size(), uchar(Bytes(salt)), cost.passes,
                             std::size_t{cost.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (derived != 0) return PassphraseError::out_of_memory;
  return out;
}

Result<ByteVector, PassphraseError> seal_with_passphrase(Bytes plain, Bytes passphrase,
                                                         std::string_view purpose, Rng& secret_rng,
                                                         PassphraseCost cost) {
  ByteArray<16> salt;
  Nonce192 nonce;
  secret_rng.fill(salt);
  secret_rng.fill(nonce);
  BOOST_OUTCOME_TRY(auto key, derive_from_passphrase(passphrase, salt, cost));

  ByteVector out(kHeaderBytes + plain.size() + kAeadTag);
  Writer w(out);
  w.raw(as_bytes(kMagic));
  w.u32(cost.passes);
  w.u32(cost.memory_kib);
  w.raw(salt);
  w.raw(nonce);
  const MutableBytes header = w.finish();
  QUORUMOR_ASSERT(header.size() == kHeaderBytes);
  xaead_seal(MutableBytes(out).subspan(kHeaderBytes), plain, associated_data(header, purpose), nonce,
             key.bytes());
  return out;
}

Result<ByteVector, PassphraseError> open_with_passphrase(Bytes box, Bytes passphrase,
                                                         std::string_view purpose) {
  if (!is_passphrase_box(box) || box.size() < kHeaderBytes + kAeadTag) return PassphraseError::damaged;
  Reader r(box.subspan(kMagic.size()));
  PassphraseCost cost;
  cost.passes = r.u32();
  cost.memory_kib = r.u32();
  const auto salt = r.array<16>();
  const auto nonce = r.array<24>();
  if (!is_within_bounds(cost)) return PassphraseError::damaged;
  BOOST_OUTCOME_TRY(auto key, derive_from_passphrase(passphrase, salt, cost));

  const Bytes sealed = box.subspan(kHeaderBytes);
  ByteVector out(sealed.size() - kAeadTag);
  if (!xaead_open(out, sealed, associated_data(box.first(kHeaderBytes), purpose), nonce, key.bytes())) {
    return PassphraseError::wrong_passphrase;
  }
  return out;
}

bool is_passphrase_box(Bytes bytes) noexcept {
  return bytes.size() >= kMagic.size() && equal(bytes.first(kMagic.size()), as_bytes(kMagic));
}

}  // namespace quorumor
