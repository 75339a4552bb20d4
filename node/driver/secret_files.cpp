#include "node/driver/secret_files.h"

#include "base/codec.h"
#include "node/driver/sealed_file.h"
#include "node/driver/seed_file.h"
#include "node/driver/system_rng.h"

namespace quorumor {
namespace {

namespace fs = std::filesystem;

constexpr SeedLayout kIdentityLayout{"QIDEN1", "quorumor identity"};
constexpr std::size_t kMagicBytes = 6;
// Reading takes somewhat more than belongs there: what was appended is damage too, and told as such.
constexpr std::size_t kSlack = 4096;

Failure damaged_identity(const fs::path& file) {
  return fail(file.string() +
              " is damaged; restore it from a backup, or make a new node with `quorumor node init` in another"
              " directory and have the authority admit it under another name");
}

Failure damaged_ring(const fs::path& file) {
  return fail(file.string() +
              " is damaged; restore it from a backup, or move it away and start with --join: the"
              " cluster gives its keys again to a member with a valid credential");
}

Failure no_memory() { return fail("not enough memory to use the passphrase (64 MiB); free some and try again"); }

Failure needs_passphrase(const fs::path& file) {
  return fail(file.string() +
              " is sealed with a passphrase; give --passphrase-file FILE or, in a systemd unit, "
              "--passphrase-credential NAME");
}

Failure wrong_passphrase(const fs::path& file) {
  return fail("the passphrase does not open " + file.string() + "; give the right one (nothing was changed)");
}

// The cluster that a serialised ring says it is of; nothing if the ring is damaged.
std::optional<ClusterId> cluster_of(Bytes serialized) {
  Reader r(serialized);
  r.raw(kMagicBytes);
  const ClusterId cluster{r.array<32>()};
  if (r.failed() || !Keyring::deserialize(cluster, serialized)) return std::nullopt;
  return cluster;
}

Fallible<std::shared_ptr<const PassphraseKey>> key_of(Bytes box, Bytes passphrase, const Failure& damaged) {
  auto key = PassphraseKey::of(box, passphrase);
  if (!key && key.error() == PassphraseError::out_of_memory) return no_memory();
  if (!key) return damaged;
  return std::make_shared<const PassphraseKey>(std::move(key).value());
}

}  // namespace

// --- reading ---

Fallible<WipedBytes> SecretFiles::identity_file() const {
  BOOST_OUTCOME_TRY(auto bytes, read_file(identity_path(), kSeedFileBytes + kSealedOverhead + kSlack, Privacy::secret));
  if (bytes) return WipedBytes(std::move(*bytes));
  return fail(identity_path().string() +
              " is missing; restore it from a backup, or make a new node with"
              " `quorumor node init` in an empty directory");
}

Fallible<std::optional<WipedBytes>> SecretFiles::ring_file() const {
  BOOST_OUTCOME_TRY(auto bytes, read_file(ring_path(), kRingBytesMax + kSealedOverhead + kSlack, Privacy::secret));
  if (!bytes) return std::optional<WipedBytes>{};
  return std::optional<WipedBytes>(WipedBytes(std::move(*bytes)));
}

Fallible<bool> SecretFiles::is_sealed() const {
  BOOST_OUTCOME_TRY(const auto stored, identity_file());
  return is_sealed_file(kSealedIdentity, stored.view());
}

Fallible<PublicKey> SecretFiles::public_key() const {
  BOOST_OUTCOME_TRY(const auto stored, identity_file());
  if (is_sealed_file(kSealedIdentity, stored.view())) {
    const auto sealed = parse_sealed_file(kSealedIdentity, stored.view());
    if (!sealed || !is_valid_public_key(sealed->bound)) return damaged_identity(identity_path());
    return sealed->bound;
  }
  const auto key = decode_seed(kIdentityLayout, stored.view());
  if (!key) return damaged_identity(identity_path());
  return key->public_key();
}

Fallible<void> SecretFiles::unlock(const Passphrase& passphrase) {
  BOOST_OUTCOME_TRY(const auto stored, identity_file());
  if (!is_sealed_file(kSealedIdentity, stored.view())) {
    if (!passphrase) return success();
    return fail(folder_.string() + " is not sealed, but a passphrase was given; seal it: `quorumor node seal --dir" +
                " " + shell_word(folder_) + " --passphrase-file FILE`, or leave the passphrase out");
  }
  const auto sealed = parse_sealed_file(kSealedIdentity, stored.view());
  if (!sealed) return damaged_identity(identity_path());
  if (!passphrase) return needs_passphrase(identity_path());
  BOOST_OUTCOME_TRY(key_, key_of(sealed->box, passphrase->view(), damaged_identity(identity_path())));
  const auto opened = identity();
  if (!opened) key_.reset();
  if (!opened) return opened.error();
  return success();
}

Fallible<SigningKey> SecretFiles::identity() const {
  BOOST_OUTCOME_TRY(const auto stored, identity_file());
  const Failure damaged = damaged_identity(identity_path());
  if (!is_sealed_file(kSealedIdentity, stored.view())) {
    auto key = decode_seed(kIdentityLayout, stored.view());
    if (!key) return damaged;
    return std::move(*key);
  }
  const auto sealed = parse_sealed_file(kSealedIdentity, stored.view());
  if (!sealed) return damaged;
  if (!key_) return needs_passphrase(identity_path());
  auto opened = open_sealed_file(kSealedIdentity, *sealed, *key_);
  if (!opened) return wrong_passphrase(identity_path());
  const WipedBytes plain(std::move(opened).value());
  auto key = decode_seed(kIdentityLayout, plain.view());
  if (!key || key->public_key() != sealed->bound) return damaged;
  return std::move(*key);
}

// The serialised ring out of either form. Whose cluster it is, the caller asks.
Fallible<WipedBytes> SecretFiles::open_ring(Bytes stored) const {
  if (!is_sealed_file(kSealedRing, stored)) return WipedBytes(to_vector(stored));
  const auto sealed = parse_sealed_file(kSealedRing, stored);
  if (!sealed) return damaged_ring(ring_path());
  BOOST_OUTCOME_TRY(const bool is_sealed, this->is_sealed());
  if (!is_sealed && !key_) {
    return fail(ring_path().string() + " is sealed and the identity is not: `quorumor node seal --dir " +
                shell_word(folder_) + "` was interrupted; run it again with the same passphrase");
  }
  if (!key_) return needs_passphrase(ring_path());
  if (!key_->has_salt_of(sealed->box)) {
    return fail(ring_path().string() +
                " was sealed at another time than the identity beside it; put the files of one backup back, or"
                " move the ring away and start with --join");
  }
  auto opened = open_sealed_file(kSealedRing, *sealed, *key_);
  if (!opened) return wrong_passphrase(ring_path());
  return WipedBytes(std::move(opened).value());
}

Fallible<std::optional<Keyring>> SecretFiles::ring(const ClusterId& cluster) const {
  BOOST_OUTCOME_TRY(const auto stored, ring_file());
  if (!stored) return std::optional<Keyring>{};
  const Failure foreign = fail(ring_path().string() + " belongs to another cluster than " +
                               (folder_ / "credential").string() +
                               "; put the right files back, or use another directory");
  const auto sealed = parse_sealed_file(kSealedRing, stored->view());
  if (sealed && sealed->bound != cluster) return foreign;
  BOOST_OUTCOME_TRY(const auto plain, open_ring(stored->view()));
  auto ring = Keyring::deserialize(cluster, plain.view());
  if (ring) return std::optional<Keyring>(std::move(ring).value());
  return ring.error() == RingError::wrong_cluster ? foreign : damaged_ring(ring_path());
}

// --- writing ---

Fallible<void> SecretFiles::write_identity(const SigningKey& identity, Rng& secret_rng) const {
  const WipedBytes plain = encode_seed(kIdentityLayout, identity);
  if (!key_) return replace_secret_file(identity_path(), plain.view());
  return replace_secret_file(identity_path(),
                             seal_file(kSealedIdentity, identity.public_key(), plain.view(), *key_, secret_rng));
}

Fallible<void> SecretFiles::write_ring(Bytes serialized, Rng& secret_rng) const {
  if (!key_) return replace_secret_file(ring_path(), serialized);
  const auto cluster = cluster_of(serialized);
  if (!cluster) return damaged_ring(ring_path());
  return replace_secret_file(ring_path(), seal_file(kSealedRing, *cluster, serialized, *key_, secret_rng));
}

Fallible<void> SecretFiles::store_ring(Bytes serialized) const {
  SystemRng rng;
  return write_ring(serialized, rng);
}

Fallible<void> SecretFiles::create(const SigningKey& identity, const Passphrase& passphrase, Rng& secret_rng) {
  if (passphrase) {
    auto key = PassphraseKey::make(passphrase->view(), secret_rng);
    if (!key) return no_memory();
    key_ = std::make_shared<const PassphraseKey>(std::move(key).value());
  }
  return write_identity(identity, secret_rng);
}

Fallible<void> SecretFiles::seal(const WipedBytes& passphrase, Rng& secret_rng) {
  BOOST_OUTCOME_TRY(const bool is_sealed, this->is_sealed());
  if (is_sealed) {
    return fail(folder_.string() + " is sealed already; to change the passphrase run `quorumor node unseal --dir " +
                shell_word(folder_) + " --passphrase-file OLD` first");
  }
  BOOST_OUTCOME_TRY(const auto identity, this->identity());
  BOOST_OUTCOME_TRY(const auto stored, ring_file());
  // An interrupted one left a sealed ring: its key is the one to go on with.
  const auto left = stored ? parse_sealed_file(kSealedRing, stored->view()) : std::nullopt;
  if (left) {
    BOOST_OUTCOME_TRY(key_, key_of(left->box, passphrase.view(), damaged_ring(ring_path())));
  } else {
    auto key = PassphraseKey::make(passphrase.view(), secret_rng);
    if (!key) return no_memory();
    key_ = std::make_shared<const PassphraseKey>(std::move(key).value());
  }
  if (stored) {
    BOOST_OUTCOME_TRY(const auto plain, open_ring(stored->view()));
    BOOST_OUTCOME_TRYV(write_ring(plain.view(), secret_rng));
  }
  return write_identity(identity, secret_rng);
}

Fallible<void> SecretFiles::unseal(const Passphrase& passphrase) {
  BOOST_OUTCOME_TRY(const bool is_sealed, this->is_sealed());
  if (!is_sealed) return fail(folder_.string() + " is not sealed");
  BOOST_OUTCOME_TRYV(unlock(passphrase));
  BOOST_OUTCOME_TRY(const auto identity, this->identity());
  BOOST_OUTCOME_TRY(const auto stored, ring_file());
  SystemRng unused;
  if (stored) {
    BOOST_OUTCOME_TRY(const auto plain, open_ring(stored->view()));
    if (!cluster_of(plain.view())) return damaged_ring(ring_path());
    key_.reset();
    BOOST_OUTCOME_TRYV(write_ring(plain.view(), unused));
  }
  key_.reset();
  return write_identity(identity, unused);
}

}  // namespace quorumor
