#include "node/cli/pem_identity.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace quorumor {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

// OpenSSL asks by this, and would ask the terminal without it.
int give_passphrase(char* out, int size, int, void* given) {
  const auto* passphrase = static_cast<const Passphrase*>(given);
  if (!*passphrase) return -1;
  const Bytes text = (*passphrase)->view();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(out, text.data(), text.size());
  return static_cast<int>(text.size());
}

bool is_encrypted(std::string_view text) {
  return text.find("-----BEGIN ENCRYPTED PRIVATE KEY-----") != std::string_view::npos ||
         text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
}

}  // namespace

Fallible<SigningKey> read_pem_identity(const std::string& file, const Passphrase& passphrase) {
  BOOST_OUTCOME_TRY(auto bytes, read_file(file, kPemMax, Privacy::secret));
  if (!bytes) return fail(file + " does not exist");
  const WipedBytes content(std::move(*bytes));
  const std::string_view text = as_text(content.view());
  const bool encrypted = is_encrypted(text);
  if (encrypted && !passphrase) return fail(file + " is encrypted; give --pem-passphrase-file FILE");
  if (!encrypted && passphrase) return misuse(file + " is not encrypted; leave --pem-passphrase-file out");

  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Passphrase none;
  void* given = const_cast<Passphrase*>(passphrase ? &passphrase : &none);
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, given) : nullptr);
  ERR_clear_error();
  if (!key && encrypted) return fail("the passphrase does not open " + file + ", or the file is damaged");
  if (!key) {
    return fail(file + " holds no private key in PEM (PKCS#8); `openssl genpkey -algorithm ed25519` makes one");
  }
  auto seed = Secret<32>::zeroed();
  std::size_t size = 32;
  if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &size) != 1 || size != 32) {
    ERR_clear_error();
    return fail(file + " holds a key of another kind; an identity is an Ed25519 key");
  }
  return SigningKey::from_seed(seed.bytes());
}

std::string public_key_pem(const PublicKey& key) {
  const std::unique_ptr<EVP_PKEY, FreeKey> made(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, uchar(Bytes(key)), key.size()));
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  QUORUMOR_ASSERT(made && bio && PEM_write_bio_PUBKEY(bio.get(), made.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace quorumor
