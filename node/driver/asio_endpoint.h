// Between the project's endpoints and Asio's. Only the sources that own sockets include this.
#pragma once

#include "base/endpoint.h"

#include <boost/asio/ip/address.hpp>

namespace quorumor {

// `Protocol` is boost::asio::ip::udp or tcp. `scope` is the interface of a link-local IPv6 address, else 0.
// Requires: an endpoint with an address.
template <class Protocol>
typename Protocol::endpoint to_asio(const Endpoint& from, std::uint32_t scope = 0) {
  if (from.family == Endpoint::Family::v4) {
    boost::asio::ip::address_v4::bytes_type raw{};
    std::memcpy(raw.data(), from.address.data(), raw.size());
    return {boost::asio::ip::address_v4{raw}, from.port};
  }
  boost::asio::ip::address_v6::bytes_type raw{};
  std::memcpy(raw.data(), from.address.data(), raw.size());
  return {boost::asio::ip::address_v6{raw, scope}, from.port};
}

template <class AsioEndpoint>
Endpoint from_asio(const AsioEndpoint& from) noexcept {
  const boost::asio::ip::address address = from.address();
  if (address.is_v4()) {
    const auto raw = address.to_v4().to_bytes();
    return Endpoint::v4(raw[0], raw[1], raw[2], raw[3], from.port());
  }
  const auto raw = address.to_v6().to_bytes();
  ByteArray<16> bytes;
  std::memcpy(bytes.data(), raw.data(), raw.size());
  return Endpoint::v6(bytes, from.port());
}

inline bool is_wildcard(const Endpoint& endpoint) noexcept { return endpoint.address == ByteArray<16>{}; }

}  // namespace quorumor
