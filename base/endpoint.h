// A UDP and TCP address: IPv4 or IPv6 and a port, as a value. Parsing takes numeric addresses only; resolving
// names is the driver's work. IPv4-mapped IPv6 addresses are stored as IPv4, so that one host is one value.
#pragma once

#include "base/bytes.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quorumor {

struct Endpoint {
  enum class Family : std::uint8_t { none = 0, v4 = 4, v6 = 6 };

  Family family = Family::none;
  ByteArray<16> address{};  // network order; v4 uses the first 4, the rest is zero
  std::uint16_t port = 0;

  static Endpoint v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) noexcept;
  static Endpoint v6(const ByteArray<16>& address, std::uint16_t port) noexcept;

  bool is_loopback() const noexcept;
  // Any address that no honest member has: unspecified, multicast, broadcast, or port 0.
  bool is_unusable() const noexcept;

  // "127.0.0.1:7947", "[::1]:7947".
  std::string to_string() const;
  // Ensures: nothing unless `text` is a numeric address with a port, as to_string writes it.
  static std::optional<Endpoint> parse(std::string_view text);

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace quorumor

template <>
struct std::hash<quorumor::Endpoint> {
  std::size_t operator()(const quorumor::Endpoint& e) const noexcept {
    const auto high = quorumor::load_le<std::uint64_t>(e.address.data());
    const auto low = quorumor::load_le<std::uint64_t>(e.address.data() + 8);
    return static_cast<std::size_t>((high * 0x9e3779b97f4a7c15ULL) ^ (low + e.port + (high >> 29)));
  }
};
