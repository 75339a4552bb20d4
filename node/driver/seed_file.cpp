#include "node/driver/seed_file.h"

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

Digest checksum(const SeedLayout& layout, Bytes bytes) noexcept { return hash(layout.domain, {bytes}); }

}  // namespace

WipedBytes encode_seed(const SeedLayout& layout, const SigningKey& key) {
  WipedBytes out{ByteVector(kSeedFileBytes)};
  const auto seed = key.seed();
  Writer w(out.view());
  w.raw(as_bytes(layout.magic));
  w.raw(seed.bytes());
  w.raw(checksum(layout, w.finish()));
  QUORUMOR_ASSERT(w.finish().size() == kSeedFileBytes);
  return out;
}

std::optional<SigningKey> decode_seed(const SeedLayout& layout, Bytes bytes) {
  Reader r(bytes);
  const bool has_magic = equal(r.raw(layout.magic.size()), as_bytes(layout.magic));
  const Bytes seed = r.raw(32);
  const auto sum = r.array<32>();
  if (!r.finish() || !has_magic) return std::nullopt;
  if (sum != checksum(layout, bytes.first(kSeedFileBytes - sizeof sum))) return std::nullopt;
  return SigningKey::from_seed(seed.first<32>());
}

}  // namespace quorumor
