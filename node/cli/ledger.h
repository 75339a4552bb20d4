// Whom an authority has admitted: what keeps names unique and bound to keys, ids apart, and serials rising.
// Losing it or rolling it back would let one name go to two keys, so every kind of damage is an error, never
// a shorter ledger.
//
// Text, JSON lines. The first: {"format":"quorumor-ledger-1","cluster":hex,"entries":count}: a ledger cut at
// a line's end shows, and so does one of another cluster. Then one line a member (times in RFC 3339):
//   {"id":hex,"name":..,"zone":..,"roles":[..],"key":hex,"serial":"u64","not_before":..,"not_after":..,
//    "check":hex}
// `check` is the first 8 bytes of a hash over the other fields: a flipped bit in a name shows.
// If it revoked any, the first line also has "revocations":count, and behind the members comes one line each:
//   {"revoked":hex,"serial":"u64","at":..,"reason":..,"check":hex}
// A revocation holds for the serials up to its own; a member whose entry has a higher one was pardoned.
#pragma once

#include "crypto/credential.h"
#include "node/driver/failure.h"
#include "wire/records.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// A member as last issued. The identity, name, serial and times of a credential, and nothing else: so it is
// one.
using LedgerEntry = Credential;

// As many as a cluster's snapshot holds four times over, for those who left.
inline constexpr std::size_t kLedgerEntriesMax = 65536;
inline constexpr std::size_t kLedgerBytesMax = 256 + kLedgerEntriesMax * 2048;

class Ledger {
 public:
  explicit Ledger(const ClusterId& cluster) : cluster_(cluster) {}

  const std::vector<LedgerEntry>& entries() const noexcept {
    return entries_;
  }  // in order of first admission
  const LedgerEntry* find_name(std::string_view name) const noexcept;
  const LedgerEntry* find_key(const PublicKey& key) const noexcept;
  const LedgerEntry* find_id(const NodeId& id) const noexcept;
  bool has_prefix_of(const NodeId& id) const noexcept;
  // Every id's newest, pardoned or not, in the order in which they were first revoked.
  const std::vector<Revocation>& revocations() const noexcept { return revocations_; }
  const Revocation* find_revocation(const NodeId& id) const noexcept;
  // True if a revocation covers this entry's serial.
  bool is_revoked(const LedgerEntry& entry) const noexcept;
  // The first name (or id) that `other` knows more of than this one does: an entry of its own, a greater serial, a
  // later revocation. Nothing: this ledger can stand in for it.
  std::optional<std::string> first_lacking(const Ledger& other) const;
  // Replaces the entry of this id, or adds one.
  void put(LedgerEntry entry);
  // Replaces the revocation of this id, or adds one. Requires: a time of whole seconds.
  void put(Revocation revocation);

  std::string serialize() const;
  // `file` is for messages, which name the line too.
  static Fallible<Ledger> parse(const ClusterId& cluster, std::string_view text, const std::string& file);

 private:
  ClusterId cluster_;
  std::vector<LedgerEntry> entries_;
  std::vector<Revocation> revocations_;
};

}  // namespace quorumor
