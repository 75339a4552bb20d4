#include "node/driver/host_port.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace quorumor {
namespace {

struct FreeInfo {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

Resolved from_info(const addrinfo& info, std::uint16_t port) noexcept {
  Resolved out;
  ByteArray<16> raw{};
  if (info.ai_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, info.ai_addr, sizeof address);
    std::memcpy(raw.data(), &address.sin_addr, 4);
    const auto byte = [&raw](std::size_t i) { return static_cast<std::uint8_t>(raw[i]); };
    out.endpoint = Endpoint::v4(byte(0), byte(1), byte(2), byte(3), port);
  } else {
    sockaddr_in6 address{};
    std::memcpy(&address, info.ai_addr, sizeof address);
    std::memcpy(raw.data(), &address.sin6_addr, raw.size());
    out.endpoint = Endpoint::v6(raw, port);
    out.scope = address.sin6_scope_id;
  }
  return out;
}

}  // namespace

std::string HostPort::to_string() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Fallible<HostPort> parse_host_port(const std::string& text, const std::string& what) {
  const auto refused = [&](const char* why) {
    return misuse(what + " '" + text + "': " + why + "; write HOST:PORT or [IPV6]:PORT");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return refused("the port is missing");
  HostPort out;
  out.host = text.substr(0, colon);
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data() + colon + 1, end, out.port);
  if (error != std::errc{} || last != end) return refused("the port is not a number from 0 to 65535");
  if (out.host.size() >= 2 && out.host.front() == '[' && out.host.back() == ']') {
    out.host = out.host.substr(1, out.host.size() - 2);
  } else if (out.host.find(':') != std::string::npos) {
    return refused("an IPv6 address needs brackets");
  }
  if (out.host.empty()) return refused("the host is missing");
  return out;
}

bool is_numeric(const HostPort& name) noexcept {
  in_addr v4{};
  in6_addr v6{};
  return inet_pton(AF_INET, name.host.c_str(), &v4) == 1 || inet_pton(AF_INET6, name.host.c_str(), &v6) == 1;
}

Fallible<std::vector<Resolved>> resolve(const HostPort& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // one answer an address, instead of one for each kind of socket
  hints.ai_flags = is_numeric(name) ? AI_NUMERICHOST : AI_ADDRCONFIG;
  addrinfo* raw = nullptr;
  const int error = getaddrinfo(name.host.c_str(), nullptr, &hints, &raw);
  const std::unique_ptr<addrinfo, FreeInfo> list{error == 0 ? raw : nullptr};
  std::vector<Resolved> out;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    const Resolved one = from_info(*at, name.port);
    const auto same = [&one](const Resolved& other) { return other.endpoint == one.endpoint; };
    if (std::none_of(out.begin(), out.end(), same)) out.push_back(one);
  }
  if (out.empty()) {
    const char* why = error != 0 ? gai_strerror(error) : "it has no address";
    return fail("cannot resolve '" + name.host + "': " + why);
  }
  return out;
}

}  // namespace quorumor
