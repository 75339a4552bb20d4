// Random numbers as an argument. The core holds two of these: one whose draws may show on the wire (nonces),
// one whose draws must stay secret (whom to contact next). They are separate streams, so that seeing the
// first says nothing about the second (crypto/drbg.h implements both from one boot seed).
// No std distribution is used anywhere: they differ between standard libraries, and a trace must not.
#pragma once

#include "base/assert.h"
#include "base/bytes.h"

#include <cstdint>
#include <span>
#include <utility>

namespace quorumor {

class Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(MutableBytes out) = 0;

  std::uint64_t next_u64() {
    ByteArray<8> raw;
    fill(raw);
    return load_le<std::uint64_t>(raw.data());
  }

  // Uniform in [0, n), without bias (rejection). Requires: n > 0.
  std::uint64_t below(std::uint64_t n) {
    QUORUMOR_ASSERT(n > 0);
    const std::uint64_t unbiased_from = (0 - n) % n;  // 2^64 mod n
    for (;;) {
      const std::uint64_t draw = next_u64();
      if (draw >= unbiased_from) return draw % n;
    }
  }

  // Fisher-Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      using std::swap;
      swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
    }
  }
};

}  // namespace quorumor
