#include "node/agent/admin_server.h"

#include "fake_handler.h"
#include "node/cli/http_response.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

using namespace quorumor;
namespace fs = std::filesystem;

namespace {

constexpr auto kGiveUp = std::chrono::seconds{20};

struct Directory {
  Directory() {
    char name[] = "/tmp/quorumor-admin-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
  fs::path path;
};

// A server and its clients on one thread: nothing happens but while a test turns the loop.
struct World {
  explicit World(const AdminLimits& limits = {}, std::size_t ring_size = 64) : ring(ring_size) {
    auto started = AdminServer::start(loop, socket(), handler, ring, limits);
    REQUIRE(started);
    server = std::move(started).value();
  }
  fs::path socket() const { return directory.path / "agent.sock"; }

  template <class Done>
  bool turn_until(Done done) {
    const auto until = std::chrono::steady_clock::now() + kGiveUp;
    while (!done()) {
      if (std::chrono::steady_clock::now() > until) return false;
      loop.restart();
      loop.run_one_for(std::chrono::milliseconds{2});
    }
    return true;
  }
  void publish(int count, const std::string& reason = {}) {
    for (int i = 0; i < count; ++i) {
      ring.add(WallTime{}, some_event(reason));
      server->announce();
    }
  }

  Directory directory;
  boost::asio::io_context loop;
  FakeHandler handler;
  EventRing ring;
  std::unique_ptr<AdminServer> server;
};

class Client {
 public:
  explicit Client(World& world) : world_(world), fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(world.socket().c_str(), world.socket().string().size(), address.sun_path);
    REQUIRE(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Client() { hang_up(); }
  Client(const Client&) = delete;

  void hang_up() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  // Until all is sent or the server takes no more.
  void send(std::string_view bytes) {
    world_.turn_until([&] {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      return bytes.empty() || (n < 0 && errno != EAGAIN);
    });
  }
  // Takes what is there.
  void receive() {
    char buffer[4096];
    for (;;) {
      const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
      if (n > 0) received.append(buffer, static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EAGAIN)) closed = true;
      if (n <= 0) return;
    }
  }
  bool wait_closed() {
    return world_.turn_until([&] { return receive(), closed; });
  }
  bool wait_for(const std::string& text) {
    return world_.turn_until([&] { return receive(), received.find(text) != std::string::npos; });
  }
  // One request and its answer, on a connection that stays open.
  HttpResponseReader ask(const std::string& request) {
    received.clear();
    send(request);
    return answer();
  }
  HttpResponseReader answer() {
    HttpResponseReader out;
    CHECK(world_.turn_until([&] {
      receive();
      HttpResponseReader reader;
      const bool done = reader.feed(received) == HttpResponseReader::Status::done;
      if (done) out = std::move(reader);
      return done || closed;
    }));
    return out;
  }

  std::string received;
  bool closed = false;

 private:
  World& world_;
  int fd_;
};

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"; }
std::string post(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string body_of(const std::string& received) {
  HttpResponseReader reader;
  reader.feed(received);
  return reader.body();
}

long lines_in(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("the socket is 0600, and gone with the server") {
  World world;
  struct stat info {};
  REQUIRE(lstat(world.socket().c_str(), &info) == 0);
  CHECK(S_ISSOCK(info.st_mode));
  CHECK((info.st_mode & 07777) == 0600);
  world.server.reset();
  CHECK(!fs::exists(fs::symlink_status(world.socket())));
}

TEST_CASE("the umask does not matter, and stays") {
  const mode_t before = umask(0);
  {
    World world;
    struct stat info {};
    REQUIRE(lstat(world.socket().c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
  }
  CHECK(umask(before) == 0);
}

TEST_CASE("a dead agent's socket is replaced; any other file is in the way") {
  World world;
  const fs::path stale = world.directory.path / "stale.sock";
  {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(stale.c_str(), stale.string().size(), address.sun_path);
    REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    close(fd);
  }
  CHECK(AdminServer::start(world.loop, stale, world.handler, world.ring));
  const fs::path file = world.directory.path / "file.sock";
  std::ofstream(file) << "precious";
  const auto refused = AdminServer::start(world.loop, file, world.handler, world.ring);
  REQUIRE(!refused);
  CHECK(refused.error().message.find(file.string()) != std::string::npos);
  CHECK(fs::file_size(file) == 8);
}

TEST_CASE("requests follow one another on a connection") {
  World world;
  Client client(world);
  auto first = client.ask(get("/v1/members"));
  CHECK(first.status() == 200);
  CHECK(first.body() == "[]\n");
  auto second = client.ask(get("/v1/nothing"));
  CHECK(second.status() == 404);
  auto third = client.ask(post("/v1/join", R"({"endpoints":["h:1"]})"));
  CHECK(third.status() == 202);
  CHECK(world.handler.joined == std::vector<std::string>{"h:1"});
  CHECK(client.ask(post("/v1/leave", "")).status() == 202);
  CHECK(world.handler.leaves == 1);
  CHECK(!client.closed);
}

TEST_CASE("requests may be pipelined and cut anywhere") {
  World world;
  Client client(world);
  const std::string two = get("/v1/status") + get("/v1/members");
  for (const char c : two) client.send(std::string(1, c));
  CHECK(client.wait_for("[]\n"));
  CHECK(client.received.find(R"({"joined":true})") < client.received.find("[]\n"));
}

TEST_CASE("a large answer arrives whole") {
  World world;
  world.handler.members_json = std::string(3'000'000, 'm');
  Client client(world);
  auto out = client.ask(get("/v1/members"));
  CHECK(out.body().size() == 3'000'001);
}

TEST_CASE("Connection: close is heeded") {
  World world;
  Client client(world);
  client.send("GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n");
  CHECK(client.wait_closed());
  CHECK(body_of(client.received) == "{\"joined\":true}\n");
}

TEST_CASE("mistakes are answered in JSON") {
  struct Case {
    std::string request;
    const char* status_line;
  };
  const std::string over(64 * 1024 + 1, ' ');
  const Case cases[] = {
      {"DELETE /v1/members HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
      {get("/nothing"), "HTTP/1.1 404 "},
      {post("/v1/join", "{\"endpoints\":"), "HTTP/1.1 400 "},
      {"complete nonsense\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /v1/members\r\n\r\n", "HTTP/1.1 400 "},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8) + std::string(200, '\0'), "HTTP/1.1 400 "},
      {"GET /v1/events HTTP/1.0\r\n\r\n", "HTTP/1.1 400 "},
      {"POST /v1/join HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", "HTTP/1.1 413 "},
      {"POST /v1/join HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n", "HTTP/1.1 413 "},
      {post("/v1/join", over), "HTTP/1.1 413 "},
      {"POST /v1/join HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" + over + "\r\n0\r\n\r\n",
       "HTTP/1.1 413 "},
      {"GET /v1/members HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
  };
  for (const Case& c : cases) {
    CAPTURE(c.request.substr(0, 70));
    World world;
    Client client(world);
    client.send(c.request);
    auto out = client.answer();
    CHECK(client.received.substr(0, 13) == c.status_line);
    CHECK(out.body().find("{\"error\":\"") == 0);
    CHECK(world.handler.joined.empty());
  }
}

TEST_CASE("a 405 says which method there is") {
  World world;
  Client client(world);
  client.ask("PUT /v1/leave HTTP/1.1\r\n\r\n");
  CHECK(client.received.find("\r\nAllow: POST\r\n") != std::string::npos);
}

TEST_CASE("a body of exactly the limit is taken") {
  World world;
  Client client(world);
  std::string body = R"({"endpoints":["h:1"]})";
  body.resize(64 * 1024, ' ');
  CHECK(client.ask(post("/v1/join", body)).status() == 202);
}

TEST_CASE("Expect: 100-continue is answered before the body comes") {
  World world;
  Client client(world);
  const std::string body = R"({"endpoints":["h:1"]})";
  client.send("POST /v1/join HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n");
  REQUIRE(client.wait_for("100 Continue\r\n\r\n"));
  client.received.clear();
  CHECK(client.ask(body).status() == 202);
}

TEST_CASE("sixteen connections are served, a few more are told, the rest closed; a freed place is free") {
  World world;
  std::vector<std::unique_ptr<Client>> open;
  for (int i = 0; i < 16; ++i) {
    open.push_back(std::make_unique<Client>(world));
    CHECK(open.back()->ask(get("/v1/status")).status() == 200);
  }
  Client refused(world);
  CHECK(refused.ask(get("/v1/status")).status() == 503);
  CHECK(refused.received.find("too many connections") != std::string::npos);
  CHECK(refused.wait_closed());

  std::vector<std::unique_ptr<Client>> waiting;  // connected, silent
  for (int i = 0; i < 4; ++i) waiting.push_back(std::make_unique<Client>(world));
  CHECK(world.turn_until([&] { return world.server->connections() == 20; }));
  Client over(world);
  CHECK(over.wait_closed());
  CHECK(over.received.empty());
  CHECK(world.server->connections() == 20);

  open[3]->hang_up();
  CHECK(world.turn_until([&] { return world.server->connections() == 19; }));
  Client again(world);
  CHECK(again.ask(get("/v1/status")).status() == 200);
  CHECK(open[0]->ask(get("/v1/status")).status() == 200);
}

TEST_CASE("who is idle, or sends a request for ever, is closed") {
  AdminLimits limits;
  limits.idle = std::chrono::milliseconds{30};
  World world(limits);
  Client silent(world);
  Client half(world);
  half.send("GET /v1/sta");
  Client half_body(world);
  half_body.send("POST /v1/join HTTP/1.1\r\nContent-Length: 10\r\n\r\n{");
  Client served(world);
  CHECK(served.ask(get("/v1/status")).status() == 200);
  for (Client* client : {&silent, &half, &half_body, &served}) CHECK(client->wait_closed());
  CHECK(half.received.empty());
  CHECK(world.server->connections() == 0);
}

TEST_CASE("who does not take its answer is closed") {
  AdminLimits limits;
  limits.idle = std::chrono::milliseconds{30};
  World world(limits);
  world.handler.members_json = std::string(3'000'000, 'm');
  Client client(world);
  client.send(get("/v1/members"));
  CHECK(world.turn_until([&] { return world.server->connections() == 1; }));
  CHECK(world.turn_until([&] { return world.server->connections() == 0; }));
}

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
