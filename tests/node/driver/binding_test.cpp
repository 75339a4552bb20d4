#include "node/driver/binding.h"

#include "helpers.h"

#include <sys/socket.h>

using namespace quorumor;
using test::check_message;
using test::message_of;

namespace {

std::string port_text(const Endpoint& e) { return std::to_string(e.port); }

}  // namespace

TEST_CASE("port 0 picks one port for UDP and TCP, each bind its own") {
  boost::asio::io_context loop{1};
  const auto made = bind_all(loop, {"127.0.0.1:0", "[::1]:0"});
  REQUIRE_MESSAGE(made.has_value(), message_of(made));
  REQUIRE(made.value().size() == 2);
  for (const Binding& b : made.value()) {
    CHECK(b.at.port != 0);
    CHECK(b.udp->local() == b.at);
    CHECK(b.acceptor.local_endpoint().port() == b.at.port);
  }
  CHECK(made.value()[0].at.family == Endpoint::Family::v4);
  CHECK(made.value()[1].at.family == Endpoint::Family::v6);
}

TEST_CASE("a name is bound as well as a number") {
  boost::asio::io_context loop{1};
  const auto made = bind_all(loop, {"localhost:0"});
  REQUIRE_MESSAGE(made.has_value(), message_of(made));
  CHECK(made.value()[0].at.is_loopback());
}

TEST_CASE("a port in use is one line that names it and says what to do") {
  boost::asio::io_context loop{1};
  boost::asio::ip::tcp::acceptor tcp{loop, {boost::asio::ip::address_v4::loopback(), 0}};
  const std::string tcp_port = std::to_string(tcp.local_endpoint().port());
  check_message(message_of(bind_all(loop, {"127.0.0.1:" + tcp_port})),
                {"TCP 127.0.0.1:" + tcp_port, "in use", "another port"});
  // The UDP socket of that attempt is gone: nothing stays bound after a failure.
  UdpSocket udp{loop};
  CHECK_FALSE(udp.open(Endpoint::v4(127, 0, 0, 1, tcp.local_endpoint().port()), 0));

  const auto first = bind_all(loop, {"127.0.0.1:0"});
  REQUIRE(first.has_value());
  const std::string port = port_text(first.value()[0].at);
  const auto second = bind_all(loop, {"127.0.0.1:" + port});
  check_message(message_of(second), {"UDP 127.0.0.1:" + port, "in use", "another port"});
  CHECK_FALSE(second.error().usage);
}

TEST_CASE("a restart does not wait for old connections") {
  boost::asio::io_context loop{1};
  namespace ip = boost::asio::ip;
  auto first = bind_all(loop, {"127.0.0.1:0"});
  REQUIRE(first.has_value());
  const Endpoint at = first.value()[0].at;
  {
    ip::tcp::socket client{loop};
    client.connect({ip::address_v4::loopback(), at.port});
    first.value()[0].acceptor.non_blocking(false);
    ip::tcp::socket served = first.value()[0].acceptor.accept();
    served.close();  // first to close: TIME_WAIT is on the listening side
    char byte = 0;
    boost::system::error_code end;
    client.read_some(boost::asio::buffer(&byte, 1), end);
  }
  first.value().clear();
  CHECK(message_of(bind_all(loop, {at.to_string()})).empty());
}

TEST_CASE("addresses that cannot be bound") {
  struct Case {
    const char* bind;
    bool usage;
    std::initializer_list<std::string> parts;
  };
  const Case cases[] = {
      {"127.0.0.1", true, {"--bind", "'127.0.0.1'", "port is missing", "HOST:PORT"}},
      {"127.0.0.1:", true, {"port is missing"}},
      {"127.0.0.1:70000", true, {"0 to 65535"}},
      {"127.0.0.1:-1", true, {"0 to 65535"}},
      {"127.0.0.1:7x", true, {"0 to 65535"}},
      {"::1:7947", true, {"brackets"}},
      {":7947", true, {"host is missing"}},
      {"[]:7947", true, {"host"}},
      {"203.0.113.77:0", false, {"UDP 203.0.113.77:0", "no interface"}},
      {"no-such-host.invalid:1", false, {"cannot resolve 'no-such-host.invalid'"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.bind);
    boost::asio::io_context loop{1};
    const auto made = bind_all(loop, {c.bind});
    check_message(message_of(made), c.parts);
    CHECK(made.error().usage == c.usage);
  }
  boost::asio::io_context loop{1};
  CHECK(message_of(bind_all(loop, {})).find("--bind") != std::string::npos);
  CHECK(message_of(bind_all(loop, std::vector<std::string>(5, "127.0.0.1:0"))).find("at most 4") != std::string::npos);
}

TEST_CASE("what is advertised") {
  const Endpoint any4 = Endpoint::v4(0, 0, 0, 0, 7000);
  const Endpoint any6 = Endpoint::v6({}, 7000);
  const Endpoint host4 = Endpoint::v4(192, 0, 2, 7, 7001);
  const Endpoint host6 = *Endpoint::parse("[2001:db8::7]:7002");
  struct Case {
    const char* what;
    std::optional<std::string> advertise;
    std::vector<Endpoint> bound;
    std::vector<std::string> told;  // empty: refused
  };
  const std::vector<Case> cases = {
      {"what is bound", {}, {host4, host6}, {"192.0.2.7:7001", "[2001:db8::7]:7002"}},
      {"a wildcard cannot be told", {}, {any4}, {}},
      {"nor the IPv6 one", {}, {host4, any6}, {}},
      {"given", "198.51.100.1:9", {any4}, {"198.51.100.1:9"}},
      {"given, replaces all", "198.51.100.1:9", {host4, host6}, {"198.51.100.1:9"}},
      {"port 0 is the bound one", "198.51.100.1:0", {any4}, {"198.51.100.1:7000"}},
      {"IPv6 without an IPv6 socket", "[2001:db8::9]:9", {any4}, {}},
      {"IPv6", "[2001:db8::9]:0", {any4, any6}, {"[2001:db8::9]:7000"}},
      {"a wildcard", "0.0.0.0:9", {any4}, {}},
      {"multicast", "224.0.0.1:9", {any4}, {}},
      {"nonsense", "somewhere", {any4}, {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const auto chosen = choose_advertised(c.advertise, c.bound);
    if (c.told.empty()) {
      check_message(message_of(chosen), {"--advertise"});
      CHECK(chosen.error().usage);
      continue;
    }
    REQUIRE_MESSAGE(chosen.has_value(), message_of(chosen));
    std::vector<std::string> told;
    for (const Endpoint& e : chosen.value()) told.push_back(e.to_string());
    CHECK(told == c.told);
  }
}
