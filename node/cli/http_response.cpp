#include "node/cli/http_response.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace quorumor {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The trimmed, lower-case value of a header line "Name: value" if it has that name.
bool header_value(const std::string& line, std::string_view name, std::string& value) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || lower(line.substr(0, colon)) != name) return false;
  const std::size_t first = line.find_first_not_of(" \t", colon + 1);
  value = first == std::string::npos ? "" : lower(line.substr(first));
  value.erase(value.find_last_not_of(" \t") + 1);
  return true;
}

bool parse_number(std::string_view text, int base, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && !text.empty() && end == text.data() + text.size() &&
         out <= HttpResponseReader::kLengthMax;
}

}  // namespace

bool HttpResponseReader::take_line(std::string& line) {
  const std::size_t end = pending_.find("\r\n");
  if (end == std::string::npos) {
    if (pending_.size() > kHeaderMax) state_ = State::bad;
    return false;
  }
  line = pending_.substr(0, end);
  pending_.erase(0, end + 2);
  return true;
}

void HttpResponseReader::parse_header() {
  const std::size_t end = pending_.find("\r\n\r\n");
  if (end == std::string::npos || end > kHeaderMax) {
    if (pending_.size() > kHeaderMax) state_ = State::bad;
    return;
  }
  const std::string head = pending_.substr(0, end + 2);
  pending_.erase(0, end + 4);
  std::uint64_t status = 0;
  const bool is_http = head.compare(0, 9, "HTTP/1.1 ") == 0 && head.size() >= 12;
  if (!is_http || !parse_number(std::string_view(head).substr(9, 3), 10, status) || status < 200) {
    state_ = State::bad;
    return;
  }
  status_ = static_cast<int>(status);
  bool chunked = false;
  bool has_length = false;
  std::string value;
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t next = head.find("\r\n", at);
    const std::string line = head.substr(at, next - at);
    at = next + 2;
    if (header_value(line, "transfer-encoding", value)) chunked = value == "chunked";
    if (header_value(line, "content-length", value)) has_length = parse_number(value, 10, left_);
  }
  // Both, or neither, is nothing that an agent sends; which of them to believe is how responses get smuggled.
  state_ = chunked == has_length ? State::bad : chunked ? State::chunk_size : State::fixed;
}

void HttpResponseReader::parse_chunk_size(const std::string& line) {
  if (!parse_number(line, 16, left_)) {
    state_ = State::bad;
  } else {
    state_ = left_ == 0 ? State::trailer : State::chunk_data;
  }
}

// One step; false if it needs more bytes or nothing is left to do.
bool HttpResponseReader::step() {
  const State before = state_;
  const std::size_t had = pending_.size();
  std::string line;
  switch (state_) {
    case State::header:
      parse_header();
      break;
    case State::fixed:
    case State::chunk_data: {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, pending_.size()));
      body_.append(pending_, 0, n);
      pending_.erase(0, n);
      left_ -= n;
      if (left_ == 0) state_ = state_ == State::fixed ? State::done : State::chunk_end;
      break;
    }
    case State::chunk_size:
      if (take_line(line)) parse_chunk_size(line);
      break;
    case State::chunk_end:
      if (take_line(line)) state_ = line.empty() ? State::chunk_size : State::bad;
      break;
    case State::trailer:
      if (take_line(line) && line.empty()) state_ = State::done;
      break;
    case State::done:
    case State::bad:
      return false;
  }
  return state_ != before || pending_.size() != had;
}

HttpResponseReader::Status HttpResponseReader::feed(std::string_view bytes) {
  if (state_ == State::bad) return Status::bad;
  if (state_ == State::done) return Status::done;
  pending_.append(bytes);
  while (step()) {
  }
  if (state_ == State::bad) return Status::bad;
  return state_ == State::done ? Status::done : Status::need_more;
}

}  // namespace quorumor
