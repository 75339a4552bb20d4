// Where a node listens and what it tells others: UDP and TCP on one port for each --bind, IPv4 and IPv6 apart.
#pragma once

#include "node/driver/udp_socket.h"

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <vector>

namespace quorumor {

struct Binding {
  std::shared_ptr<UdpSocket> udp;
  boost::asio::ip::tcp::acceptor acceptor;
  Endpoint at;  // port 0 resolved
};

inline constexpr std::size_t kBindingsMax = 4;  // what a body has room to advertise (limits::kEndpoints)

// Each is HOST:PORT. On error nothing stays bound, and the line names the address.
Fallible<std::vector<Binding>> bind_all(boost::asio::io_context& loop, const std::vector<std::string>& bind);
// What others are told: `advertise` (a port of 0 there: the port that bind got), else what is bound. A wildcard
// cannot be told to anybody. Ensures: 1 to kBindingsMax endpoints, each usable.
Fallible<std::vector<Endpoint>> choose_advertised(const std::optional<std::string>& advertise,
                                                  const std::vector<Endpoint>& bound);

}  // namespace quorumor
