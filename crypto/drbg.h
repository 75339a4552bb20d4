// A deterministic random generator: ChaCha20 with fast key erasure over a 32-byte seed. Given the seed, the
// whole stream is fixed, which is what lets a simulator run the daemon's code; given any output, earlier and
// later output stay secret. The daemon seeds it from the operating system at boot.
#pragma once

#include "base/rng.h"
#include "crypto/secret.h"

#include <string_view>

namespace quorumor {

class Drbg final : public Rng {
 public:
  // Streams of one seed under different labels are independent ("public", "secret").
  Drbg(std::span<const std::byte, 32> seed, std::string_view label) noexcept;
  void fill(MutableBytes out) override;

 private:
  void refill() noexcept;
  static constexpr std::size_t kBlock = 256;  // the first 32 bytes become the next key
  Secret<32> key_;
  Secret<kBlock> block_;
  std::size_t used_ = kBlock;
};

}  // namespace quorumor
