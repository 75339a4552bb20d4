#include "crypto/epoch.h"

#include "base/assert.h"

namespace quorumor {

EpochKey EpochKey::generate(Rng& secret_rng) noexcept {
  EpochKey out{Secret<32>::zeroed()};
  secret_rng.fill(out.key.bytes());
  return out;
}

Commitment EpochKey::commitment(const ClusterId& cluster) const noexcept {
  QUORUMOR_ASSERT(key);
  return hash("quorumor commitment", {cluster, key.bytes()});
}

EpochSecrets EpochSecrets::derive(const EpochKey& key, const ClusterId& cluster) noexcept {
  QUORUMOR_ASSERT(key.key);
  const auto derive_key = [&](std::string_view domain) {
    auto out = Secret<32>::zeroed();
    keyed_hash(out.bytes(), key.key.bytes(), domain, {cluster});
    return out;
  };
  EpochSecrets out;
  ByteArray<16> tag;
  keyed_hash(tag, key.key.bytes(), "quorumor tag", {cluster});
  std::memcpy(out.tag.data(), tag.data(), out.tag.size());
  out.header_key = derive_key("quorumor header");
  out.group_key = derive_key("quorumor group");
  out.mixing_key = derive_key("quorumor mixing");
  return out;
}

}  // namespace quorumor
