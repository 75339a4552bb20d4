#include "crypto/passphrase.h"

#include <sodium.h>

#include "base/assert.h"
#include "base/codec.h"
#include "crypto/aead.h"

#include <optional>

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

struct Header {
  PassphraseCost cost;
  ByteArray<16> salt{};
  Nonce192 nonce{};
};

// Nothing for anything but a whole box, or one that asks for too much.
std::optional<Header> read_header(Bytes box) noexcept {
  if (!is_passphrase_box(box) || box.size() < kHeaderBytes + kAeadTag) return std::nullopt;
  Reader r(box.subspan(kMagic.size()));
  Header out;
  out.cost.passes = r.u32();
  out.cost.memory_kib = r.u32();
  out.salt = r.array<16>();
  out.nonce = r.array<24>();
  if (!is_within_bounds(out.cost)) return std::nullopt;
  return out;
}

}  // namespace

static_assert(kPassphraseBoxOverhead == kHeaderBytes + kAeadTag);

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
  BOOST_OUTCOME_TRY(const auto key, PassphraseKey::make(passphrase, secret_rng, cost));
  return key.seal(plain, purpose, secret_rng);
}

Result<ByteVector, PassphraseError> open_with_passphrase(Bytes box, Bytes passphrase,
                                                         std::string_view purpose) {
  BOOST_OUTCOME_TRY(const auto key, PassphraseKey::of(box, passphrase));
  return key.open(box, purpose);
}

bool is_passphrase_box(Bytes bytes) noexcept {
  return bytes.size() >= kMagic.size() && equal(bytes.first(kMagic.size()), as_bytes(kMagic));
}

Result<PassphraseKey, PassphraseError> PassphraseKey::make(Bytes passphrase, Rng& secret_rng, PassphraseCost cost) {
  PassphraseKey out;
  out.cost_ = cost;
  secret_rng.fill(out.salt_);
  BOOST_OUTCOME_TRY(out.key_, derive_from_passphrase(passphrase, out.salt_, cost));
  return out;
}

Result<PassphraseKey, PassphraseError> PassphraseKey::of(Bytes box, Bytes passphrase) {
  const auto header = read_header(box);
  if (!header) return PassphraseError::damaged;
  PassphraseKey out;
  out.cost_ = header->cost;
  out.salt_ = header->salt;
  BOOST_OUTCOME_TRY(out.key_, derive_from_passphrase(passphrase, out.salt_, out.cost_));
  return out;
}

ByteVector PassphraseKey::seal(Bytes plain, std::string_view purpose, Rng& secret_rng) const {
  Nonce192 nonce;
  secret_rng.fill(nonce);
  ByteVector out(kHeaderBytes + plain.size() + kAeadTag);
  Writer w(out);
  w.raw(as_bytes(kMagic));
  w.u32(cost_.passes);
  w.u32(cost_.memory_kib);
  w.raw(salt_);
  w.raw(nonce);
  const MutableBytes header = w.finish();
  QUORUMOR_ASSERT(header.size() == kHeaderBytes);
  xaead_seal(MutableBytes(out).subspan(kHeaderBytes), plain, associated_data(header, purpose), nonce, key_.bytes());
  return out;
}

Result<ByteVector, PassphraseError> PassphraseKey::open(Bytes box, std::string_view purpose) const {
  const auto header = read_header(box);
  if (!header) return PassphraseError::damaged;
  const Bytes sealed = box.subspan(kHeaderBytes);
  ByteVector out(sealed.size() - kAeadTag);
  const ByteVector data = associated_data(box.first(kHeaderBytes), purpose);
  if (!xaead_open(out, sealed, data, header->nonce, key_.bytes())) return PassphraseError::wrong_passphrase;
  return out;
}

bool PassphraseKey::has_salt_of(Bytes box) const noexcept {
  const auto header = read_header(box);
  return header && header->salt == salt_ && header->cost.passes == cost_.passes &&
         header->cost.memory_kib == cost_.memory_kib;
}

}  // namespace quorumor
