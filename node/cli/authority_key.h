// An authority's key as it lies in a file: "QAUTH1" | Ed25519 seed 32 | BLAKE2b-256 checksum; or that, sealed with a
// passphrase. The same for the first authority and for a standby.
#pragma once

#include "crypto/sign.h"
#include "node/driver/passphrase_source.h"

#include <filesystem>

namespace quorumor {

// The file's content; sealed if there is a passphrase.
Fallible<WipedBytes> seal_key(const SigningKey& key, const Passphrase& passphrase, Rng& secret_rng);
// `file` is for messages.
Fallible<SigningKey> open_key(Bytes stored, const Passphrase& passphrase, const std::filesystem::path& file);

// One line: what is wrong, and that a backup helps.
Failure needs_restore(const std::string& what);

}  // namespace quorumor
