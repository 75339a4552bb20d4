// HOST[:PORT] as people give it to --bind, --advertise, --join and the admin API: the port may be left out.
#pragma once

#include "node/driver/failure.h"

#include <cstdint>
#include <string>

namespace quorumor {

inline constexpr std::uint16_t kDefaultPort = 7947;
inline constexpr std::size_t kAddressMax = 262;  // a DNS name of 253 characters, brackets or dot, colon and port

enum class PortZero { allowed, refused };  // only a socket to be bound can have it: the system picks one

// Ensures: HOST:PORT that parse_host_port accepts, with `default_port` if there was none. `what` names the option
// (or the JSON key) in the error. A bare IPv6 address is refused: its last group cannot be told from a port.
Fallible<std::string> complete_address(const std::string& text, const std::string& what,
                                       PortZero zero = PortZero::refused, std::uint16_t default_port = kDefaultPort);

}  // namespace quorumor
