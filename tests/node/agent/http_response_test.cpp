#include "node/cli/http_response.h"

#include <doctest/doctest.h>

using namespace quorumor;
using Status = HttpResponseReader::Status;

namespace {

constexpr const char* kFixed = "HTTP/1.1 202 Accepted\r\nContent-Type: x\r\ncontent-length:  5 \r\n\r\nhello";
constexpr const char* kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n8\r\n, world\n\r\n0\r\n\r\n";

}  // namespace

TEST_CASE("an answer is the same however the socket cuts it") {
  struct Case {
    const char* bytes;
    int status;
    const char* body;
  };
  static const Case kCases[] = {
      {kFixed, 202, "hello"},
      {kChunked, 200, "hello, world\n"},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, ""},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", 200,
       "0123456789"},
  };
  for (const Case& c : kCases) {
    const std::string bytes = c.bytes;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      CAPTURE(cut);
      HttpResponseReader reader;
      const Status first = reader.feed(bytes.substr(0, cut));
      CHECK(first == (cut == bytes.size() ? Status::done : Status::need_more));
      CHECK(reader.feed(bytes.substr(cut)) == Status::done);
      CHECK(reader.status() == c.status);
      CHECK(reader.body() == c.body);
    }
    HttpResponseReader reader;
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) CHECK(reader.feed(bytes.substr(i, 1)) == Status::need_more);
    CHECK(reader.feed(bytes.substr(bytes.size() - 1)) == Status::done);
    CHECK(reader.body() == c.body);
  }
}

TEST_CASE("chunks come out as they arrive, before the stream ends") {
  HttpResponseReader reader;
  CHECK(reader.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == Status::need_more);
  CHECK(reader.has_header());
  CHECK(reader.feed("3\r\na") == Status::need_more);
  CHECK(reader.body() == "a");
  reader.body().clear();
  CHECK(reader.feed("bc") == Status::need_more);
  CHECK(reader.body() == "bc");
}

TEST_CASE("what no agent sends is refused") {
  static const std::string kBad[] = {
      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
      "SSH-2.0-OpenSSH\r\n\r\n",
      "HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 268435457\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000001\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      "HTTP/1.1 200 OK\r\nX: " + std::string(HttpResponseReader::kHeaderMax, 'x'),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(HttpResponseReader::kHeaderMax + 1, '0'),
  };
  for (const std::string& bytes : kBad) {
    CAPTURE(bytes.substr(0, 80));
    HttpResponseReader reader;
    CHECK(reader.feed(bytes) == Status::bad);
    CHECK(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == Status::bad);
    CHECK(!reader.has_header());
  }
}
