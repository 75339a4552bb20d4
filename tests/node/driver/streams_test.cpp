#include "node/driver/streams.h"

#include "helpers.h"
#include "node/driver/binding.h"
#include "node/driver/tls.h"

#include <boost/asio/ssl/stream.hpp>

#include <map>

using namespace quorumor;
using test::run_for;
using test::run_until;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct Seen {
  int connected = 0;
  int drained = 0;
  int closed = 0;
  std::string data;
  Endpoint peer;
  ByteArray<32> exporter{};
};

// One node's streams, and everything that its core would have heard.
struct Side {
  explicit Side(asio::io_context& loop, StreamsOptions options = default_options()) : loop_(loop) {
    auto made = Streams::make(
        loop, options, counters, [this](StreamId id, const StreamEvent& event) { on_event(id, event); },
        [](const Endpoint&) { return false; });
    REQUIRE(made.has_value());
    streams = std::move(made).value();
  }
  static StreamsOptions default_options() {
    StreamsOptions out;
    out.loopback_cluster = true;
    return out;
  }
  Endpoint listen() {
    auto bound = bind_all(loop_, {"127.0.0.1:0"});
    REQUIRE(bound.has_value());
    streams->accept_from(std::move(bound.value()[0].acceptor));
    return bound.value()[0].at;
  }
  void ask(StreamRequest::Action action, StreamId id, Endpoint to = {}, std::string_view bytes = {}) {
    StreamRequest request;
    request.action = action;
    request.id = id;
    request.to = to;
    request.bytes = as_bytes(bytes);
    streams->carry_out(request);
  }
  void dial(StreamId id, const Endpoint& to) { ask(StreamRequest::Action::dial, id, to); }
  void send(StreamId id, std::string_view bytes) { ask(StreamRequest::Action::send, id, {}, bytes); }
  void close(StreamId id) { ask(StreamRequest::Action::close, id); }

  void on_event(StreamId id, const StreamEvent& event) {
    Seen& s = seen[id];
    CHECK(s.closed == 0);  // nothing after the end
    switch (event.kind) {
      case StreamEvent::Kind::connected:
        ++s.connected;
        s.peer = event.peer;
        s.exporter = event.exporter;
        break;
      case StreamEvent::Kind::data:
        CHECK(event.data.size() <= TlsStream::kReadSize);
        s.data += as_text(event.data);
        break;
      case StreamEvent::Kind::drained:
        ++s.drained;
        break;
      case StreamEvent::Kind::closed:
        ++s.closed;
        break;
    }
    if (react) react(id, event);
  }

  asio::io_context& loop_;
  DriverCounters counters;
  std::map<StreamId, Seen> seen;
  std::function<void(StreamId, const StreamEvent&)> react;
  std::shared_ptr<Streams> streams;
};

constexpr StreamId kFirstInbound = kInboundStream | 1;

struct TwoSides {
  asio::io_context loop{1};
  Side a{loop};
  Side b{loop};
  Endpoint at = b.listen();

  void connect() {
    a.dial(1, at);
    REQUIRE(run_until(loop, [&] { return a.seen[1].connected == 1 && b.seen[kFirstInbound].connected == 1; }));
  }
  bool all_gone() { return a.streams->open() == 0 && b.streams->open() == 0; }
};

// Somebody who only speaks TCP.
struct Stranger {
  Stranger(asio::io_context& loop, const Endpoint& at) : socket(loop) {
    socket.connect({asio::ip::address_v4::loopback(), at.port});
    wait_for_end();
  }
  void wait_for_end() {
    socket.async_read_some(asio::buffer(buffer), [this](const boost::system::error_code& error, std::size_t) {
      if (error) {
        ended = true;
      } else {
        wait_for_end();
      }
    });
  }
  tcp::socket socket;
  std::array<char, 256> buffer{};
  bool ended = false;
};

}  // namespace

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

TEST_CASE("as many streams as allowed, and no more") {
  asio::io_context loop{1};
  StreamsOptions options = Side::default_options();
  options.streams_max = 4;
  Side a{loop, options};
  Side b{loop};
  const Endpoint at = b.listen();
  for (StreamId id = 1; id <= 6; ++id) a.dial(id, at);
  CHECK(a.streams->open() == 4);
  CHECK(a.seen[5].closed == 0);
  a.close(6);  // the core changes its mind before it hears
  REQUIRE(run_until(loop, [&] { return a.seen[4].connected == 1 && a.seen[5].closed == 1; }));
  CHECK(a.seen[6].closed == 0);
  CHECK(a.counters.streams_undialled == 2);
  a.close(1);
  REQUIRE(run_until(loop, [&] { return a.streams->open() == 3; }));
  a.dial(7, at);
  CHECK(run_until(loop, [&] { return a.seen[7].connected == 1; }));
}

TEST_CASE("strangers over the cap are closed at once and counted; ended ones make room") {
  asio::io_context loop{1};
  StreamsOptions options = Side::default_options();
  options.streams_max = 16;  // 4 strangers
  options.times.handshake = 200ms;
  Side b{loop, options};
  const Endpoint at = b.listen();
  std::vector<std::unique_ptr<Stranger>> strangers;
  for (int i = 0; i < 10; ++i) strangers.push_back(std::make_unique<Stranger>(loop, at));
  const auto ended = [&] {
    return std::count_if(strangers.begin(), strangers.end(), [](const auto& s) { return s->ended; });
  };
  REQUIRE(run_until(
      loop, [&] { return ended() == 6; }, std::chrono::milliseconds{150}));
  CHECK(b.counters.streams_refused == 6);
  CHECK(b.counters.streams_accepted == 4);
  CHECK(b.streams->open() == 4);
  // Those that got in say nothing: the handshake deadline ends them.
  REQUIRE(run_until(loop, [&] { return ended() == 10; }));
  CHECK(b.streams->open() == 0);
  CHECK(b.seen.empty());  // the core has not heard of any
}

TEST_CASE("a stream that the core answered counts as proven, and makes room for strangers") {
  asio::io_context loop{1};
  StreamsOptions options = Side::default_options();
  options.streams_max = 16;
  Side a{loop};
  Side b{loop, options};
  const Endpoint at = b.listen();
  for (StreamId id = 1; id <= 4; ++id) a.dial(id, at);
  REQUIRE(run_until(loop, [&] { return b.seen[kInboundStream | 4].connected == 1; }));
  Stranger late{loop, at};
  REQUIRE(run_until(loop, [&] { return late.ended; }));
  b.send(kFirstInbound, "hello");
  Stranger later{loop, at};
  REQUIRE(run_until(loop, [&] { return b.streams->open() == 5; }));
  CHECK_FALSE(later.ended);
}

TEST_CASE("noise instead of TLS ends the stream; the core never hears of it") {
  asio::io_context loop{1};
  Side b{loop};
  const Endpoint at = b.listen();
  Stranger s{loop, at};
  asio::write(s.socket, asio::buffer(std::string(500, 'G')));
  REQUIRE(run_until(loop, [&] { return s.ended && b.streams->open() == 0; }));
  CHECK(b.seen.empty());
}

TEST_CASE("a stream that stalls ends with its lifetime") {
  asio::io_context loop{1};
  StreamsOptions options = Side::default_options();
  options.times.lifetime = 100ms;
  Side a{loop};
  Side b{loop, options};
  a.dial(1, b.listen());
  REQUIRE(run_until(loop, [&] { return b.seen[kFirstInbound].connected == 1; }));
  REQUIRE(run_until(loop, [&] { return b.seen[kFirstInbound].closed == 1 && a.seen[1].closed == 1; }));
}

TEST_CASE("a core that sends without end loses the stream, not the process") {
  TwoSides t;
  t.connect();
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) t.a.send(1, piece);
  CHECK(t.a.seen[1].closed == 0);
  REQUIRE(run_until(t.loop, [&] { return t.a.seen[1].closed == 1; }));
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

TEST_CASE("out of file descriptors: a pause, no spinning, then on") {
  asio::io_context loop{1};
  Side b{loop};
  const Endpoint at = b.listen();
  std::vector<std::unique_ptr<tcp::socket>> clients;
  clients.push_back(std::make_unique<tcp::socket>(loop, tcp::v4()));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(clients.back()->native_handle()) + 1;  // everything lower is in use
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  boost::system::error_code error;
  clients.back()->connect({asio::ip::address_v4::loopback(), at.port}, error);
  const bool failed = run_until(loop, [&] { return b.counters.accept_failures > 0; });
  run_for(loop, std::chrono::milliseconds{300});
  const std::uint64_t failures = b.counters.accept_failures;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_FALSE(error);
  CHECK(failed);
  CHECK(failures == 1);
  CHECK(run_until(loop, [&] { return b.counters.streams_accepted == 1; }));
}
