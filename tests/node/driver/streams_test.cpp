// What streams carry, and how they end.
#include "streams_lab.h"

#include "node/driver/tls.h"

#include <boost/asio/ssl/stream.hpp>

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("dial, accept, the same exporter, data both ways, drained") {
  TwoSides t;
  t.connect();
  CHECK(t.a.seen[1].exporter == t.b.seen[kFirstInbound].exporter);
  CHECK(t.a.seen[1].peer == t.at);
  CHECK(t.b.seen[kFirstInbound].peer.is_loopback());
  const std::string big(300'000, 'x');
  t.a.send(1, "hello ");
  t.a.send(1, big);
  t.b.send(kFirstInbound, "answer");
  REQUIRE(run_until(t.loop, [&] {
    return t.b.seen[kFirstInbound].data.size() == 6 + big.size() && t.a.seen[1].data == "answer" &&
           t.a.seen[1].drained > 0;
  }));
  CHECK(t.b.seen[kFirstInbound].data == "hello " + big);
  CHECK(t.b.counters.streams_accepted == 1);
}

TEST_CASE("who closes hears nothing more; the other hears closed, once") {
  TwoSides t;
  t.connect();
  t.a.close(1);
  REQUIRE(run_until(t.loop, [&] { return t.b.seen[kFirstInbound].closed == 1 && t.all_gone(); }));
  run_for(t.loop, std::chrono::milliseconds{30});
  CHECK(t.a.seen[1].closed == 0);
  CHECK(t.b.seen[kFirstInbound].closed == 1);
  t.a.close(1);  // about an id that is gone: no effect
  t.b.send(kFirstInbound, "x");
}

TEST_CASE("what was sent before close arrives, though the peer's own data was never read") {
  TwoSides t;
  t.connect();
  // b closes as soon as it has heard anything, with a megabyte from a still on its way: closing with unread data
  // must not reset the connection before a has read why.
  t.b.react = [&](StreamId id, const StreamEvent& event) {
    if (event.kind != StreamEvent::Kind::data) return;
    t.b.send(id, "refused: why");
    t.b.close(id);
  };
  t.a.send(1, std::string(1'000'000, 'x'));
  REQUIRE(run_until(t.loop, [&] { return t.a.seen[1].closed == 1 && t.all_gone(); }));
  CHECK(t.a.seen[1].data == "refused: why");
  CHECK(t.b.seen[kFirstInbound].closed == 0);
  CHECK(t.b.seen[kFirstInbound].data.size() <= TlsStream::kReadSize);
}

TEST_CASE("a slow reader still gets all that was sent before close") {
  asio::io_context loop{1};
  Side b{loop};
  const Endpoint at = b.listen();
  const std::string answer(3'000'000, 'x');
  b.react = [&](StreamId id, const StreamEvent& event) {
    if (event.kind != StreamEvent::Kind::data) return;
    b.send(id, answer);
    b.close(id);
  };
  auto contexts = make_tls_contexts();
  REQUIRE(contexts.has_value());
  asio::ssl::stream<tcp::socket> client{loop, contexts.value().client};
  client.next_layer().connect({asio::ip::address_v4::loopback(), at.port});
  const std::string unread(1'000'000, 'y');  // more than b ever reads as data
  std::string heard;
  std::array<char, 16384> buffer{};
  bool ended = false;
  std::function<void()> read = [&] {
    client.async_read_some(asio::buffer(buffer), [&](const boost::system::error_code& error, std::size_t size) {
      heard.append(buffer.data(), size);
      if (error) {
        ended = true;
      } else {
        read();
      }
    });
  };
  client.async_handshake(asio::ssl::stream_base::client, [&](const boost::system::error_code& error) {
    REQUIRE_FALSE(error);
    asio::async_write(client, asio::buffer(unread), [](const boost::system::error_code&, std::size_t) {});
  });
  REQUIRE(run_until(loop, [&] { return !b.seen[kFirstInbound].data.empty(); }));
  run_for(loop, std::chrono::milliseconds{50});
  read();
  REQUIRE(run_until(loop, [&] { return ended; }));
  CHECK(heard.size() == answer.size());
}

TEST_CASE("a peer that never reads cannot hold a closing stream") {
  asio::io_context loop{1};
  StreamsOptions options = Side::default_options();
  options.times.linger = 100ms;
  Side b{loop, options};
  const Endpoint at = b.listen();
  auto contexts = make_tls_contexts();
  REQUIRE(contexts.has_value());
  asio::ssl::stream<tcp::socket> client{loop, contexts.value().client};
  client.next_layer().connect({asio::ip::address_v4::loopback(), at.port});
  client.async_handshake(asio::ssl::stream_base::client, [](const boost::system::error_code&) {});
  REQUIRE(run_until(loop, [&] { return b.seen[kFirstInbound].connected == 1; }));
  b.send(kFirstInbound, std::string(4'000'000, 'x'));
  b.close(kFirstInbound);
  CHECK(b.streams->open() == 1);
  CHECK(run_until(
      loop, [&] { return b.streams->open() == 0; }, std::chrono::milliseconds{2000}));
  CHECK(b.seen[kFirstInbound].closed == 0);
}

TEST_CASE("the peer's end, and a broken connection, are closed") {
  TwoSides t;
  t.connect();
  SUBCASE("the peer is gone") { t.b.streams->close(); }
  SUBCASE("the peer closes") { t.b.close(kFirstInbound); }
  REQUIRE(run_until(t.loop, [&] { return t.a.seen[1].closed == 1; }));
  CHECK(t.a.streams->open() == 0);
}

TEST_CASE("a dial that fails is closed, and never from within the request") {
  asio::io_context loop{1};
  Side a{loop};
  auto bound = bind_all(loop, {"127.0.0.1:0"});
  REQUIRE(bound.has_value());
  const Endpoint nobody = bound.value()[0].at;
  bound.value().clear();
  a.dial(1, nobody);
  CHECK(a.seen[1].closed == 0);
  REQUIRE(run_until(loop, [&] { return a.seen[1].closed == 1; }));
  CHECK(a.seen[1].connected == 0);

  SUBCASE("unless the core closed it first") {
    a.dial(2, nobody);
    a.close(2);
    run_for(loop, std::chrono::milliseconds{30});
    CHECK(a.seen[2].closed == 0);
    CHECK(a.streams->open() == 0);
  }
}

TEST_CASE("requests made while an event is being delivered") {
  TwoSides t;
  t.a.react = [&](StreamId id, const StreamEvent& event) {
    if (event.kind == StreamEvent::Kind::connected) t.a.send(id, "first");
    if (event.kind == StreamEvent::Kind::drained && t.a.seen[id].drained == 1) t.a.send(id, " second");
  };
  t.b.react = [&](StreamId id, const StreamEvent&) {
    if (t.b.seen[id].data == "first second") t.b.close(id);
  };
  t.a.dial(1, t.at);
  REQUIRE(run_until(t.loop, [&] { return t.a.seen[1].closed == 1 && t.all_gone(); }));
  CHECK(t.b.seen[kFirstInbound].data == "first second");
}

TEST_CASE("after close nothing is delivered and nothing listens") {
  TwoSides t;
  t.connect();
  t.a.send(1, "x");
  t.b.streams->close();
  run_until(t.loop, [&] { return t.a.seen[1].closed == 1; });
  CHECK(t.b.seen[kFirstInbound].closed == 0);
  tcp::socket late{t.loop};
  boost::system::error_code error;
  late.connect({asio::ip::address_v4::loopback(), t.at.port}, error);
  CHECK(error == asio::error::connection_refused);
}
