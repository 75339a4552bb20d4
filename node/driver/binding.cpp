#include "node/driver/binding.h"

#include "node/driver/asio_endpoint.h"
#include "node/driver/host_port.h"
#include "wire/limits.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>

namespace quorumor {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

static_assert(kBindingsMax == limits::kEndpoints);
// With port 0, UDP takes a free port, which TCP may not have free. Each attempt has a new port.
constexpr int kPortAttempts = 16;
constexpr int kBacklog = 128;

Failure bind_failure(const Endpoint& at, const char* protocol, const error_code& error) {
  const std::string where = std::string{protocol} + " " + at.to_string();
  if (error == asio::error::address_in_use) {
    return fail("cannot listen on " + where + ": the port is in use; stop what uses it (ss -lnptu shows it) or " +
                "bind another port");
  }
  if (error == asio::error::access_denied) {
    return fail("cannot listen on " + where + ": permission denied; ports below 1024 need CAP_NET_BIND_SERVICE");
  }
  if (error == error_code{EADDRNOTAVAIL, boost::system::system_category()}) {
    return fail("cannot listen on " + where + ": no interface of this machine has that address; bind one that " +
                "`ip address` shows");
  }
  return fail("cannot listen on " + where + ": " + error.message());
}

error_code open_acceptor(tcp::acceptor& acceptor, const Endpoint& at, std::uint32_t scope) {
  const tcp::endpoint endpoint = to_asio<tcp>(at, scope);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error && at.family == Endpoint::Family::v6) acceptor.set_option(asio::ip::v6_only{true}, error);
  // Without it, connections of the previous run that linger in TIME_WAIT would forbid a restart. (UDP has no such
  // state; there the option would let a second process take our datagrams.)
  if (!error) acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

Fallible<Binding> bind_one(asio::io_context& loop, const Resolved& where) {
  for (int attempt = 1;; ++attempt) {
    Binding out{std::make_shared<UdpSocket>(loop), tcp::acceptor{loop}, {}};
    if (const error_code error = out.udp->open(where.endpoint, where.scope)) {
      return bind_failure(where.endpoint, "UDP", error);
    }
    out.at = out.udp->local();
    const error_code error = open_acceptor(out.acceptor, out.at, where.scope);
    if (!error) return out;
    const bool again = where.endpoint.port == 0 && error == asio::error::address_in_use;
    if (!again || attempt == kPortAttempts) return bind_failure(out.at, "TCP", error);
  }
}

}  // namespace

Fallible<std::vector<Binding>> bind_all(asio::io_context& loop, const std::vector<std::string>& bind) {
  if (bind.empty()) return misuse("no address to listen on; give --bind HOST:PORT");
  if (bind.size() > kBindingsMax) {
    return misuse("too many addresses to listen on; at most " + std::to_string(kBindingsMax) + " --bind");
  }
  std::vector<Binding> out;
  for (const std::string& text : bind) {
    BOOST_OUTCOME_TRY(const HostPort name, parse_host_port(text, "--bind"));
    BOOST_OUTCOME_TRY(const std::vector<Resolved> found, resolve(name));
    BOOST_OUTCOME_TRY(Binding made, bind_one(loop, found.front()));
    out.push_back(std::move(made));
  }
  return out;
}

Fallible<std::vector<Endpoint>> choose_advertised(const std::optional<std::string>& advertise,
                                                  const std::vector<Endpoint>& bound) {
  const auto find_bound = [&bound](Endpoint::Family family) {
    return std::find_if(bound.begin(), bound.end(), [family](const Endpoint& e) { return e.family == family; });
  };
  std::vector<Endpoint> out;
  if (!advertise) {
    for (const Endpoint& at : bound) {
      if (is_wildcard(at)) {
        return misuse("listening on " + at.to_string() + " does not say where others can reach this node; give " +
                      "--advertise HOST:PORT, or bind a certain address");
      }
      out.push_back(at);
    }
    return out;
  }
  BOOST_OUTCOME_TRY(const HostPort name, parse_host_port(*advertise, "--advertise"));
  BOOST_OUTCOME_TRY(const std::vector<Resolved> found, resolve(name));
  for (const Resolved& one : found) {
    // The first of each family that this node has a socket for.
    const auto socket = find_bound(one.endpoint.family);
    const auto same = [&one](const Endpoint& other) { return other.family == one.endpoint.family; };
    if (socket == bound.end() || std::any_of(out.begin(), out.end(), same)) continue;
    Endpoint told = one.endpoint;
    if (told.port == 0) told.port = socket->port;
    if (!told.is_unusable()) out.push_back(told);
  }
  if (out.empty()) {
    return misuse("--advertise " + *advertise + " is not an address that others can reach this node at; it must be " +
                  "a unicast address of the same IP version as --bind");
  }
  return out;
}

}  // namespace quorumor
