// ClusterId: what makes two clusters different for good. BLAKE2b-256 over a domain, the authority's public key
// and the label. It enters every signature and key derivation, so that two clusters, or one company's LAN and
// WAN pools, can never merge by a mistaken join.
#pragma once

#include "crypto/hash.h"

#include <string_view>

namespace quorumor {

using ClusterId = Digest;
using NodeId = ByteArray<16>;  // random, chosen by the authority: nobody grinds an id next to a victim

ClusterId make_cluster_id(const ByteArray<32>& authority, std::string_view label) noexcept;

// The first 8 bytes of an id, little-endian: what a short frame's masked header carries.
inline std::uint64_t id_prefix(const NodeId& id) noexcept { return load_le<std::uint64_t>(id.data()); }

}  // namespace quorumor

template <>
struct std::hash<quorumor::NodeId> {  // ids are random: their own bytes are a hash
  std::size_t operator()(const quorumor::NodeId& id) const noexcept {
    return static_cast<std::size_t>(quorumor::load_le<std::uint64_t>(id.data() + 8));
  }
};
