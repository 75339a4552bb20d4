// How a node's secret files look when a passphrase seals them:
//   magic 6 | bound 32 | "QSEAL1" box (crypto/passphrase.h) | BLAKE2b-256 checksum over all before
// `bound` is what the file is about (an identity's public key, a ring's cluster id): it is authenticated with the box,
// can be read without the passphrase, and so tells a foreign file. The checksum tells damage from a wrong passphrase,
// which to the box alone look the same. It is no secret and proves nothing.
#pragma once

#include "base/bytes.h"
#include "crypto/passphrase.h"

#include <optional>

namespace quorumor {

struct SealedKind {
  std::string_view magic;  // 6 bytes
  std::string_view purpose;
};
inline constexpr SealedKind kSealedIdentity{"QIDNS1", "quorumor identity"};
inline constexpr SealedKind kSealedRing{"QRNGS1", "quorumor ring"};
inline constexpr std::size_t kSealedOverhead = 6 + 32 + kPassphraseBoxOverhead + 32;  // bytes

struct SealedFile {
  ByteArray<32> bound{};
  Bytes box;  // into the bytes that were parsed
};

ByteVector seal_file(const SealedKind& kind, const ByteArray<32>& bound, Bytes plain, const PassphraseKey& key,
                     Rng& secret_rng);
// True if it says to be one, whether or not it is whole.
bool is_sealed_file(const SealedKind& kind, Bytes bytes) noexcept;
// Nothing if it is damaged.
std::optional<SealedFile> parse_sealed_file(const SealedKind& kind, Bytes bytes);
// The caller wipes it. On error: wrong_passphrase.
Result<ByteVector, PassphraseError> open_sealed_file(const SealedKind& kind, const SealedFile& file,
                                                     const PassphraseKey& key);

}  // namespace quorumor
