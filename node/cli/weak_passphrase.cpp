#include "node/cli/weak_passphrase.h"

#include "crypto/authority.h"
#include "node/cli/answer.h"

namespace quorumor {
namespace {

// Argon2id with 64 MiB makes a guess cost about 0.1 s: 50 bits are then millions of core years.
constexpr unsigned kStrengthEnough = 50;

}  // namespace

void warn_if_weak(const Passphrase& passphrase) {
  if (!passphrase) return;
  const unsigned bits = estimate_strength_bits(as_text(passphrase->view()));
  if (bits >= kStrengthEnough) return;
  warn("the passphrase is weak (about " + std::to_string(bits) + " bits): who gets the sealed file can guess it");
}

}  // namespace quorumor
