// Whom an authority has admitted: what keeps names unique and bound to keys, ids apart, and serials rising.
// Losing it or rolling it back would let one name go to two keys, so every kind of damage is an error, never
// a shorter ledger.
//
// Text, JSON lines. The first: {"format":"quorumor-ledger-1","cluster":hex,"entries":count}: a ledger cut at
// a line's end shows, and so does one of another cluster. Then one line a member (times in RFC 3339):
//   {"id":hex,"name":..,"zone":..,"roles":[..],"key":hex,"serial":"u64","not_before":..,"not_after":..,
//    "check":hex}
// `check` is the first 8 bytes of a hash over the other fields: a flipped bit in a name shows.
#pragma once

#include "crypto/credential.h"
#include "node/driver/failure.h"

#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// A member as last issued. The identity, name, serial and times of a credential, and nothing else: so it is
// one.
using LedgerEntry = Credential;

// As many as a cluster's snapshot holds four times over, for those who left.
inline constexpr std::size_t kLedgerEntriesMax = 65536;
inline constexpr std::size_t kLedgerBytesMax = 256 + kLedgerEntriesMax * 1024;

class Ledger {
 public:
  explicit Ledger(const ClusterId& cluster) : cluster_(cluster) {}

  const std::vector<LedgerEntry>& entries() const noexcept {
    return entries_;
  }  // in order of first admission
  const LedgerEntry* find_name(std::string_view name) const noexcept;
  const LedgerEntry* find_key(const PublicKey& key) const noexcept;
  bool has_prefix_of(const NodeId& id) const noexcept;
  // Replaces the entry of this id, or adds one.
  void put(LedgerEntry entry);

  std::string serialize() const;
  // `file` is for messages, which name the line too.
  static Fallible<Ledger> parse(const ClusterId& cluster, std::string_view text, const std::string& file);

 private:
  ClusterId cluster_;
  std::vector<LedgerEntry> entries_;
};

}  // namespace quorumor
