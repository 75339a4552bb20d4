// A 256-bit sum over digests: equal sets, equal sums, in whatever order they were learned. Additive (mod 2^64, four
// lanes), so that a change costs O(1). The summands are hashes, so that nobody can choose one that cancels another.
#pragma once

#include "base/bytes.h"
#include "crypto/hash.h"

#include <array>

namespace quorumor {

struct DigestSum {
  std::array<std::uint64_t, 4> lanes{};

  void add(const Digest& d) noexcept {
    for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] += load_le<std::uint64_t>(d.data() + 8 * i);
  }
  void remove(const Digest& d) noexcept {
    for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] -= load_le<std::uint64_t>(d.data() + 8 * i);
  }
  friend bool operator==(const DigestSum&, const DigestSum&) = default;
};

}  // namespace quorumor
