// The two secret files of a node's directory, identity and ring: plain (mode 0600), or sealed with a passphrase, as
// the operator chose. The identity's form is the choice; the ring follows it whenever it is written.
//
// Rules:
//  * Argon2id is paid once, by `unlock`; its key stays in guarded memory for all later writes of the ring.
//  * Each replaced file is overwritten before it goes (file.h), so that retired keys and unsealed secrets do not stay.
//  * Sealing and unsealing write the ring first and the identity, which is the choice, last: interrupted between both,
//    the same command again completes it. Nothing is replaced before it has been opened and checked.
//  * A wrong passphrase, damage, a foreign file: one line each, and nothing is changed.
#pragma once

#include "crypto/keyring.h"
#include "node/driver/passphrase_source.h"

#include <memory>

namespace quorumor {

class PassphraseKey;

class SecretFiles {
 public:
  explicit SecretFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // A first identity; sealed if there is a passphrase. Requires: none is there.
  Fallible<void> create(const SigningKey& identity, const Passphrase& passphrase, Rng& secret_rng);
  // Needed before identity(), ring() and store_ring() of a sealed directory. A passphrase for one that is not sealed
  // is a failure: what was meant to be sealed must not silently be plain.
  Fallible<void> unlock(const Passphrase& passphrase);

  Fallible<bool> is_sealed() const;
  Fallible<PublicKey> public_key() const;  // needs no passphrase
  Fallible<SigningKey> identity() const;
  Fallible<std::optional<Keyring>> ring(const ClusterId& cluster) const;
  Fallible<void> store_ring(Bytes serialized) const;

  // Requires: the caller holds the directory's lock.
  Fallible<void> seal(const WipedBytes& passphrase, Rng& secret_rng);
  Fallible<void> unseal(const Passphrase& passphrase);

 private:
  Fallible<WipedBytes> identity_file() const;
  Fallible<std::optional<WipedBytes>> ring_file() const;
  Fallible<WipedBytes> open_ring(Bytes stored) const;
  Fallible<void> write_identity(const SigningKey& identity, Rng& secret_rng) const;
  Fallible<void> write_ring(Bytes serialized, Rng& secret_rng) const;
  std::filesystem::path identity_path() const { return folder_ / "identity"; }
  std::filesystem::path ring_path() const { return folder_ / "ring"; }

  std::filesystem::path folder_;
  std::shared_ptr<const PassphraseKey> key_;  // copies of this object share it; nothing: plain, or still locked
};

}  // namespace quorumor
