#include "crypto/hash.h"

#include <sodium.h>

#include "base/assert.h"

namespace quorumor {
namespace {

// libsodium zeroes its state when it finishes, so a key or a hashed secret does not stay on the stack.
void blake2b(MutableBytes out, Bytes key, std::string_view domain,
             std::initializer_list<Bytes> parts) noexcept {
  QUORUMOR_ASSERT(!domain.empty() && domain.size() <= 64);
  crypto_init();
  crypto_generichash_blake2b_state state;
  const int started = crypto_generichash_blake2b_init(&state, uchar(key), key.size(), out.size());
  QUORUMOR_ASSERT(started == 0);
  const auto length = static_cast<unsigned char>(domain.size());
  crypto_generichash_blake2b_update(&state, &length, 1);
  crypto_generichash_blake2b_update(&state, uchar(as_bytes(domain)), domain.size());
  for (const Bytes part : parts) {
    if (!part.empty()) crypto_generichash_blake2b_update(&state, uchar(part), part.size());
  }
  crypto_generichash_blake2b_final(&state, uchar(out), out.size());
}

}  // namespace

Digest hash(std::string_view domain, std::initializer_list<Bytes> parts) noexcept {
  Digest out;
  blake2b(out, {}, domain, parts);
  return out;
}

std::uint64_t hash_u64(std::string_view domain, std::initializer_list<Bytes> parts) noexcept {
  return load_le<std::uint64_t>(hash(domain, parts).data());
}

void keyed_hash(MutableBytes out, Bytes key, std::string_view domain,
                std::initializer_list<Bytes> parts) noexcept {
  QUORUMOR_ASSERT(out.size() >= 16 && out.size() <= 64);
  QUORUMOR_ASSERT(key.size() >= 16 && key.size() <= 64);
  blake2b(out, key, domain, parts);
}

std::uint64_t siphash(const ByteArray<16>& key, Bytes bytes) noexcept {
  static_assert(crypto_shorthash_siphash24_KEYBYTES == 16 && crypto_shorthash_siphash24_BYTES == 8);
  ByteArray<8> out;
  crypto_shorthash_siphash24(uchar(MutableBytes(out)), uchar(bytes), bytes.size(), uchar(Bytes(key)));
  return load_le<std::uint64_t>(out.data());
}

}  // namespace quorumor
