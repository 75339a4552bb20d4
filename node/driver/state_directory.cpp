#include "node/driver/state_directory.h"

#include "base/codec.h"

#include <algorithm>

namespace quorumor {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGenerationMagic = "QGENR1";
constexpr std::size_t kGenerationBytes = 6 + 8 + 32;
// Reading takes somewhat more than belongs there: what was appended is damage too, and told as such.
constexpr std::size_t kSlack = 4096;
constexpr unsigned kGenerationRandomBits = 16;
constexpr std::uint64_t kGenerationTimeMax = (std::uint64_t{1} << 48) - 1;  // milliseconds: the year 10889

constexpr const char* kIdentity = "identity";
constexpr const char* kCredential = "credential";
constexpr const char* kRing = "ring";
constexpr const char* kGeneration = "generation";
constexpr const char* kMembers = "members";
constexpr const char* kVerdicts = "verdicts";

Digest generation_checksum(Bytes bytes) noexcept { return hash("quorumor generation", {bytes}); }

// Nothing if it is damaged.
std::optional<Generation> decode_generation(Bytes bytes) {
  Reader r(bytes);
  const bool has_magic = equal(r.raw(kGenerationMagic.size()), as_bytes(kGenerationMagic));
  const Generation out{r.u64()};
  const auto checksum = r.array<32>();
  if (!r.finish() || !has_magic) return std::nullopt;
  if (checksum != generation_checksum(bytes.first(kGenerationBytes - sizeof checksum))) return std::nullopt;
  return out;
}

bool is_older(const Bundle& bundle, const Bundle& than) noexcept {
  return bundle.credential.credential.serial < than.credential.credential.serial;
}

// Two credentials of one serial: the authority's ledger was rolled back, or two authorities use one key.
bool contradicts(const Bundle& a, const Bundle& b) noexcept {
  return a.credential.credential.serial == b.credential.credential.serial &&
         a.credential.content != b.credential.content;
}

}  // namespace

Fallible<StateDirectory> StateDirectory::create(const fs::path& path, const SigningKey& identity,
                                                const Passphrase& passphrase, Rng& secret_rng) {
  BOOST_OUTCOME_TRYV(make_private_directory(path));
  StateDirectory out(path);
  if (may_exist(path / kIdentity)) {
    return fail(path.string() + " already has an identity; `quorumor node show --dir " + shell_word(path) +
                "` shows it, another node needs another directory");
  }
  BOOST_OUTCOME_TRY(const auto guard, out.lock());  // two at once must not overwrite each other's identity
  static_cast<void>(guard);
  for (const char* name : {kIdentity, kCredential, kRing, kGeneration, kMembers}) {
    if (!may_exist(path / name)) continue;
    return fail(path.string() + " has no identity of its own but already has a " + name +
                "; restore the identity from a backup, or use another directory");
  }
  BOOST_OUTCOME_TRYV(out.secrets_.create(identity, passphrase, secret_rng));
  return out;
}

Fallible<StateDirectory> StateDirectory::create(const fs::path& path, Rng& secret_rng) {
  return create(path, SigningKey::generate(secret_rng), std::nullopt, secret_rng);
}

Fallible<StateDirectory> StateDirectory::open(const fs::path& path) {
  if (!may_exist(path)) {
    return fail(path.string() + " does not exist; `quorumor node init --dir " + shell_word(path) +
                "` makes it");
  }
  BOOST_OUTCOME_TRYV(check_private_directory(path));
  return StateDirectory(path);
}

Fallible<FileLock> StateDirectory::lock() const {
  auto lock = FileLock::acquire(path_ / "lock", "an agent is already running in " + path_.string() +
                                                    "; stop it first: two of one identity look like a clone");
  if (lock) remove_leftovers(path_);
  return lock;
}

Fallible<std::optional<Bundle>> StateDirectory::bundle() const {
  const fs::path file = path_ / kCredential;
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kBundleMax + kSlack, Privacy::secret));
  if (!bytes) return std::optional<Bundle>{};
  auto decoded = decode_bundle(*bytes);
  if (!decoded) {
    return fail(file.string() + " is damaged; install the bundle again with `quorumor node install --dir " +
                shell_word(path_) + " FILE`");
  }
  BOOST_OUTCOME_TRY(const auto key, public_key());
  if (decoded.value().credential.credential.identity != key) {
    return fail(file.string() + " is about another identity than " + (path_ / kIdentity).string() +
                "; install this node's own with `quorumor node install --dir " + shell_word(path_) +
                " FILE`");
  }
  return std::optional<Bundle>(std::move(decoded).value());
}

Fallible<void> StateDirectory::install_bundle(const Bundle& bundle) const {
  BOOST_OUTCOME_TRY(const auto key, public_key());
  const Credential& wanted = bundle.credential.credential;
  if (wanted.identity != key) {
    return fail("this bundle is for another node ('" + wanted.name + "'), not for the identity in " +
                path_.string() + "; have the authority admit this one: `quorumor node show --dir " +
                shell_word(path_) + "` prints its request");
  }
  const fs::path file = path_ / kCredential;
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kBundleMax + kSlack, Privacy::secret));
  const auto old =
      bytes ? decode_bundle(*bytes) : Result<Bundle, CredentialError>(CredentialError::malformed);
  if (old && old.value().cluster() != bundle.cluster()) {
    if (may_exist(path_ / kRing) || may_exist(path_ / kMembers)) {
      return fail(path_.string() + " belongs to the cluster '" + old.value().label +
                  "' and this bundle to '" + bundle.label +
                  "'; a node in another cluster needs another directory (`quorumor node init`)");
    }
  } else if (old && old.value().credential.credential.id == wanted.id) {
    if (is_older(bundle, old.value()) || contradicts(bundle, old.value())) {
      return fail("this bundle (serial " + std::to_string(wanted.serial.value) +
                  ") is no newer than the one in " + path_.string() + " (serial " +
                  std::to_string(old.value().credential.credential.serial.value) +
                  "); have the authority issue a new one");
    }
  }
  return write_file_atomically(file, encode_bundle(bundle), Privacy::secret);
}

Fallible<Snapshot> StateDirectory::snapshot(const ClusterId& cluster, std::string& note) const {
  const fs::path file = path_ / kMembers;
  std::error_code no_size;
  const auto size = fs::file_size(file, no_size);
  const bool is_too_large = !no_size && size > kSnapshotBytesMax;  // damage, like any other
  std::string why = "is damaged";
  if (!is_too_large) {
    BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kSnapshotBytesMax, Privacy::secret));
    if (!bytes) return Snapshot{};
    auto decoded = decode_snapshot(cluster, *bytes);
    if (decoded) return std::move(decoded).value();
    if (decoded.error() == SnapshotError::wrong_cluster) why = "is about another cluster";
  }
  set_aside(file);
  note = file.string() + " " + why + " and was set aside as " + file.filename().string() +
         ".damaged; members will be learnt again from the cluster";
  return Snapshot{};
}

Fallible<void> StateDirectory::store_snapshot(Bytes encoded) const {
  return write_file_atomically(path_ / kMembers, encoded, Privacy::secret);
}

Fallible<std::vector<VerdictRecord>> StateDirectory::verdicts(const ClusterId& cluster) const {
  const fs::path file = path_ / kVerdicts;
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kVerdictBytesMax + kSlack, Privacy::secret));
  if (!bytes) return std::vector<VerdictRecord>{};
  auto decoded = decode_verdicts(cluster, *bytes);
  if (decoded) return std::move(decoded).value();
  if (decoded.error() == VerdictFileError::wrong_cluster) {
    return fail(file.string() + " belongs to another cluster than " + (path_ / kCredential).string() +
                "; put the right files back, or use another directory");
  }
  return fail(file.string() +
              " is damaged, and without it this node would let revoked members in; restore it from a backup, or move it"
              " away and start with --join of a member that you trust: it is learnt again from there");
}

Fallible<void> StateDirectory::store_verdicts(Bytes encoded) const {
  return write_file_atomically(path_ / kVerdicts, encoded, Privacy::secret);
}

Fallible<std::optional<Generation>> StateDirectory::generation() const {
  const fs::path file = path_ / kGeneration;
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kGenerationBytes + kSlack, Privacy::secret));
  if (!bytes) return std::optional<Generation>{};
  const auto decoded = decode_generation(*bytes);
  if (!decoded) {
    return fail(file.string() +
                " is damaged; check that the clock is right, then remove the file: the next start"
                " takes a generation from the clock");
  }
  return decoded;
}

Fallible<Generation> StateDirectory::next_generation(WallTime wall, Rng& rng) const {
  BOOST_OUTCOME_TRY(const auto persisted, generation());
  std::uint64_t time = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_millis(wall), 0));
  if (persisted) time = std::max(time, (persisted->value >> kGenerationRandomBits) + 1);
  if (time > kGenerationTimeMax) {
    return fail((path_ / kGeneration).string() +
                " is at its end, or the clock is beyond the year 10889; set the clock"
                " right, and if that is not enough make a new node with `quorumor node init`");
  }
  const Generation next{time << kGenerationRandomBits |
                        (rng.next_u64() & ((1U << kGenerationRandomBits) - 1))};
  BOOST_OUTCOME_TRYV(store_generation(next));
  return next;
}

Fallible<void> StateDirectory::store_generation(Generation generation) const {
  BOOST_OUTCOME_TRY(const auto persisted, this->generation());
  if (persisted && generation < *persisted) {
    return fail((path_ / kGeneration).string() +
                " already holds a higher generation; was this directory copied?");
  }
  ByteArray<kGenerationBytes> out;
  Writer w(out);
  w.raw(as_bytes(kGenerationMagic));
  w.u64(generation.value);
  w.raw(generation_checksum(w.finish()));
  return write_file_atomically(path_ / kGeneration, w.finish(), Privacy::secret);
}

}  // namespace quorumor
