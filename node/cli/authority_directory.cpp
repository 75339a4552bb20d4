#include "node/cli/authority_directory.h"

#include "base/assert.h"
#include "crypto/passphrase.h"
#include "node/cli/authority_key.h"
#include "node/driver/suggest.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace quorumor {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kAuthority = "authority";
constexpr const char* kKey = "key";
constexpr const char* kLedger = "ledger";
constexpr std::string_view kFormat = "quorumor-authority-1";
constexpr std::string_view kStandbyFormat = "quorumor-authority-standby-1";
constexpr std::string_view kBackupFormat = "quorumor-authority-backup-1";
constexpr std::size_t kSmallFileMax = 4096;  // the description, and the key sealed or not

Digest backup_checksum(std::string_view text) noexcept {
  return hash("quorumor authority backup", {as_bytes(text)});
}

struct Description {
  std::string label;
  PublicKey key{};
  Authorities authorities;
};

std::string encode_description(const std::string& label, const PublicKey& key, const Authorities& authorities) {
  const bool is_standby = key != authorities.root();
  json::object out;
  out["format"] = is_standby ? kStandbyFormat : kFormat;
  out["label"] = label;
  out["key"] = to_hex(key);
  out["cluster"] = to_hex(authorities.cluster());
  if (is_standby) {
    out["root"] = to_hex(authorities.root());
    json::array chain;
    for (const ByteVector& record : authorities.endorsements()) chain.push_back(json::string(to_hex(record)));
    out["endorsements"] = std::move(chain);
  }
  return json::serialize(out) + "\n";
}

std::optional<json::object> parse_object(std::string_view text) {
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::string> text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

// A standby's: nothing unless each is signed by the root or by one before it.
std::optional<Authorities> decode_chain(const json::object& object, const std::string& label) {
  const auto root = array_from_hex<32>(text_at(object, "root").value_or(""));
  const json::value* chain = object.if_contains("endorsements");
  if (!root || chain == nullptr || !chain->is_array()) return std::nullopt;
  Authorities out(*root, make_cluster_id(*root, label));
  for (const json::value& each : chain->get_array()) {
    const auto record = each.is_string() ? from_hex(std::string(each.get_string())) : std::nullopt;
    if (!record || out.endorse(*record) != Authorities::Fit::news) return std::nullopt;
  }
  return out;
}

// Nothing unless it is to the byte what encode_description writes; the cluster id doubles as a checksum.
std::optional<Description> decode_description(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::nullopt;
  const auto label = text_at(*object, "label");
  const auto key = array_from_hex<32>(text_at(*object, "key").value_or(""));
  if (!label || !key || !is_valid_label(*label) || !is_valid_public_key(*key)) return std::nullopt;
  const bool is_standby = text_at(*object, "format") == kStandbyFormat;
  auto authorities = is_standby ? decode_chain(*object, *label)
                                : std::optional(Authorities(*key, make_cluster_id(*key, *label)));
  if (!authorities || !authorities->holds(*key)) return std::nullopt;
  if (encode_description(*label, *key, *authorities) != text) return std::nullopt;
  return Description{*label, *key, std::move(*authorities)};
}

// A new authority's directory, or why there cannot be one here.
Fallible<void> make_place(const fs::path& path) {
  BOOST_OUTCOME_TRYV(make_private_directory(path));
  for (const char* name : {kAuthority, kKey, kLedger}) {
    if (!may_exist(path / name)) continue;
    return fail(path.string() + " already holds an authority (" + name + "); use another directory");
  }
  return success();
}

std::optional<Failure> check_label(const std::string& label) {
  if (is_valid_label(label)) return std::nullopt;
  return misuse("--label '" + label +
                "' is no label; it takes 1 to 64 characters of a-z, 0-9, '.', '_', '-', '/'");
}

}  // namespace

Fallible<AuthorityDirectory> AuthorityDirectory::create(const fs::path& path, const std::string& label,
                                                        const Passphrase& passphrase, Rng& secret_rng) {
  if (const auto problem = check_label(label)) return *problem;
  BOOST_OUTCOME_TRYV(make_place(path));
  const SigningKey key = SigningKey::generate(secret_rng);
  BOOST_OUTCOME_TRY(const auto stored, seal_key(key, passphrase, secret_rng));
  const PublicKey& root = key.public_key();
  AuthorityDirectory out(path, label, root, Authorities(root, make_cluster_id(root, label)));
  BOOST_OUTCOME_TRYV(out.write(stored.view(), Ledger(out.cluster())));
  return out;
}

Fallible<AuthorityDirectory> AuthorityDirectory::create_from(const fs::path& path, const std::string& label,
                                                             const AuthorityDirectory& from,
                                                             const Passphrase& passphrase, Rng& secret_rng) {
  if (const auto problem = check_label(label)) return *problem;
  if (from.is_standby()) {
    return misuse("--from " + from.path_.string() + " is a standby of '" + from.label_ +
                  "': its key founds no cluster; leave --from out, or name the authority that was made by `init`");
  }
  // Two ledgers of one cluster would give one name to two keys.
  if (label == from.label_)
    return misuse("--label '" + label + "' is the label of " + from.path_.string() + " itself");
  BOOST_OUTCOME_TRY(auto stored, from.key_file());
  const bool must_open = passphrase.has_value() || !is_passphrase_box(stored.view());
  if (must_open) {
    BOOST_OUTCOME_TRY(const auto key, from.key(passphrase));
    BOOST_OUTCOME_TRY(stored, seal_key(key, passphrase, secret_rng));
  }
  BOOST_OUTCOME_TRYV(make_place(path));
  const PublicKey& root = from.public_key_;
  AuthorityDirectory out(path, label, root, Authorities(root, make_cluster_id(root, label)));
  BOOST_OUTCOME_TRYV(out.write(stored.view(), Ledger(out.cluster())));
  return out;
}

Fallible<AuthorityDirectory> AuthorityDirectory::endorse(const fs::path& path, const SigningKey& key,
                                                         const Passphrase& passphrase, WallTime now,
                                                         Rng& secret_rng) const {
  Authorities chain = authorities_;
  if (chain.full()) {
    return fail(path_.string() + " is the last of a chain of " + std::to_string(kEndorsedMax) +
                " standby authorities, and no node takes more; endorse from an earlier one");
  }
  if (now < WallTime{} || now > kEndorsementTimeMax) return fail("the clock is outside 1970 to 2200; set it right");
  BOOST_OUTCOME_TRY(const auto guard, lock());
  static_cast<void>(guard);
  BOOST_OUTCOME_TRY(const auto known, ledger());
  BOOST_OUTCOME_TRYV(make_place(path));
  const SigningKey fresh = SigningKey::generate(secret_rng);
  BOOST_OUTCOME_TRY(const auto stored, seal_key(fresh, passphrase, secret_rng));
  const auto signed_for = chain.endorse(sign_endorsement(key, cluster(), {fresh.public_key(), now}));
  QUORUMOR_ASSERT(signed_for == Authorities::Fit::news);
  AuthorityDirectory out(path, label_, fresh.public_key(), std::move(chain));
  BOOST_OUTCOME_TRYV(out.write(stored.view(), known));
  return out;
}

Fallible<void> AuthorityDirectory::refresh(const AuthorityDirectory& from) const {
  if (!is_standby() || from.cluster() != cluster() || from.public_key_ == public_key_) {
    return fail(path_.string() + " holds an authority that is no standby of " + from.path_.string() +
                "; give --out another directory");
  }
  BOOST_OUTCOME_TRY(const auto guard, lock());
  static_cast<void>(guard);
  BOOST_OUTCOME_TRY(const auto newer, from.ledger());
  BOOST_OUTCOME_TRY(const auto older, ledger());
  if (const auto beyond = newer.first_lacking(older)) {
    return fail("the ledger of " + path_.string() + " has '" + *beyond + "' beyond that of " + from.path_.string() +
                ": it was used since, and is the one to go on with");
  }
  const std::string lines = newer.serialize();
  return write_file_atomically(path_ / kLedger, as_bytes(lines), Privacy::secret);
}

Fallible<AuthorityDirectory> AuthorityDirectory::open(const fs::path& path) {
  const fs::path file = path / kAuthority;
  if (!may_exist(path)) {
    return fail(path.string() + " does not exist; `quorumor authority init --label LABEL --out " +
                shell_word(path) + "` makes it");
  }
  BOOST_OUTCOME_TRYV(check_private_directory(path));
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kSmallFileMax, Privacy::secret));
  if (!bytes) {
    return fail(file.string() +
                " is missing: this is no authority's directory; `quorumor authority init` makes one");
  }
  auto description = decode_description(as_text(*bytes));
  if (!description) return needs_restore(file.string() + " is damaged");
  return AuthorityDirectory(path, description->label, description->key, std::move(description->authorities));
}

Fallible<FileLock> AuthorityDirectory::lock() const {
  auto lock = FileLock::acquire(path_ / "lock", path_.string() + " is in use by another command; try again");
  if (lock) remove_leftovers(path_);
  return lock;
}

// The description comes last: until it is there, this is no authority. What a failure leaves is taken away
// again, so that the command can be repeated.
Fallible<void> AuthorityDirectory::write(Bytes key_file, const Ledger& ledger) const {
  const std::string lines = ledger.serialize();
  auto written = write_file_atomically(path_ / kKey, key_file, Privacy::secret);
  if (written) written = write_file_atomically(path_ / kLedger, as_bytes(lines), Privacy::secret);
  if (written) {
    const std::string description = encode_description(label_, public_key_, authorities_);
    written = write_file_atomically(path_ / kAuthority, as_bytes(description), Privacy::secret);
  }
  if (written) return success();
  std::error_code ignored;
  for (const char* name : {kAuthority, kKey, kLedger}) fs::remove(path_ / name, ignored);
  return written;
}

Fallible<WipedBytes> AuthorityDirectory::key_file() const {
  const fs::path file = path_ / kKey;
  BOOST_OUTCOME_TRY(auto bytes, read_file(file, kSmallFileMax, Privacy::secret));
  if (!bytes) return needs_restore(file.string() + " is missing");
  return WipedBytes(std::move(*bytes));
}

Fallible<bool> AuthorityDirectory::is_sealed() const {
  BOOST_OUTCOME_TRY(const auto stored, key_file());
  return is_passphrase_box(stored.view());
}

Fallible<SigningKey> AuthorityDirectory::key(const Passphrase& passphrase) const {
  const fs::path file = path_ / kKey;
  BOOST_OUTCOME_TRY(const auto stored, key_file());
  BOOST_OUTCOME_TRY(auto key, open_key(stored.view(), passphrase, file));
  if (key.public_key() != public_key_) {
    return needs_restore(file.string() + " is not the key that " + (path_ / kAuthority).string() + " names");
  }
  return key;
}

Fallible<Ledger> AuthorityDirectory::ledger() const {
  const fs::path file = path_ / kLedger;
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kLedgerBytesMax, Privacy::secret));
  if (!bytes) return needs_restore(file.string() + " is missing");
  return Ledger::parse(cluster(), as_text(*bytes), file.string());
}

Fallible<Bundle> AuthorityDirectory::admit(const Admission& admission, const SigningKey& key, WallTime now,
                                           Rng& rng) const {
  BOOST_OUTCOME_TRY(const auto guard, lock());
  static_cast<void>(guard);
  BOOST_OUTCOME_TRY(auto known, ledger());
  BOOST_OUTCOME_TRY(const auto entry, plan_admission(known, admission, now, rng));
  known.put(entry);
  const std::string lines = known.serialize();
  BOOST_OUTCOME_TRYV(write_file_atomically(path_ / kLedger, as_bytes(lines), Privacy::secret));
  return Bundle{root(), label_, issue_credential(key, cluster(), entry), authorities_.endorsements()};
}

AuthorityRecord AuthorityDirectory::sign(const SigningKey& key,
                                         const std::variant<Revocation, ForceLeave>& what) const {
  return sign_record(key, authorities_, label_, what);
}

Fallible<NodeId> AuthorityDirectory::find_member(const std::string& word) const {
  BOOST_OUTCOME_TRY(const auto known, ledger());
  if (const LedgerEntry* entry = known.find_name(word)) return entry->id;
  if (const auto id = array_from_hex<16>(word)) return *id;
  std::vector<std::string> names;
  for (const LedgerEntry& entry : known.entries()) names.push_back(entry.name);
  const auto near = suggest(word, names);
  return fail("this authority admitted nobody as '" + word + "'" +
              (near ? "; did you mean '" + *near + "'?" : "; give a name of `quorumor authority list`, or an id"));
}

Fallible<AuthorityRecord> AuthorityDirectory::revoke(const NodeId& id, const std::string& reason, const SigningKey& key,
                                                     WallTime now) const {
  BOOST_OUTCOME_TRY(const auto guard, lock());
  static_cast<void>(guard);
  BOOST_OUTCOME_TRY(auto known, ledger());
  const LedgerEntry* entry = known.find_id(id);
  const Revocation* before = known.find_revocation(id);
  const bool is_again = before != nullptr && (entry == nullptr || known.is_revoked(*entry));
  if (is_again) return sign(key, *before);

  Revocation revocation;
  revocation.id = id;
  revocation.serial = Serial{static_cast<std::uint64_t>(std::max<std::int64_t>(unix_seconds(now), 0))};
  if (entry != nullptr) revocation.serial = std::max(revocation.serial, entry->serial);
  revocation.at = wall_from_seconds(unix_seconds(now));
  revocation.reason = reason;
  if (!is_valid(revocation)) {
    return misuse("--reason takes at most " + std::to_string(limits::kRevocationReason) +
                  " printable ASCII characters (and the clock must be right)");
  }
  known.put(revocation);
  const std::string lines = known.serialize();
  BOOST_OUTCOME_TRYV(write_file_atomically(path_ / kLedger, as_bytes(lines), Privacy::secret));
  return sign(key, revocation);
}

Fallible<WipedBytes> AuthorityDirectory::backup() const {
  BOOST_OUTCOME_TRY(const auto guard, lock());
  static_cast<void>(guard);
  BOOST_OUTCOME_TRY(const auto stored, key_file());
  BOOST_OUTCOME_TRY(const auto known, ledger());
  if (!is_passphrase_box(stored.view())) {
    BOOST_OUTCOME_TRYV(key(std::nullopt));  // no backup of a damaged key
  }
  json::object out;
  out["format"] = kBackupFormat;
  out["authority"] = encode_description(label_, public_key_, authorities_);
  out["key"] = to_hex(stored.view());
  out["ledger"] = known.serialize();
  const std::string check = to_hex(backup_checksum(json::serialize(out)));
  out["check"] = check;
  std::string text = json::serialize(out) + "\n";
  WipedBytes content(to_vector(as_bytes(text)));
  wipe({reinterpret_cast<std::byte*>(text.data()), text.size()});
  return content;
}

Fallible<AuthorityDirectory> AuthorityDirectory::restore(const fs::path& path, Bytes backup,
                                                         const std::string& file) {
  const Failure damaged = fail(file + " is damaged or no backup of an authority; use another backup");
  auto object = parse_object(as_text(backup));
  if (!object || text_at(*object, "format") != kBackupFormat) return damaged;
  const auto check = text_at(*object, "check");
  object->erase("check");
  if (!check || *check != to_hex(backup_checksum(json::serialize(*object)))) return damaged;
  auto description = decode_description(text_at(*object, "authority").value_or(""));
  const auto key = from_hex(text_at(*object, "key").value_or(""));
  const auto lines = text_at(*object, "ledger");
  if (!description || !key || !lines) return damaged;

  AuthorityDirectory out(path, description->label, description->key, std::move(description->authorities));
  const WipedBytes stored(*key);
  BOOST_OUTCOME_TRY(const auto ledger, Ledger::parse(out.cluster(), *lines, file + " (ledger)"));
  BOOST_OUTCOME_TRYV(make_place(path));
  BOOST_OUTCOME_TRYV(out.write(stored.view(), ledger));
  return out;
}

}  // namespace quorumor
