// The operating system's generator as an Rng, for commands that make keys and ids.
#pragma once

#include "base/rng.h"
#include "crypto/drbg.h"

namespace quorumor {

class SystemRng final : public Rng {
 public:
  void fill(MutableBytes out) override { system_random(out); }
};

}  // namespace quorumor
