#include "admin_world.h"

#include <doctest/doctest.h>

#include <fstream>
#include <vector>

using namespace quorumor;
using namespace quorumor::admin_test;

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
