// An admin server and its clients on one thread: nothing happens but while a test turns the loop.
#pragma once

#include "fake_handler.h"
#include "node/agent/admin_server.h"
#include "node/cli/http_response.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>

namespace quorumor::admin_test {

namespace fs = std::filesystem;

inline constexpr auto kGiveUp = std::chrono::seconds{20};

struct Directory {
  Directory() {
    char name[] = "/tmp/quorumor-admin-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
  fs::path path;
};

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

inline std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"; }
inline std::string post(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

inline std::string body_of(const std::string& received) {
  HttpResponseReader reader;
  reader.feed(received);
  return reader.body();
}

inline long lines_in(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace quorumor::admin_test
