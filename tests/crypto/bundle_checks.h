// What holds of every bundle, whoever issued it.
#pragma once

#include "crypto/authority.h"
#include "helpers.h"

namespace quorumor::test {

// Requires: an encoded bundle. Every truncation, every flipped bit and every added byte is refused.
inline void check_is_exact(const ByteVector& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(decode_bundle(Bytes(bytes).first(size)).error() == CredentialError::malformed);
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    CAPTURE(bit);
    CHECK_FALSE(decode_bundle(test::with_bit_flipped(bytes, bit)));
  }
  ByteVector longer = bytes;
  longer.push_back(std::byte{0});
  CHECK(decode_bundle(longer).error() == CredentialError::malformed);
}

}  // namespace quorumor::test
