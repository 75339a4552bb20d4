// A node's directory (PROTOCOL section 9): mode 0700, files 0600, looser is refused.
//   identity     "QIDEN1" | Ed25519 seed 32 | BLAKE2b-256 checksum; secret; damaged is a clear error
//   credential   the bundle that the authority issued (crypto/authority.h)
//   ring         Keyring::serialize; secret; damaged is a clear error
//                identity and ring may be sealed with a passphrase (secret_files.h)
//   generation   "QGENR1" | u64 | BLAKE2b-256 checksum; damaged: an error, never a lower generation
//   members      the snapshot; damaged: set aside, reported, costs only speed
//   verdicts     the authority's revocations and force-leaves (node/core/verdict_file.h); damaged is a clear error, for
//                without it a revoked member would be let in again
//   lock         held by the running agent, so that a double start does not look like a clone
//   agent.sock   the admin socket, 0600
// A checksum is over all before it, under a domain of its own, so that no file can stand in for another.
// They tell damage, not malice: who can write here is this node.
#pragma once

#include "crypto/authority.h"
#include "crypto/keyring.h"
#include "node/core/snapshot.h"
#include "node/core/verdict_file.h"
#include "node/driver/file.h"
#include "node/driver/secret_files.h"

#include <optional>
#include <string>

namespace quorumor {

class StateDirectory {
 public:
  // `quorumor node init`: makes the directory and an identity. Refuses one that already has an identity, or
  // that lost its own while the rest is still there.
  static Fallible<StateDirectory> create(const std::filesystem::path& path, Rng& secret_rng);
  // The same with an identity from elsewhere, and sealed if there is a passphrase.
  static Fallible<StateDirectory> create(const std::filesystem::path& path, const SigningKey& identity,
                                         const Passphrase& passphrase, Rng& secret_rng);
  // Checks the directory itself; reads nothing yet.
  static Fallible<StateDirectory> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path socket_path() const { return path_ / "agent.sock"; }

  // The agent's, for as long as it runs. Also clears what a killed predecessor left half-written.
  Fallible<FileLock> lock() const;
  // See secret_files.h, also about what the following need of `unlock`.
  Fallible<void> unlock(const Passphrase& passphrase) { return secrets_.unlock(passphrase); }
  Fallible<bool> is_sealed() const { return secrets_.is_sealed(); }
  Fallible<void> seal(const WipedBytes& passphrase, Rng& rng) { return secrets_.seal(passphrase, rng); }
  Fallible<void> unseal(const Passphrase& passphrase) { return secrets_.unseal(passphrase); }
  Fallible<PublicKey> public_key() const { return secrets_.public_key(); }
  Fallible<SigningKey> identity() const { return secrets_.identity(); }  // fails with what to do if it is missing
  // Verified, and about this directory's identity, or a failure.
  Fallible<std::optional<Bundle>> bundle() const;
  // Checks that the bundle is about this directory's identity. An older serial of the same id is refused, and
  // so is another cluster's where a ring or a snapshot shows that this node has been in one. A damaged
  // credential that is there already is replaced.
  Fallible<void> install_bundle(const Bundle& bundle) const;
  Fallible<std::optional<Keyring>> ring(const ClusterId& cluster) const { return secrets_.ring(cluster); }
  Fallible<void> store_ring(Bytes serialized) const { return secrets_.store_ring(serialized); }
  // A damaged snapshot is set aside: the result is empty and `note` says so.
  Fallible<Snapshot> snapshot(const ClusterId& cluster, std::string& note) const;
  Fallible<void> store_snapshot(Bytes encoded) const;
  Fallible<std::vector<VerdictRecord>> verdicts(const ClusterId& cluster) const;
  Fallible<void> store_verdicts(Bytes encoded) const;
  // max(persisted + 1, wall clock ms) << 16 | 16 random bits, persisted before it is returned. `persisted` is
  // the stored value's upper 48 bits.
  Fallible<Generation> next_generation(WallTime wall, Rng& rng) const;
  // A lower one than is stored is refused: a generation that was used once must never come back.
  Fallible<void> store_generation(Generation generation) const;

 private:
  explicit StateDirectory(std::filesystem::path path) : path_(std::move(path)), secrets_(path_) {}
  Fallible<std::optional<Generation>> generation() const;
  std::filesystem::path path_;
  SecretFiles secrets_;
};

}  // namespace quorumor
