// What strangers, stalled peers and greedy cores can take of streams: never more than their share.
#include "streams_lab.h"

#include <sys/resource.h>

#include <algorithm>

using namespace quorumor;
using namespace quorumor::test;

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
