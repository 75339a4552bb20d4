// Where an authority lives, offline: a directory of mode 0700, its files 0600.
//   authority    JSON: label, public key, cluster id. What `show` needs, without a passphrase. A standby's also names
//                the root, which the cluster is named by, and the endorsements from there to its own key
//   key          authority_key.h
//   ledger       whom it admitted (ledger.h)
//   lock         held while the ledger changes
//
// Who reads the key owns the cluster; who loses it, or the ledger, can admit nobody any more. So nothing here
// is ever overwritten by making or restoring an authority, and a backup holds all three files. A standby
// (crypto/authorities.h) is such a directory too, and everything that an authority does works with it.
#pragma once

#include "crypto/authority.h"
#include "node/cli/admission.h"
#include "node/cli/authority_record.h"
#include "node/driver/passphrase_source.h"

#include <optional>

namespace quorumor {

class AuthorityDirectory {
 public:
  using Passphrase = quorumor::Passphrase;

  // A new key, sealed if there is a passphrase.
  static Fallible<AuthorityDirectory> create(const std::filesystem::path& path, const std::string& label,
                                             const Passphrase& passphrase, Rng& secret_rng);
  // The key of `from` under another label: another cluster of the same authority. A sealed key is copied as
  // it is; with a passphrase it must open, and a plain one gets sealed.
  static Fallible<AuthorityDirectory> create_from(const std::filesystem::path& path, const std::string& label,
                                                  const AuthorityDirectory& from,
                                                  const Passphrase& passphrase, Rng& secret_rng);
  // A standby of this authority: a key of its own, endorsed by `key` (this one's), the same label, the same ledger.
  Fallible<AuthorityDirectory> endorse(const std::filesystem::path& path, const SigningKey& key,
                                       const Passphrase& passphrase, WallTime now, Rng& secret_rng) const;
  // This standby's ledger becomes a copy of `from`'s, unless it has more than that: then it was used itself.
  Fallible<void> refresh(const AuthorityDirectory& from) const;
  static Fallible<AuthorityDirectory> open(const std::filesystem::path& path);
  // From a backup's content. Everything is checked before anything is written; `file` is for messages.
  static Fallible<AuthorityDirectory> restore(const std::filesystem::path& path, Bytes backup,
                                              const std::string& file);

  const std::filesystem::path& path() const noexcept { return path_; }
  const std::string& label() const noexcept { return label_; }
  const PublicKey& public_key() const noexcept { return public_key_; }
  ClusterId cluster() const noexcept { return authorities_.cluster(); }
  const PublicKey& root() const noexcept { return authorities_.root(); }
  bool is_standby() const noexcept { return public_key_ != root(); }
  // The root and the standbys from it to this one; of a root, itself alone.
  const Authorities& authorities() const noexcept { return authorities_; }
  Fallible<bool> is_sealed() const;

  Fallible<SigningKey> key(const Passphrase& passphrase) const;
  Fallible<Ledger> ledger() const;
  // Under the lock: plans, writes the ledger, and only then issues. An id that was given out must never be
  // forgotten; one that is noted and was never delivered costs nothing.
  Fallible<Bundle> admit(const Admission& admission, const SigningKey& key, WallTime now, Rng& rng) const;
  // Whom a word names: an entry's name or id, or an id that the ledger does not know (it may be older than the id).
  Fallible<NodeId> find_member(const std::string& name_or_id) const;
  // Under the lock: notes it in the ledger, then signs. It covers every serial up to now. Again is no error and gives
  // the same record, unless the member was pardoned in between.
  Fallible<AuthorityRecord> revoke(const NodeId& id, const std::string& reason, const SigningKey& key,
                                   WallTime now) const;
  // The order as a file or an agent takes it. Requires: it is valid (wire/records.h); `key` is this authority's.
  AuthorityRecord sign(const SigningKey& key, const std::variant<Revocation, ForceLeave>& what) const;
  // All three files as one, consistent with each other; as secret as the key in it.
  Fallible<WipedBytes> backup() const;

 private:
  AuthorityDirectory(std::filesystem::path path, std::string label, const PublicKey& key, Authorities authorities)
      : path_(std::move(path)), label_(std::move(label)), public_key_(key), authorities_(std::move(authorities)) {}
  Fallible<FileLock> lock() const;
  Fallible<WipedBytes> key_file() const;
  Fallible<void> write(Bytes key_file, const Ledger& ledger) const;

  std::filesystem::path path_;
  std::string label_;
  PublicKey public_key_{};
  Authorities authorities_;
};

// A backup is at most this large: the ledger as a JSON string, and little else.
inline constexpr std::size_t kBackupBytesMax = 2 * kLedgerBytesMax;

}  // namespace quorumor
