// Epoch keys: the cluster's symmetric keys, one an epoch, 32 random bytes each. Nothing is ever sealed under
// E_e itself: from it derive (keyed BLAKE2b; domain and ClusterId in each)
//   tag        4 bytes, in the clear at the head of every frame: says which epoch to try
//   header key HChaCha20 key that masks short headers
//   group key  XChaCha20-Poly1305 key of introductions
//   mixing key enters every pair's key derivation (session.h)
// The commitment, BLAKE2b-256 over a domain, the ClusterId and E_e, is what an announcement signs.
#pragma once

#include "base/rng.h"
#include "base/strong.h"
#include "crypto/aead.h"
#include "crypto/cluster.h"

namespace quorumor {

using EpochTag4 = ByteArray<4>;
using Commitment = Digest;

struct EpochKey {
  Secret<32> key;

  static EpochKey generate(Rng& secret_rng) noexcept;
  Commitment commitment(const ClusterId& cluster) const noexcept;
};

// Requires: key holds something.
struct EpochSecrets {
  EpochTag4 tag{};
  Secret<32> header_key;
  Secret<32> group_key;
  Secret<32> mixing_key;

  static EpochSecrets derive(const EpochKey& key, const ClusterId& cluster) noexcept;
};

inline std::uint64_t commitment_prefix(const Commitment& c) noexcept { return load_le<std::uint64_t>(c.data()); }

// An entry of a ring as frames name it: forks share a number, so the commitment's prefix tells them apart.
struct EntryName {
  Epoch epoch;
  std::uint64_t commitment = 0;

  friend bool operator==(const EntryName& a, const EntryName& b) noexcept {
    return a.epoch == b.epoch && a.commitment == b.commitment;
  }
  // The ring's order, in which commitments are compared byte by byte.
  bool stands_before(const EntryName& other) const noexcept {
    if (epoch != other.epoch) return epoch < other.epoch;
    return __builtin_bswap64(commitment) < __builtin_bswap64(other.commitment);
  }
};

}  // namespace quorumor
