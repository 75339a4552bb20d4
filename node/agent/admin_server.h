// The admin API on a Unix socket: HTTP/1.1, so that curl --unix-socket and every language speak it. Mode 0600 in a
// 0700 directory is the whole access control: whoever can connect could as well read the node's identity.
//
// It shares the protocol's thread, so a client must never hold that up: requests, connections and time are limited,
// writes are asynchronous, and a reader of /v1/events that falls behind the event ring is dropped with a last line
// {"error": "..."} that says where to go on. /v1/events is chunked, one JSON line a change, and stays open.
#pragma once

#include "node/agent/admin_api.h"
#include "node/driver/failure.h"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>

namespace quorumor {

struct AdminLimits {
  std::size_t body = 64 * 1024;
  std::size_t header = 8 * 1024;
  std::size_t connections = 16;
  std::size_t refused = 4;                 // connections above that are told so (503); any further are closed at once
  std::chrono::milliseconds idle{10'000};  // for a request to arrive, an answer to be taken, the next to begin
  std::size_t batch = 16 * 1024;           // bytes of events handed to the socket at once
};

class AdminServer {
 public:
  // Requires: the node's directory is locked by this process (a socket found there is a dead agent's, and removed);
  // handler and events outlive the server. On error: one line, nothing left behind.
  static Fallible<std::unique_ptr<AdminServer>> start(boost::asio::io_context& loop, const std::filesystem::path& path,
                                                      AdminHandler& handler, const EventRing& events,
                                                      const AdminLimits& limits = {});
  ~AdminServer();

  // The ring has grown: hand it to whoever follows.
  void announce();
  // Accepts no more and removes the socket. Before the directory's lock is given back: after that, the socket there is
  // the next agent's.
  void stop_accepting();
  // Then ends what is open: answers under way are finished and followers get what is in the ring, for a second at most.
  // Calls `done` on the loop.
  void finish(std::function<void()> done);
  std::size_t connections() const;

 private:
  struct Impl;
  explicit AdminServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace quorumor
