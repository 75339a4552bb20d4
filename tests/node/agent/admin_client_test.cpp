#include "node/cli/admin_client.h"

#include "fake_handler.h"
#include "node/agent/admin_server.h"
#include "node/agent/admin_socket.h"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

using namespace quorumor;
namespace fs = std::filesystem;

namespace {

// A server on a thread of its own; the client under test blocks on this one.
struct Served {
  Served() {
    char name[] = "/tmp/quorumor-client-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    directory = name;
    auto started = AdminServer::start(loop, directory / "agent.sock", handler, ring);
    REQUIRE(started);
    server = std::move(started).value();
    handler.on_leave = [this] {
      ring.add(WallTime{}, some_event("last"));
      server->announce();
      server->finish([] {});
    };
    thread = std::thread([this] { loop.run(); });
  }
  ~Served() {
    boost::asio::post(loop, [this] { server.reset(); });
    thread.join();
    fs::remove_all(directory);
  }
  fs::path directory;
  boost::asio::io_context loop;
  FakeHandler handler;
  EventRing ring;
  std::unique_ptr<AdminServer> server;
  std::thread thread;
};

struct Empty {
  Empty() {
    char name[] = "/tmp/quorumor-client-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    directory = name;
  }
  ~Empty() { fs::remove_all(directory); }
  fs::path directory;
};

std::string refusal_of(const fs::path& directory) {
  const auto out = ask_agent(directory, "GET", "/v1/status");
  REQUIRE(!out);
  CHECK(!out.error().usage);
  CHECK(out.error().message.find('\n') == std::string::npos);
  return out.error().message;
}

}  // namespace

TEST_CASE("a request and its answer") {
  Served served;
  CHECK(ask_agent(served.directory, "GET", "/v1/status").value() == "{\"joined\":true}\n");
  CHECK(ask_agent(served.directory, "POST", "/v1/join", R"({"endpoints":["h:1"]})"));
  CHECK(served.handler.joined == std::vector<std::string>{"h:1"});
}

TEST_CASE("the agent's refusal in its own words") {
  Served served;
  const auto out = ask_agent(served.directory, "POST", "/v1/join", "{}");
  REQUIRE(!out);
  CHECK(out.error().message == "the agent refused: \"endpoints\" must be an array of \"HOST:PORT\"");
  const auto large = ask_agent(served.directory, "POST", "/v1/join", std::string(500'000, ' '));
  REQUIRE(!large);
  CHECK(large.error().message.find("64 KiB") != std::string::npos);
}

TEST_CASE("following until the agent ends the stream") {
  Served served;
  auto client = AdminClient::connect(served.directory);
  REQUIRE(client);
  REQUIRE(client.value().follow("/v1/events?since=0"));
  REQUIRE(ask_agent(served.directory, "POST", "/v1/leave"));
  const auto line = client.value().next_line();
  REQUIRE(line);
  REQUIRE(line.value());
  CHECK(line.value()->find("\"reason\":\"last\"") != std::string::npos);
  const auto end = client.value().next_line();
  REQUIRE(end);
  CHECK(!end.value());
}

TEST_CASE("following what cannot be followed") {
  Served served;
  auto client = AdminClient::connect(served.directory);
  REQUIRE(client);
  const auto out = client.value().follow("/v1/events?since=x");
  REQUIRE(!out);
  CHECK(out.error().message.find("the agent refused: ") == 0);
}

TEST_CASE("no agent: each case is one line that says what is so") {
  Empty empty;
  CHECK(refusal_of(empty.directory / "nothing") == (empty.directory / "nothing").string() + ": no such directory");
  CHECK(refusal_of(empty.directory).find("no agent runs in") == 0);
  std::ofstream(empty.directory / "file") << "x";
  CHECK(refusal_of(empty.directory / "file").find("not a directory") != std::string::npos);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (empty.directory / "agent.sock").string();
  std::copy_n(path.c_str(), path.size(), address.sun_path);
  REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  close(fd);
  CHECK(refusal_of(empty.directory).find("has ended") != std::string::npos);
}

TEST_CASE("what listens but is no agent") {
  Empty empty;
  const std::string path = (empty.directory / "agent.sock").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy_n(path.c_str(), path.size(), address.sun_path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(fd, 4) == 0);
  for (const char* bytes : {"", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"}) {
    CAPTURE(bytes);
    std::thread other([&] {
      const int peer = accept(fd, nullptr, nullptr);
      static_cast<void>(write(peer, bytes, std::string(bytes).size()));
      char request[4096];
      static_cast<void>(read(peer, request, sizeof request));
      close(peer);
    });
    CHECK(!refusal_of(empty.directory).empty());
    other.join();
  }
  close(fd);
}

TEST_CASE("an agent that says why and hangs up before it was asked is still heard") {
  Empty empty;
  const std::string path = (empty.directory / "agent.sock").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy_n(path.c_str(), path.size(), address.sun_path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(fd, 4) == 0);
  auto client = AdminClient::connect(empty.directory);
  REQUIRE(client);
  const int peer = accept(fd, nullptr, nullptr);
  const std::string busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 16\r\n\r\n{\"error\":\"full\"}";
  REQUIRE(write(peer, busy.data(), busy.size()) == static_cast<ssize_t>(busy.size()));
  close(peer);
  close(fd);
  const auto out = client.value().request("GET", "/v1/status");
  REQUIRE(!out);
  CHECK(out.error().message == "the agent refused: full");
}

TEST_CASE("the longest path of a socket") {
  const std::string tail = "/agent.sock";
  const fs::path longest = "/" + std::string(kSocketPathMax - 1 - tail.size(), 'd');
  CHECK(admin_socket_path(longest));
  const fs::path longer = "/" + std::string(kSocketPathMax - tail.size(), 'd');
  CHECK(!admin_socket_path(longer));
  CHECK(refusal_of(longer).find("at most 107") != std::string::npos);
}
