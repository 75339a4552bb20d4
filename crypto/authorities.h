// Who may speak for a cluster: the authority that founded it (the root), and at most kEndorsedMax standby authorities
// that it, or one that it endorsed, has signed for. So the loss of a key costs no cluster: a standby that was endorsed
// IN ADVANCE takes over, and all that the lost key has signed goes on counting. The ClusterId stays the root's.
//
// Endorsement: content, little-endian, signed under SignDomain::endorsement (the ClusterId is in the signature):
//   version u8 = 1 | key 32 | time i64 ms (1970 to 2200)
// A record is content || signature, 105 bytes, and is no secret.
//
// Rules:
//  * An endorsed key is worth as much as the root: it admits, revokes, and endorses further keys (a chain). Nothing
//    takes an endorsement back; against a key that has LEAKED, root or standby, only a new cluster helps.
//  * A key is held once, whoever endorsed it: further records about it are known. What is full refuses the rest.
//  * Records are held in an order in which each is verified by the root and those before it; so whoever is handed
//    `endorsements()` in that order can take all of them in one go.
// Cost: a record is tried under the root, then under each endorsed key: a forged one costs 1 + kEndorsedMax signature
// checks at most (165 us), where it cost one before; without endorsements nothing has changed.
#pragma once

#include "base/time.h"
#include "crypto/record.h"

#include <optional>
#include <vector>

namespace quorumor {

inline constexpr std::size_t kEndorsedMax = 4;
inline constexpr std::size_t kEndorsementContent = 1 + 32 + 8;
inline constexpr std::size_t kEndorsementRecord = kEndorsementContent + 64;
inline constexpr WallTime kEndorsementTimeMax = wall_from_millis(7'258'118'400'000);  // the year 2200
inline constexpr std::size_t kEndorsementListMax = 1 + kEndorsedMax * (2 + kEndorsementRecord);  // endorsement_list.h

struct Endorsement {
  PublicKey key{};
  WallTime at;
  friend bool operator==(const Endorsement&, const Endorsement&) = default;
};

// Requires: a valid key, a time in the range.
ByteVector encode_endorsement(const Endorsement& endorsement);
// Nothing unless it is exactly an encoding. The signature is not looked at.
std::optional<Endorsement> decode_endorsement(Bytes content) noexcept;
// content || signature.
ByteVector sign_endorsement(const SigningKey& by, const ClusterId& cluster, const Endorsement& endorsement);

class Authorities {
 public:
  enum class Fit : std::uint8_t { news, known, full, refused };

  Authorities(const PublicKey& root, const ClusterId& cluster) : root_(root), cluster_(cluster) {}

  // Verifies, and holds what is news. `refused`: no such record, or signed by nobody who is held (yet).
  Fit endorse(Bytes record);
  // In whatever order they come. True if every key that they name is held now.
  bool endorse_all(std::span<const ByteVector> records);

  // True if the root, or an endorsed key, signed exactly this.
  bool verify(SignDomain domain, Bytes content, const Signature& signature) const noexcept;

  const PublicKey& root() const noexcept { return root_; }
  const ClusterId& cluster() const noexcept { return cluster_; }
  bool holds(const PublicKey& key) const noexcept;
  bool full() const noexcept { return records_.size() == kEndorsedMax; }
  // Each content || signature; at most kEndorsedMax.
  const std::vector<ByteVector>& endorsements() const noexcept { return records_; }
  const std::vector<PublicKey>& endorsed() const noexcept { return keys_; }  // the keys of them

 private:
  PublicKey root_;
  ClusterId cluster_;
  std::vector<PublicKey> keys_;
  std::vector<ByteVector> records_;
};

}  // namespace quorumor
