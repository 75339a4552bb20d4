#include "node/cli/authority_key.h"

#include "base/assert.h"
#include "base/codec.h"
#include "crypto/passphrase.h"

namespace quorumor {
namespace {

constexpr std::string_view kKeyMagic = "QAUTH1";
constexpr std::string_view kSealPurpose = "quorumor authority key";
constexpr std::size_t kKeyBytes = 6 + 32 + 32;

Digest key_checksum(Bytes bytes) noexcept { return hash("quorumor authority key", {bytes}); }

WipedBytes encode_key(const SigningKey& key) {
  WipedBytes out{ByteVector(kKeyBytes)};
  const auto seed = key.seed();
  Writer w(out.view());
  w.raw(as_bytes(kKeyMagic));
  w.raw(seed.bytes());
  w.raw(key_checksum(w.finish()));
  QUORUMOR_ASSERT(w.finish().size() == kKeyBytes);
  return out;
}

std::optional<SigningKey> decode_key(Bytes bytes) {
  Reader r(bytes);
  const bool has_magic = equal(r.raw(kKeyMagic.size()), as_bytes(kKeyMagic));
  const Bytes seed = r.raw(32);
  const auto checksum = r.array<32>();
  if (!r.finish() || !has_magic) return std::nullopt;
  if (checksum != key_checksum(bytes.first(kKeyBytes - sizeof checksum))) return std::nullopt;
  return SigningKey::from_seed(seed.first<32>());
}

}  // namespace

Failure needs_restore(const std::string& what) {
  return fail(what + "; restore the authority from its latest backup with `quorumor authority restore`");
}

Fallible<WipedBytes> seal_key(const SigningKey& key, const Passphrase& passphrase, Rng& secret_rng) {
  WipedBytes plain = encode_key(key);
  if (!passphrase) return plain;
  auto sealed = seal_with_passphrase(plain.view(), passphrase->view(), kSealPurpose, secret_rng);
  if (!sealed) return fail("not enough memory to seal the key (64 MiB); free some and try again");
  return WipedBytes(std::move(sealed).value());
}

Fallible<SigningKey> open_key(Bytes stored, const Passphrase& passphrase, const std::filesystem::path& file) {
  if (!is_passphrase_box(stored)) {
    auto key = decode_key(stored);
    if (!key) return needs_restore(file.string() + " is damaged");
    return std::move(*key);
  }
  if (!passphrase) return fail(file.string() + " is sealed with a passphrase; give --passphrase-file FILE");
  auto opened = open_with_passphrase(stored, passphrase->view(), kSealPurpose);
  if (!opened && opened.error() == PassphraseError::out_of_memory) {
    return fail("not enough memory to open " + file.string() + "; free some and try again");
  }
  if (!opened && opened.error() == PassphraseError::wrong_passphrase) {
    return fail("the passphrase does not open " + file.string() +
                "; give the right one (a damaged file looks the same: then restore from a backup)");
  }
  if (!opened) return needs_restore(file.string() + " is damaged");
  const WipedBytes plain(std::move(opened).value());
  auto key = decode_key(plain.view());
  if (!key) return needs_restore(file.string() + " is damaged");
  return std::move(*key);
}

}  // namespace quorumor
