// From passphrases to keys: Argon2id (RFC 9106), and the sealed box that files at rest use.
#pragma once

#include "base/result.h"
#include "base/rng.h"
#include "crypto/secret.h"

#include <string_view>

namespace quorumor {

enum class PassphraseError : std::uint8_t { out_of_memory, wrong_passphrase, damaged };

struct PassphraseCost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 65536;  // 64 MiB, about 0.1 s
};
// Bounds on what a file may ask for: a tampered header must not make us spend 64 GiB.
inline constexpr std::uint32_t kPassesMax = 16;
inline constexpr std::uint32_t kMemoryKibMax = 1024 * 1024;

Result<Secret<32>, PassphraseError> derive_from_passphrase(Bytes passphrase, const ByteArray<16>& salt,
                                                           PassphraseCost cost) noexcept;

// A self-describing box: "QSEAL1" | passes u32 | memory u32 | salt 16 | nonce 24 | sealed. The header is
// authenticated. `purpose` binds it to its use, so that one kind of file cannot stand in for another.
Result<ByteVector, PassphraseError> seal_with_passphrase(Bytes plain, Bytes passphrase, std::string_view purpose,
                                                         Rng& secret_rng, PassphraseCost cost = {});
// On error: damaged (not such a box, or a cost over the bounds), wrong_passphrase (authentication failed; a
// flipped bit looks the same).
Result<ByteVector, PassphraseError> open_with_passphrase(Bytes box, Bytes passphrase, std::string_view purpose);
bool is_passphrase_box(Bytes bytes) noexcept;

// The same boxes for a process that writes many: Argon2id is paid once, the key stays in guarded memory. All boxes of
// one key share their salt; each has a random nonce of 24 bytes, of which no two are ever alike.
class PassphraseKey {
 public:
  // With a new salt.
  static Result<PassphraseKey, PassphraseError> make(Bytes passphrase, Rng& secret_rng, PassphraseCost cost = {});
  // The key of an existing box. On error: damaged or out_of_memory; whether the passphrase is right, `open` says.
  static Result<PassphraseKey, PassphraseError> of(Bytes box, Bytes passphrase);

  ByteVector seal(Bytes plain, std::string_view purpose, Rng& secret_rng) const;
  // On error as open_with_passphrase. Requires: has_salt_of(box).
  Result<ByteVector, PassphraseError> open(Bytes box, std::string_view purpose) const;
  // True if the box was made by a key of the same salt and cost: then this one may open it.
  bool has_salt_of(Bytes box) const noexcept;

 private:
  Secret<32> key_;
  ByteArray<16> salt_{};
  PassphraseCost cost_;
};
// How much longer a box is than what is in it (bytes).
inline constexpr std::size_t kPassphraseBoxOverhead = 6 + 4 + 4 + 16 + 24 + 16;

}  // namespace quorumor
