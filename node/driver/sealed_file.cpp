#include "node/driver/sealed_file.h"

#include "base/codec.h"
#include "crypto/hash.h"

#include <string>

namespace quorumor {
namespace {

constexpr std::size_t kChecksum = 32;

Digest checksum(Bytes bytes) noexcept { return hash("quorumor sealed file", {bytes}); }

std::string purpose_of(const SealedKind& kind, const ByteArray<32>& bound) {
  return std::string(kind.purpose) + std::string(as_text(bound));
}

}  // namespace

ByteVector seal_file(const SealedKind& kind, const ByteArray<32>& bound, Bytes plain, const PassphraseKey& key,
                     Rng& secret_rng) {
  ByteVector out(kSealedOverhead + plain.size());
  Writer w(out);
  w.raw(as_bytes(kind.magic));
  w.raw(bound);
  w.raw(key.seal(plain, purpose_of(kind, bound), secret_rng));
  w.raw(checksum(w.finish()));
  QUORUMOR_ASSERT(w.finish().size() == out.size());
  return out;
}

bool is_sealed_file(const SealedKind& kind, Bytes bytes) noexcept {
  return bytes.size() >= kind.magic.size() && equal(bytes.first(kind.magic.size()), as_bytes(kind.magic));
}

std::optional<SealedFile> parse_sealed_file(const SealedKind& kind, Bytes bytes) {
  if (!is_sealed_file(kind, bytes) || bytes.size() < kSealedOverhead) return std::nullopt;
  const Bytes body = bytes.first(bytes.size() - kChecksum);
  if (!equal(checksum(body), bytes.last(kChecksum))) return std::nullopt;
  Reader r(body.subspan(kind.magic.size()));
  SealedFile out;
  out.bound = r.array<32>();
  out.box = r.raw(r.left());
  if (!is_passphrase_box(out.box)) return std::nullopt;
  return out;
}

Result<ByteVector, PassphraseError> open_sealed_file(const SealedKind& kind, const SealedFile& file,
                                                     const PassphraseKey& key) {
  return key.open(file.box, purpose_of(kind, file.bound));
}

}  // namespace quorumor
