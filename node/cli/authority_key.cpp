#include "node/cli/authority_key.h"

#include "crypto/passphrase.h"
#include "node/driver/seed_file.h"

namespace quorumor {
namespace {

constexpr SeedLayout kLayout{"QAUTH1", "quorumor authority key"};
constexpr std::string_view kSealPurpose = "quorumor authority key";

}  // namespace

Failure needs_restore(const std::string& what) {
  return fail(what + "; restore the authority from its latest backup with `quorumor authority restore`");
}

Fallible<WipedBytes> seal_key(const SigningKey& key, const Passphrase& passphrase, Rng& secret_rng) {
  WipedBytes plain = encode_seed(kLayout, key);
  if (!passphrase) return plain;
  auto sealed = seal_with_passphrase(plain.view(), passphrase->view(), kSealPurpose, secret_rng);
  if (!sealed) return fail("not enough memory to seal the key (64 MiB); free some and try again");
  return WipedBytes(std::move(sealed).value());
}

Fallible<SigningKey> open_key(Bytes stored, const Passphrase& passphrase, const std::filesystem::path& file) {
  if (!is_passphrase_box(stored)) {
    auto key = decode_seed(kLayout, stored);
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
  auto key = decode_seed(kLayout, plain.view());
  if (!key) return needs_restore(file.string() + " is damaged");
  return std::move(*key);
}

}  // namespace quorumor
