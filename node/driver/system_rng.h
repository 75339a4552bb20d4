// The operating system's generator: for keys, ids, and the seed of the core, which gets its randomness as an argument.
#pragma once

#include "base/rng.h"

namespace quorumor {

void system_random(MutableBytes out) noexcept;

class SystemRng final : public Rng {
 public:
  void fill(MutableBytes out) override { system_random(out); }
};

}  // namespace quorumor
