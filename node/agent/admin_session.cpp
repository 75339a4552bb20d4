#include "node/agent/admin_session.h"

#include "node/agent/admin_json.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include <cstdio>
#include <utility>

namespace quorumor {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

// After an error the rest of the request is read and dropped, so that the client gets to read the answer instead of
// a broken pipe; but not for ever.
constexpr std::size_t kDrainMax = 1024 * 1024;
constexpr std::chrono::milliseconds kDrainTime{1000};
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

const char* phrase(unsigned status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

std::string render(const AdminAnswer& answer, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + ' ' + phrase(answer.status) +
                    "\r\nContent-Type: " + std::string(answer.content_type) + "\r\nContent-Length: " +
                    std::to_string(answer.body.size() + 1) +
                    "\r\n";
  if (!answer.allow.empty()) out.append("Allow: ").append(answer.allow).append("\r\n");
  if (!keep_alive) out += "Connection: close\r\n";
  out.append("\r\n").append(answer.body).append("\n");
  return out;
}

}  // namespace

AdminSession::AdminSession(Socket socket, std::shared_ptr<AdminShared> shared, bool refused)
    : socket_(std::move(socket)),
      shared_(std::move(shared)),
      deadline_(socket_.get_executor()),
      refused_(refused),
      buffer_(shared_->limits.header + 1024) {}

void AdminSession::begin() { read_request(); }

// One timer a session; whatever is under way when it fires is over.
void AdminSession::arm(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([self = shared_from_this()](Error error) {
    if (!error && self->deadline_.expiry() <= asio::steady_timer::clock_type::now()) self->close();
  });
}

void AdminSession::close() {
  if (closed_) return;
  closed_ = true;
  Error ignored;
  socket_.close(ignored);
  deadline_.cancel();
  const auto self = shared_from_this();  // the set may hold the last reference
  shared_->sessions.erase(self);
  if (refused_) --shared_->refused;
  if (shared_->on_closed) shared_->on_closed();
}

// --- one request -----------------------------------------------------------------------------------------------------

void AdminSession::read_request() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(shared_->limits.header));
  parser_->body_limit(shared_->limits.body);
  arm(shared_->limits.idle);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, std::size_t) { self->on_header(error); });
}

void AdminSession::on_header(Error error) {
  if (closed_) return;
  if (error) return refuse(error);
  if (refused_) return respond(admin_error(503, "too many connections to the admin socket"), false);
  if (parser_->get()[http::field::expect] != "100-continue") return read_body();
  asio::async_write(socket_, asio::buffer(kContinue), [self = shared_from_this()](Error failed, std::size_t) {
    if (failed) return self->close();
    self->read_body();
  });
}

void AdminSession::read_body() {
  if (closed_) return;
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, std::size_t) { self->on_request(error); });
}

void AdminSession::on_request(Error error) {
  if (closed_) return;
  if (error) return refuse(error);
  const auto& request = parser_->get();
  writing_ = true;  // so to speak: an end that the request itself brings about must not cut its answer
  const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
  const AdminAnswer answer = answer_admin(shared_->handler, shared_->events,
                                          {view(request.method_string()), view(request.target()), request.body()});
  if (closed_) return;
  if (!answer.follow) return respond(answer, request.keep_alive() && !finishing_);
  if (request.version() < 11) return respond(admin_error(400, "events are streamed in HTTP/1.1 only"), false);
  follow(*answer.follow);
}

void AdminSession::refuse(Error error) {
  if (error == http::error::body_limit) {
    const std::string most = std::to_string(shared_->limits.body / 1024) + " KiB";
    return respond(admin_error(413, "the body is larger than " + most), false);
  }
  const bool is_http_error = error.category() == make_error_code(http::error::bad_method).category();
  // The client is gone, or went without asking anything.
  if (!is_http_error || error == http::error::end_of_stream || error == http::error::partial_message) return close();
  respond(admin_error(400, "not an HTTP/1.1 request: " + error.message()), false);
}

void AdminSession::respond(const AdminAnswer& answer, bool keep_alive) {
  out_ = render(answer, keep_alive);
  writing_ = true;
  arm(shared_->limits.idle);
  asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this(), keep_alive](Error error, std::size_t) {
    if (error) return self->close();
    self->on_responded(keep_alive);
  });
}

void AdminSession::on_responded(bool keep_alive) {
  if (closed_) return;
  writing_ = false;
  std::string().swap(out_);  // a members list of ten thousand must not stay with an idle connection
  if (finishing_) return close();
  if (keep_alive) return read_request();
  Error ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  arm(kDrainTime);
  drain();
}

void AdminSession::drain() {
  socket_.async_read_some(asio::buffer(scratch_), [self = shared_from_this()](Error error, std::size_t n) {
    self->drained_ += n;
    if (error || self->drained_ > kDrainMax) return self->close();
    self->drain();
  });
}

// --- following events ------------------------------------------------------------------------------------------------

void AdminSession::follow(std::uint64_t from) {
  following_ = true;
  next_ = from;
  deadline_.cancel();  // an open stream may be silent for as long as nothing happens
  out_ =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
      "Cache-Control: no-store\r\n\r\n";
  watch();
  write_out();
}

// The client's end is seen by reading; what it might send meanwhile is nothing that we know.
void AdminSession::watch() {
  socket_.async_read_some(asio::buffer(scratch_), [self = shared_from_this()](Error error, std::size_t) {
    if (self->closed_) return;
    if (error) return self->close();
    self->watch();
  });
}

void AdminSession::append_chunk(std::string_view line) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", line.size() + 1);
  out_.append(size).append(line).append("\n\r\n");
}

void AdminSession::on_ring_grown() {
  if (!following_ || closed_ || last_) return;
  if (!writing_) return pump();
  // What is being written is stuck and the ring has moved past this reader: it has this long to take the last line.
  if (next_ < shared_->events.oldest() && !std::exchange(overtaken_, true)) arm(shared_->limits.idle);
}

void AdminSession::pump() {
  const EventRing& events = shared_->events;
  if (next_ < events.oldest()) {
    const std::string newest = std::to_string(events.oldest() - 1);
    append_chunk(error_json("this reader was too slow: events " + std::to_string(next_) + " to " + newest +
                            " are lost to it; go on with ?since=" + newest));
    last_ = true;
  } else {
    while (next_ <= events.newest() && out_.size() < shared_->limits.batch) append_chunk(events.line(next_++));
    last_ = finishing_ && next_ > events.newest();
  }
  if (last_) out_ += kLastChunk;
  if (!out_.empty()) write_out();
}

void AdminSession::write_out() {
  writing_ = true;
  asio::async_write(socket_, asio::buffer(out_),
                    [self = shared_from_this()](Error error, std::size_t) { self->on_written(error); });
}

void AdminSession::on_written(Error error) {
  if (closed_) return;
  if (error || last_) return close();
  writing_ = false;
  out_.clear();
  pump();
}

void AdminSession::finish() {
  finishing_ = true;
  if (closed_ || writing_) return;
  if (following_) return pump();
  close();
}

}  // namespace quorumor
