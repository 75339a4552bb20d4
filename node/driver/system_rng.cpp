#include "node/driver/system_rng.h"

#include <sodium.h>

#include "crypto/secret.h"

namespace quorumor {

void system_random(MutableBytes out) noexcept {
  crypto_init();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

}  // namespace quorumor
