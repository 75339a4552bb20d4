// HOST:PORT as people write it, and what it resolves to. No Asio: getaddrinfo blocks, so callers choose the thread.
#pragma once

#include "base/endpoint.h"
#include "node/driver/failure.h"

#include <vector>

namespace quorumor {

struct HostPort {
  std::string host;  // without the brackets of [::1]:7947
  std::uint16_t port = 0;

  std::string to_string() const;
};

struct Resolved {
  Endpoint endpoint;
  std::uint32_t scope = 0;  // interface of a link-local IPv6 address; only bind needs it
};

// On error: says what a HOST:PORT looks like. `what` names the option in it ("--join").
Fallible<HostPort> parse_host_port(const std::string& text, const std::string& what);
// Blocks as long as the system's resolver does, unless the host is numeric. Ensures: at least one, without repeats,
// in the system's order of preference.
Fallible<std::vector<Resolved>> resolve(const HostPort& name);
// Numeric hosts are resolved at once, without asking anybody.
bool is_numeric(const HostPort& name) noexcept;

}  // namespace quorumor
