// Bytes as the whole project sees them: spans of std::byte to read, spans to write, fixed arrays for keys,
// digests and ids; little-endian loads and stores; hex for people. Nothing here is for secrets except the
// fixed array sizes: a secret lives in crypto/secret.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;
using ByteVector = std::vector<std::byte>;
template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteVector to_vector(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

inline bool equal(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// libsodium and OpenSSL speak unsigned char.
inline const unsigned char* uchar(Bytes bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* uchar(MutableBytes bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// Little-endian integers. `T` is an unsigned integer type; `from` and `to` hold at least sizeof(T) bytes.
template <class T>
T load_le(const std::byte* from) noexcept {
  static_assert(std::is_unsigned_v<T>);
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(from[i]) << (8 * i)));
  }
  return value;
}
template <class T>
void store_le(std::byte* to, T value) noexcept {
  static_assert(std::is_unsigned_v<T>);
  for (std::size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<std::byte>((value >> (8 * i)) & 0xff);
}

// Lower-case hex, two characters a byte.
std::string to_hex(Bytes bytes);
// Ensures: nothing unless `text` is an even number of hex digits (either case).
std::optional<ByteVector> from_hex(std::string_view text);
// Ensures: nothing unless `text` is exactly 2 * N hex digits.
template <std::size_t N>
std::optional<ByteArray<N>> array_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) return std::nullopt;
  ByteArray<N> out;
  std::memcpy(out.data(), bytes->data(), N);
  return out;
}

}  // namespace quorumor
