#include "node/driver/runtime.h"

#include "helpers.h"
#include "node/driver/note_limiter.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>

using namespace quorumor;
using test::check_message;
using test::message_of;
using test::run_for;
using test::run_until;
namespace asio = boost::asio;

namespace {

RuntimeOptions options_for(const std::filesystem::path& directory) {
  RuntimeOptions out;
  out.directory = directory;
  out.bind = {"127.0.0.1:0"};
  out.config = Config::local();
  return out;
}

struct TestNode {
  std::vector<Event> events;
  std::vector<std::string> notes;
  std::vector<std::string> stops;
  std::function<void(const Event&)> react;
  std::unique_ptr<Runtime> runtime;

  Fallible<void> start(asio::io_context& loop, const RuntimeOptions& options) {
    auto started = Runtime::start(
        loop, options,
        [this](const Event& event, WallTime) {
          events.push_back(event);
          if (react) react(event);
        },
        [this](const std::string& line) { notes.push_back(line); },
        [this](const Failure& why) { stops.push_back(why.message); });
    if (!started) return started.error();
    runtime = std::move(started).value();
    return success();
  }
  bool heard(Event::Kind kind) const {
    return std::any_of(events.begin(), events.end(), [kind](const Event& e) { return e.kind == kind; });
  }
  std::size_t alive() const { return runtime->core().stats().by_state[static_cast<std::size_t>(MemberState::alive)]; }
  std::string address() const { return runtime->listening().at(0).to_string(); }
};

// n1 is a keymaster that has started a cluster; n2 is admitted.
struct Cluster {
  test::TemporaryFolder folder;
  RuntimeOptions first = options_for(test::make_node(folder, "n1", 1, {"keymaster"}));
  RuntimeOptions second = options_for(test::make_node(folder, "n2", 2));
  asio::io_context loop{1};
  TestNode a;
  TestNode b;

  void start_first() {
    first.bootstrap = true;
    const auto started = a.start(loop, first);
    REQUIRE_MESSAGE(started.has_value(), message_of(started));
  }
  void start_second() {
    second.join = {a.address()};
    const auto started = b.start(loop, second);
    REQUIRE_MESSAGE(started.has_value(), message_of(started));
  }
  void meet() {
    REQUIRE(run_until(loop, [&] { return a.alive() == 2 && b.alive() == 2 && b.heard(Event::Kind::joined); }));
  }
};

bool is_free(const Endpoint& at) {
  asio::io_context loop{1};
  boost::system::error_code udp_error;
  boost::system::error_code tcp_error;
  asio::ip::udp::socket udp{loop, asio::ip::udp::v4()};
  udp.bind({asio::ip::address_v4::loopback(), at.port}, udp_error);
  asio::ip::tcp::acceptor tcp{loop, asio::ip::tcp::v4()};
  tcp.bind({asio::ip::address_v4::loopback(), at.port}, tcp_error);
  return !udp_error && !tcp_error;
}

}  // namespace

TEST_CASE("a cluster of one: events wait for the loop, the ring is on disk, close leaves a snapshot") {
  Cluster c;
  c.start_first();
  CHECK(c.a.events.empty());
  REQUIRE(run_until(c.loop, [&] { return c.a.heard(Event::Kind::joined); }));
  CHECK(c.a.runtime->core().stats().joined);
  CHECK(c.a.runtime->advertised() == c.a.runtime->listening());
  CHECK(c.a.runtime->label() == "test");
  REQUIRE(run_until(c.loop, [&] { return std::filesystem::exists(c.first.directory / "ring"); }));
  const Endpoint at = c.a.runtime->listening().at(0);
  CHECK_FALSE(is_free(at));
  c.a.runtime->close();
  c.a.runtime->close();
  CHECK(is_free(at));
  CHECK(std::filesystem::exists(c.first.directory / "members"));
  CHECK(StateDirectory::open(c.first.directory).value().lock().has_value());
  CHECK(c.a.runtime->core().stats().joined);  // queries still work
  const std::size_t events = c.a.events.size();
  c.a.runtime->leave();
  c.a.runtime->join({"127.0.0.1:1"});
  run_for(c.loop, std::chrono::milliseconds{50});
  CHECK(c.a.events.size() == events);
}

TEST_CASE("two nodes meet; one leaves; the other knows") {
  Cluster c;
  c.start_first();
  c.start_second();
  c.meet();
  CHECK(c.b.runtime->core().stats().epoch == Epoch{1});
  c.b.runtime->leave();
  REQUIRE(run_until(c.loop, [&] { return c.b.heard(Event::Kind::left) && c.a.heard(Event::Kind::member_left); }));
}

TEST_CASE("a node that ends without leaving is found dead, by UDP alone") {
  Cluster c;
  c.start_first();
  c.start_second();
  c.meet();
  c.b.runtime->close();
  CHECK(run_until(
      c.loop, [&] { return c.a.heard(Event::Kind::member_dead); }, std::chrono::milliseconds{20'000}));
}

TEST_CASE("a seed may be a name") {
  Cluster c;
  c.start_first();
  c.second.join = {"localhost:" + std::to_string(c.a.runtime->listening().at(0).port)};
  REQUIRE(c.b.start(c.loop, c.second).has_value());
  c.meet();
}

TEST_CASE("join at run time: numbers, names, and what cannot be used is a note") {
  Cluster c;
  c.start_first();
  c.second.join = {"127.0.0.1:1"};  // nobody there
  REQUIRE(c.b.start(c.loop, c.second).has_value());
  c.b.runtime->join({"nonsense"});
  REQUIRE(c.b.notes.size() == 1);
  check_message(c.b.notes[0], {"nonsense", "HOST:PORT"});
  c.b.runtime->join({c.a.address()});
  c.meet();
}

TEST_CASE("sinks may join, leave and close") {
  Cluster c;
  c.start_first();
  SUBCASE("leave, from within what the core just said") {
    c.b.react = [&](const Event& e) {
      if (e.kind == Event::Kind::joined) c.b.runtime->leave();
    };
    c.start_second();
    CHECK(run_until(c.loop, [&] { return c.b.heard(Event::Kind::left); }));
  }
  SUBCASE("leave, alone") {
    c.a.react = [&](const Event& e) {
      if (e.kind == Event::Kind::joined) c.a.runtime->leave();
    };
    CHECK(run_until(c.loop, [&] { return c.a.heard(Event::Kind::left); }));
  }
  SUBCASE("close") {
    c.a.react = [&](const Event& e) {
      if (e.kind == Event::Kind::member_alive || e.kind == Event::Kind::member_updated) c.a.runtime->close();
    };
    c.start_second();
    REQUIRE(run_until(c.loop, [&] { return is_free(c.a.runtime->listening().at(0)); }));
    const std::size_t events = c.a.events.size();
    run_for(c.loop, std::chrono::milliseconds{300});
    CHECK(c.a.events.size() == events);
  }
  SUBCASE("join") {
    c.second.join = {"127.0.0.1:1"};
    c.b.react = [&](const Event& e) {
      if (e.kind == Event::Kind::join_failed) c.b.runtime->join({c.a.address()});
    };
    REQUIRE(c.b.start(c.loop, c.second).has_value());
    c.meet();
  }
}

TEST_CASE("a start that fails leaves nothing behind") {
  Cluster c;
  c.start_first();
  const Endpoint taken = c.a.runtime->listening().at(0);
  c.second.join = {taken.to_string()};
  SUBCASE("port in use") {
    c.second.bind = {"127.0.0.1:0", taken.to_string()};
    check_message(message_of(c.b.start(c.loop, c.second)), {taken.to_string(), "in use"});
  }
  SUBCASE("wildcard without advertise") {
    c.second.bind = {"0.0.0.0:0"};
    check_message(message_of(c.b.start(c.loop, c.second)), {"--advertise"});
  }
  SUBCASE("a second agent in the same directory") {
    check_message(message_of(c.b.start(c.loop, c.first)), {"already running"});
  }
  CHECK(c.b.runtime == nullptr);
  CHECK(StateDirectory::open(c.second.directory).value().lock().has_value());
  CHECK(c.b.events.empty());
  c.second.bind = {"127.0.0.1:0"};
  CHECK(c.b.start(c.loop, c.second).has_value());
  c.meet();
}

TEST_CASE("a restart goes on with the ring, and says that --bootstrap has no effect") {
  Cluster c;
  c.start_first();
  REQUIRE(run_until(c.loop, [&] { return c.a.heard(Event::Kind::joined); }));
  const Generation before = c.a.runtime->core().stats().generation;
  c.a.runtime.reset();
  c.a.events.clear();
  const auto again = c.a.start(c.loop, c.first);
  REQUIRE_MESSAGE(again.has_value(), message_of(again));
  REQUIRE(c.a.notes.size() == 1);
  CHECK(test::contains(c.a.notes[0], "no effect"));
  CHECK(c.a.runtime->core().stats().generation > before);
  CHECK(run_until(c.loop, [&] { return c.a.heard(Event::Kind::joined); }));
}

TEST_CASE("what cannot be stored before it is sent stops the node, with the reason") {
  Cluster c;
  c.start_first();
  // n2 was here with a generation that a clock far ahead had made, and then lost its disk.
  const StateDirectory disk = StateDirectory::open(c.second.directory).value();
  REQUIRE(disk.store_generation(Generation{std::uint64_t{1} << 62}).has_value());
  c.start_second();
  c.meet();
  c.b.runtime.reset();
  c.b.events.clear();
  std::filesystem::remove(c.second.directory / "generation");
  std::filesystem::remove(c.second.directory / "members");
  c.start_second();
  // It learns of its own higher generation and must persist a greater one, but a folder is in the way.
  std::filesystem::remove(c.second.directory / "generation");
  std::filesystem::create_directories(c.second.directory / "generation" / "in the way");
  REQUIRE(run_until(c.loop, [&] { return !c.b.stops.empty(); }));
  check_message(c.b.stops[0], {(c.second.directory / "generation").string()});
  REQUIRE(c.b.runtime->stopped_by().has_value());
  CHECK(is_free(c.b.runtime->listening().at(0)));
  REQUIRE_FALSE(c.b.notes.empty());
  CHECK(test::contains(c.b.notes.back(), "this node stops"));
  run_for(c.loop, std::chrono::milliseconds{100});
  CHECK(c.b.stops.size() == 1);
}

TEST_CASE("an idle node wakes rarely") {
  Cluster c;
  c.start_first();
  REQUIRE(run_until(c.loop, [&] { return c.a.heard(Event::Kind::joined); }));
  run_for(c.loop, std::chrono::milliseconds{100});
  c.a.runtime.reset();
  c.first.config = Config::lan();
  REQUIRE(c.a.start(c.loop, c.first).has_value());
  run_for(c.loop, std::chrono::milliseconds{100});
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  std::size_t handlers = 0;
  while (std::chrono::steady_clock::now() < end) handlers += c.loop.run_one_until(end);
  CAPTURE(handlers);
  CHECK(handlers <= 12);
}

TEST_CASE("a datagram that moves no deadline costs no timer") {
  Cluster c;
  c.start_first();
  REQUIRE(run_until(c.loop, [&] { return c.a.heard(Event::Kind::joined); }));
  asio::ip::udp::socket stranger{c.loop, asio::ip::udp::v4()};
  const asio::ip::udp::endpoint to{asio::ip::address_v4::loopback(), c.a.runtime->listening().at(0).port};
  for (int i = 0; i < 200; ++i) stranger.send_to(asio::buffer(std::string(60, 'x')), to);
  // Each timer that is armed anew cancels one, whose handler runs.
  std::size_t handlers = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (c.a.runtime->core().stats().counters.datagrams_in < 200 && std::chrono::steady_clock::now() < end) {
    handlers += c.loop.run_one_for(std::chrono::milliseconds{20});
  }
  handlers += c.loop.poll();
  CHECK(c.a.runtime->core().stats().counters.datagrams_in == 200);
  CHECK(handlers < 50);
}

TEST_CASE("a note is said once in five minutes") {
  NoteLimiter limiter;
  const Instant start{};
  CHECK(limiter.admit("a", start));
  CHECK_FALSE(limiter.admit("a", start + 299s));
  CHECK(limiter.admit("b", start + 299s));
  CHECK(limiter.admit("a", start + 300s));
  CHECK_FALSE(limiter.admit("b", start + 300s));
  // Bounded: the one noted longest ago is forgotten.
  for (int i = 0; i < 32; ++i) CHECK(limiter.admit(std::to_string(i), start + 301s));
  CHECK_FALSE(limiter.admit("31", start + 301s));
  CHECK(limiter.admit("b", start + 301s));
}
