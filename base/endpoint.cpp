#include "base/endpoint.h"

#include <arpa/inet.h>
#include <charconv>

namespace quorumor {

Endpoint Endpoint::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                      std::uint16_t port) noexcept {
  Endpoint out;
  out.family = Family::v4;
  out.address[0] = static_cast<std::byte>(a);
  out.address[1] = static_cast<std::byte>(b);
  out.address[2] = static_cast<std::byte>(c);
  out.address[3] = static_cast<std::byte>(d);
  out.port = port;
  return out;
}

Endpoint Endpoint::v6(const ByteArray<16>& address, std::uint16_t port) noexcept {
  static constexpr ByteArray<12> kMapped = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0},
                                            std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0},
                                            std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};
  Endpoint out;
  out.port = port;
  if (std::memcmp(address.data(), kMapped.data(), kMapped.size()) == 0) {
    out.family = Family::v4;
    std::memcpy(out.address.data(), address.data() + 12, 4);
  } else {
    out.family = Family::v6;
    out.address = address;
  }
  return out;
}

bool Endpoint::is_loopback() const noexcept {
  if (family == Family::v4) return address[0] == std::byte{127};
  ByteArray<16> one{};
  one[15] = std::byte{1};
  return family == Family::v6 && address == one;
}

bool Endpoint::is_unusable() const noexcept {
  if (port == 0 || family == Family::none) return true;
  if (family == Family::v6) return address[0] == std::byte{0xff} || address == ByteArray<16>{};
  const auto first = std::to_integer<unsigned>(address[0]);
  return first == 0 || first >= 224;  // this network, multicast, reserved and broadcast
}

std::string Endpoint::to_string() const {
  char text[INET6_ADDRSTRLEN] = "none";
  if (family != Family::none) {
    inet_ntop(family == Family::v4 ? AF_INET : AF_INET6, address.data(), text, sizeof text);
  }
  const std::string host = family == Family::v6 ? "[" + std::string(text) + "]" : std::string(text);
  return host + ":" + std::to_string(port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  // inet_pton reads up to a NUL: what stands behind one must not go unseen.
  if (colon == std::string_view::npos || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::string host(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;

  ByteArray<16> address{};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, host.c_str(), address.data()) != 1) return std::nullopt;
    return v6(address, port);
  }
  if (inet_pton(AF_INET, host.c_str(), address.data()) != 1) return std::nullopt;
  Endpoint out;
  out.family = Family::v4;
  out.address = address;
  out.port = port;
  return out;
}

}  // namespace quorumor
