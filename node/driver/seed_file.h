// An Ed25519 seed as it lies in a file, a node's identity or an authority's key: magic 6 | seed 32 | BLAKE2b-256
// checksum. The layout's words keep one from being taken for the other.
#pragma once

#include "crypto/sign.h"
#include "node/driver/passphrase_source.h"

#include <optional>

namespace quorumor {

struct SeedLayout {
  std::string_view magic;   // 6 characters
  std::string_view domain;  // of the checksum
};
inline constexpr std::size_t kSeedFileBytes = 6 + 32 + 32;

WipedBytes encode_seed(const SeedLayout& layout, const SigningKey& key);
// Nothing unless it is exactly such an encoding.
std::optional<SigningKey> decode_seed(const SeedLayout& layout, Bytes bytes);

}  // namespace quorumor
