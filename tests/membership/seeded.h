// A generator of its own for each seed and purpose.
#pragma once

#include "base/bytes.h"
#include "crypto/drbg.h"

namespace quorumor::test {

inline Drbg seeded(std::uint64_t seed, std::string_view purpose) {
  ByteArray<32> bytes{};
  store_le(bytes.data(), seed);
  return Drbg{bytes, purpose};
}

}  // namespace quorumor::test
