// Ed25519 keys in the formats that other tools know: PKCS#8 PEM in (RFC 8410, what `openssl genpkey -algorithm ed25519`
// writes), SubjectPublicKeyInfo PEM out. OpenSSL reads them; only libsodium signs and verifies.
#pragma once

#include "crypto/sign.h"
#include "node/driver/passphrase_source.h"

#include <string>

namespace quorumor {

inline constexpr std::size_t kPemMax = 16 * 1024;

// The file must be private (0600). An encrypted one needs its passphrase; a plain one takes none.
Fallible<SigningKey> read_pem_identity(const std::string& file, const Passphrase& passphrase);
std::string public_key_pem(const PublicKey& key);

}  // namespace quorumor
