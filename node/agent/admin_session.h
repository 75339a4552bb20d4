// One connection to the admin socket. Kept from admin_server.h so that only two units compile Beast.
#pragma once

#include "node/agent/admin_server.h"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace quorumor {

class AdminSession;

// What sessions share with their server; outlives both, whoever is destroyed first.
struct AdminShared {
  AdminHandler& handler;
  const EventRing& events;
  AdminLimits limits;
  std::set<std::shared_ptr<AdminSession>> sessions;  // at most connections + refused
  std::size_t refused = 0;
  std::function<void()> on_closed;  // after a session has gone
};

class AdminSession : public std::enable_shared_from_this<AdminSession> {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;

  AdminSession(Socket socket, std::shared_ptr<AdminShared> shared, bool refused);
  void begin();
  void on_ring_grown();  // hands a follower what is new
  void finish();         // ends after what is under way
  void close();          // ends now

  bool is_refused() const noexcept { return refused_; }

 private:
  using Request = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Error = boost::beast::error_code;

  void arm(std::chrono::milliseconds time);
  void read_request();
  void on_header(Error error);
  void read_body();
  void on_request(Error error);
  void refuse(Error error);
  void respond(const AdminAnswer& answer, bool keep_alive);
  void on_responded(bool keep_alive);
  void drain();

  void follow(std::uint64_t from);
  void watch();
  void pump();
  void write_out();
  void on_written(Error error);
  void append_chunk(std::string_view line);

  Socket socket_;
  std::shared_ptr<AdminShared> shared_;
  boost::asio::steady_timer deadline_;
  bool refused_;
  bool closed_ = false;
  bool finishing_ = false;

  boost::beast::flat_buffer buffer_;  // bounded by the header limit
  std::optional<Request> parser_;
  std::string out_;  // what is being written
  std::size_t drained_ = 0;

  bool following_ = false;
  bool writing_ = false;
  bool last_ = false;       // the final chunk is in out_
  bool overtaken_ = false;  // the ring has moved past next_ while a write was stuck
  std::uint64_t next_ = 0;  // the next event for a follower
  std::array<char, 512> scratch_{};
};

}  // namespace quorumor
