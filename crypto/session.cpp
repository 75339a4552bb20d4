#include "crypto/session.h"

#include "base/assert.h"

namespace quorumor {

PairKeys derive_pair_keys(const Secret<32>& shared, const EpochSecrets& epoch, const ClusterId& cluster,
                          const NodeId& own_id, const SessionPublicKey& own_key, const NodeId& peer_id,
                          const SessionPublicKey& peer_key) noexcept {
  QUORUMOR_ASSERT(shared && epoch.mixing_key);
  QUORUMOR_ASSERT(own_id != peer_id);
  const bool own_is_low = own_id < peer_id;
  const NodeId& id_low = own_is_low ? own_id : peer_id;
  const NodeId& id_high = own_is_low ? peer_id : own_id;
  const SessionPublicKey& key_low = own_is_low ? own_key : peer_key;
  const SessionPublicKey& key_high = own_is_low ? peer_key : own_key;

  auto derived = Secret<64>::zeroed();
  keyed_hash(derived.bytes(), epoch.mixing_key.bytes(), "quorumor pair",
             {cluster, shared.bytes(), id_low, key_low, id_high, key_high});
  if (own_is_low) return {std::move(derived)};

  PairKeys out{Secret<64>::zeroed()};
  std::memcpy(out.both.data(), derived.data() + 32, 32);
  std::memcpy(out.both.data() + 32, derived.data(), 32);
  return out;
}

}  // namespace quorumor
