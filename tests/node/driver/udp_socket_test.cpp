#include "node/driver/udp_socket.h"

#include "helpers.h"

#include <boost/asio/post.hpp>

using namespace quorumor;
using test::run_until;

namespace {

struct Sockets {
  boost::asio::io_context loop{1};
  std::vector<std::pair<Endpoint, ByteVector>> got;

  std::shared_ptr<UdpSocket> open(const Endpoint& at) {
    auto out = std::make_shared<UdpSocket>(loop);
    const auto error = out->open(at, 0);
    REQUIRE_MESSAGE(!error, error.message());
    return out;
  }
  UdpSocket::Receive into_got() {
    return [this](const Endpoint& from, Bytes datagram) { got.emplace_back(from, to_vector(datagram)); };
  }
};

const Endpoint kLoopback4 = Endpoint::v4(127, 0, 0, 1, 0);
const Endpoint kLoopback6 = *Endpoint::parse("[::1]:1");

Endpoint with_port(Endpoint e, std::uint16_t port) {
  e.port = port;
  return e;
}

}  // namespace

TEST_CASE("datagrams arrive whole, with the sender's endpoint, over IPv4 and IPv6") {
  for (const Endpoint& at : {kLoopback4, with_port(kLoopback6, 0)}) {
    CAPTURE(at.to_string());
    Sockets s;
    const auto a = s.open(at);
    const auto b = s.open(at);
    CHECK(a->local().port != 0);
    CHECK(a->local().family == at.family);
    b->start(s.into_got());
    CHECK(a->send(b->local(), as_bytes("hello")));
    CHECK(a->send(b->local(), {}));
    REQUIRE(run_until(s.loop, [&] { return s.got.size() == 2; }));
    CHECK(s.got[0].first == a->local());
    CHECK(as_text(s.got[0].second) == "hello");
    CHECK(s.got[1].second.empty());
  }
}

TEST_CASE("an oversized datagram is seen as oversized, not cut to a valid length") {
  Sockets s;
  const auto a = s.open(kLoopback4);
  const auto b = s.open(kLoopback4);
  b->start(s.into_got());
  for (const std::size_t size : {std::size_t{1200}, std::size_t{1201}, std::size_t{9000}}) {
    CHECK(a->send(b->local(), ByteVector(size)));
  }
  REQUIRE(run_until(s.loop, [&] { return s.got.size() == 3; }));
  CHECK(s.got[0].second.size() == 1200);
  CHECK(s.got[1].second.size() == 1201);
  CHECK(s.got[2].second.size() == UdpSocket::kBuffer);
}

TEST_CASE("a flood is taken in batches, and others run between them") {
  Sockets s;
  const auto a = s.open(kLoopback4);
  const auto b = s.open(kLoopback4);
  std::size_t taken = 0;
  std::size_t taken_when_other_ran = 0;
  b->start([&](const Endpoint&, Bytes) {
    if (++taken == 1) boost::asio::post(s.loop, [&] { taken_when_other_ran = taken; });
  });
  const std::size_t sent = UdpSocket::kBatch + 100;
  for (std::size_t i = 0; i < sent; ++i) REQUIRE(a->send(b->local(), as_bytes("x")));
  REQUIRE(run_until(s.loop, [&] { return taken == sent; }));
  CHECK(taken_when_other_ran == UdpSocket::kBatch);
}

TEST_CASE("draining by hand says whether there is more") {
  Sockets s;
  const auto a = s.open(kLoopback4);
  const auto b = s.open(kLoopback4);
  b->start(s.into_got());
  CHECK(b->drain() == UdpSocket::Drained::empty);
  for (std::size_t i = 0; i < UdpSocket::kBatch + 1; ++i) REQUIRE(a->send(b->local(), as_bytes("x")));
  CHECK(b->drain() == UdpSocket::Drained::more);
  CHECK(s.got.size() == UdpSocket::kBatch);
  CHECK(b->drain() == UdpSocket::Drained::empty);
  CHECK(s.got.size() == UdpSocket::kBatch + 1);
}

TEST_CASE("an IPv6 socket takes IPv6 only: the same port is free for IPv4") {
  Sockets s;
  const auto v6 = s.open(Endpoint::v6({}, 0));
  const auto v4 = s.open(Endpoint::v4(0, 0, 0, 0, v6->local().port));
  CHECK(v4->local().port == v6->local().port);
}

TEST_CASE("what cannot be sent is dropped at once") {
  Sockets s;
  const auto a = s.open(kLoopback4);
  CHECK_FALSE(a->send(kLoopback6, as_bytes("x")));                           // no such family on this socket
  CHECK_FALSE(a->send(a->local(), ByteVector(70'000)));                      // no such datagram
  CHECK_FALSE(a->send(Endpoint::v4(255, 255, 255, 255, 9), as_bytes("x")));  // no broadcast
  a->close();
  CHECK_FALSE(a->send(a->local(), as_bytes("x")));
}

TEST_CASE("a port is not shared") {
  Sockets s;
  const auto a = s.open(kLoopback4);
  const auto b = std::make_shared<UdpSocket>(s.loop);
  CHECK(b->open(a->local(), 0) == boost::asio::error::address_in_use);
}

TEST_CASE("closed from within, it delivers nothing more") {
  Sockets s;
  const auto a = s.open(kLoopback4);
  const auto b = s.open(kLoopback4);
  int taken = 0;
  b->start([&](const Endpoint&, Bytes) {
    ++taken;
    b->close();
  });
  for (int i = 0; i < 5; ++i) REQUIRE(a->send(b->local(), as_bytes("x")));
  REQUIRE(run_until(s.loop, [&] { return taken > 0; }));
  test::run_for(s.loop, std::chrono::milliseconds{30});
  CHECK(taken == 1);
}
