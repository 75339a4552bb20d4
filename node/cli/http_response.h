// The client's half of HTTP/1.1, as much of it as an agent's answers need: status line, Content-Length or chunked
// bodies. Incremental and pure: bytes go in as they come off the socket, body bytes come out. Every length is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quorumor {

class HttpResponseReader {
 public:
  enum class Status { need_more, done, bad };
  static constexpr std::size_t kHeaderMax = 16 * 1024;
  static constexpr std::uint64_t kLengthMax = 256 * 1024 * 1024;  // of a body or chunk; a list of 16,384 is 8 MB

  // After `done` or `bad`, further bytes change nothing.
  Status feed(std::string_view bytes);

  bool has_header() const noexcept { return state_ != State::header && state_ != State::bad; }
  int status() const noexcept { return status_; }
  // What of the body has arrived; the caller may take parts away as it uses them.
  std::string& body() noexcept { return body_; }

 private:
  enum class State { header, fixed, chunk_size, chunk_data, chunk_end, trailer, done, bad };
  bool take_line(std::string& line);
  void parse_header();
  void parse_chunk_size(const std::string& line);
  bool step();

  State state_ = State::header;
  int status_ = 0;
  std::string pending_;     // received, not yet used; at most kHeaderMax but for what one feed brought
  std::uint64_t left_ = 0;  // of the body or chunk
  std::string body_;
};

}  // namespace quorumor
