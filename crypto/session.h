// Pair keys: what two members seal their frames with. No handshake and no round trip: each derives the same two
// keys from its own session secret, the other's session key (in its signed core) and the epoch's mixing key.
//
//   BLAKE2b-512(key = mixing key, "quorumor pair" || ClusterId || X25519 || id_lo || key_lo || id_hi || key_hi)
//
// lo and hi by id order. The first half seals what lo sends, the second what hi sends. Forging a frame takes
// the epoch key *and* a party's session secret; a wiped epoch is unreadable even to a thief of identity keys.
#pragma once

#include "crypto/cluster.h"
#include "crypto/epoch.h"
#include "crypto/exchange.h"

#include <optional>

namespace quorumor {

struct PairKeys {
  Secret<64> both;       // send key first, receive key second, as seen from here
  std::span<const std::byte, 32> send() const noexcept { return both.bytes().first<32>(); }
  std::span<const std::byte, 32> receive() const noexcept { return both.bytes().last<32>(); }
  explicit operator bool() const noexcept { return static_cast<bool>(both); }
};

// Step 1, once a peer and boot (26 us). Step 2, once a peer and epoch (under 1 us).
// Requires (step 2): own id != peer id.
PairKeys derive_pair_keys(const Secret<32>& shared, const EpochSecrets& epoch, const ClusterId& cluster,
                          const NodeId& own_id, const SessionPublicKey& own_key, const NodeId& peer_id,
                          const SessionPublicKey& peer_key) noexcept;

}  // namespace quorumor
