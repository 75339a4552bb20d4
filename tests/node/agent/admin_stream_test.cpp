#include "admin_world.h"

#include <doctest/doctest.h>

#include <fstream>

using namespace quorumor;
using namespace quorumor::admin_test;

TEST_CASE("events come one JSON line a chunk, as they happen") {
  World world;
  world.publish(2);
  Client client(world);
  client.send(get("/v1/events"));
  REQUIRE(client.wait_for("\r\n\r\n"));
  CHECK(client.received.find("Transfer-Encoding: chunked") != std::string::npos);
  CHECK(body_of(client.received).empty());
  world.publish(1);
  REQUIRE(client.wait_for("\"seq\":\"3\""));
  world.publish(2);
  REQUIRE(client.wait_for("\"seq\":\"5\""));
  CHECK(lines_in(body_of(client.received)) == 3);
  CHECK(!client.closed);
}

TEST_CASE("since replays what the ring holds, then follows") {
  World world({}, 8);
  world.publish(20);
  Client client(world);
  client.send(get("/v1/events?since=15"));
  REQUIRE(client.wait_for("\"seq\":\"20\""));
  CHECK(lines_in(body_of(client.received)) == 5);
  CHECK(body_of(client.received).find("\"seq\":\"16\"") != std::string::npos);
  world.publish(1);
  REQUIRE(client.wait_for("\"seq\":\"21\""));
  Client all(world);
  all.send(get("/v1/events?since=0"));
  REQUIRE(all.wait_for("\"seq\":\"21\""));
  CHECK(lines_in(body_of(all.received)) == 8);
}

TEST_CASE("an open stream outlives the idle deadline, and ends with its client") {
  AdminLimits limits;
  limits.idle = std::chrono::milliseconds{20};
  World world(limits);
  Client follower(world);
  follower.send(get("/v1/events"));
  REQUIRE(follower.wait_for("\r\n\r\n"));
  Client idle(world);
  CHECK(idle.wait_closed());  // the deadline has passed for somebody
  follower.receive();
  CHECK(!follower.closed);
  CHECK(world.server->connections() == 1);
  follower.hang_up();
  CHECK(world.turn_until([&] { return world.server->connections() == 0; }));
}

TEST_CASE("a slow reader is dropped with a last line that says where to go on; others miss nothing") {
  World world({}, 64);
  Client slow(world);
  slow.send(get("/v1/events"));
  REQUIRE(slow.wait_for("\r\n\r\n"));
  Client good(world);
  good.send(get("/v1/events"));
  REQUIRE(good.wait_for("\r\n\r\n"));
  const std::string reason(1000, 'r');
  constexpr int kEvents = 2000;  // 2 MB: far beyond the socket's buffer and the ring
  for (int i = 0; i < kEvents; ++i) {
    world.publish(1, reason);
    REQUIRE(good.wait_for("\"seq\":\"" + std::to_string(i + 1) + "\""));
    if (good.received.size() > 100'000) good.received.clear();
  }
  CHECK(!good.closed);
  REQUIRE(slow.wait_closed());
  HttpResponseReader reader;
  CHECK(reader.feed(slow.received) == HttpResponseReader::Status::done);  // a proper end, not a cut
  const std::string& body = reader.body();
  const std::string last = body.substr(body.rfind('\n', body.size() - 2) + 1);
  CHECK(last.find("{\"error\":\"this reader was too slow: events ") == 0);
  CHECK(last.find("go on with ?since=") != std::string::npos);
  CHECK(lines_in(body) < kEvents);
}

TEST_CASE("a slow reader that takes nothing at all is closed") {
  AdminLimits limits;
  limits.idle = std::chrono::milliseconds{30};
  World world(limits, 8);
  Client slow(world);
  slow.send(get("/v1/events"));
  REQUIRE(slow.wait_for("\r\n\r\n"));
  for (int i = 0; i < 1000; ++i) {
    world.publish(1, std::string(2000, 'r'));
    world.loop.restart();
    world.loop.poll();
  }
  CHECK(world.turn_until([&] { return world.server->connections() == 0; }));
}

TEST_CASE("the end: answers under way are finished, followers get the last events and a proper end") {
  World world;
  Client follower(world);
  follower.send(get("/v1/events"));
  REQUIRE(follower.wait_for("\r\n\r\n"));
  Client idle(world);
  CHECK(idle.ask(get("/v1/status")).status() == 200);
  bool done = false;
  world.handler.on_leave = [&] {
    world.publish(3);
    world.server->finish([&] { done = true; });
  };
  Client leaver(world);
  leaver.send(post("/v1/leave", ""));
  CHECK(leaver.wait_closed());
  CHECK(leaver.received.find("202 Accepted") != std::string::npos);
  CHECK(follower.wait_closed());
  HttpResponseReader reader;
  CHECK(reader.feed(follower.received) == HttpResponseReader::Status::done);
  CHECK(lines_in(reader.body()) == 3);
  CHECK(idle.wait_closed());
  CHECK(world.turn_until([&] { return done; }));
  CHECK(!fs::exists(fs::symlink_status(world.socket())));
}

TEST_CASE("the end does not wait for who does not read") {
  World world({}, 8);
  Client stuck(world);
  stuck.send(get("/v1/events"));
  REQUIRE(stuck.wait_for("\r\n\r\n"));
  for (int i = 0; i < 300; ++i) {
    world.publish(1, std::string(2000, 'r'));
    world.loop.restart();
    world.loop.poll();
  }
  bool done = false;
  world.server->finish([&] { done = true; });
  CHECK(world.turn_until([&] { return done; }));
}

TEST_CASE("after the accepting has stopped, a new socket at the path is not ours to remove") {
  World world;
  world.server->stop_accepting();
  std::ofstream(world.socket()) << "next";
  bool done = false;
  world.server->finish([&] { done = true; });
  CHECK(world.turn_until([&] { return done; }));
  world.server.reset();
  CHECK(fs::exists(world.socket()));
}
