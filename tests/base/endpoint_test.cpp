#include "base/endpoint.h"

#include <doctest/doctest.h>

#include <unordered_set>

namespace quorumor {
namespace {

TEST_CASE("numeric addresses parse, and print in one way") {
  struct Row {
    std::string_view text;
    std::string_view printed;
  };
  static constexpr Row kRows[] = {
      {"127.0.0.1:7947", "127.0.0.1:7947"},
      {"255.255.255.255:65535", "255.255.255.255:65535"},
      {"0.0.0.0:0", "0.0.0.0:0"},
      {"[::1]:7947", "[::1]:7947"},
      {"[2001:DB8:0:0:0:0:0:1]:1", "[2001:db8::1]:1"},
      {"[::ffff:10.1.2.3]:80", "10.1.2.3:80"},  // one host is one value
  };
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    const auto endpoint = Endpoint::parse(row.text);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->to_string() == row.printed);
    CHECK(Endpoint::parse(row.printed) == endpoint);
  }
}

TEST_CASE("anything else is refused") {
  static constexpr std::string_view kRows[] = {
      "",
      ":",
      "127.0.0.1",
      "127.0.0.1:",
      "127.0.0.1:65536",
      "127.0.0.1:-1",
      ":7947",
      "1.2.3:1",
      "127.0.0.1:+1",
      "127.0.0.1: 1",
      " 127.0.0.1:1",
      "127.0.0.1:1 ",
      "1.2.3.4.5:1",
      "256.1.1.1:1",
      "localhost:7947",
      "::1:7947",
      "[::1]",
      "[::1]7947",
      "[]:1",
      "[127.0.0.1]:1",
      "[::1:7947",
      "[fe80::1%eth0]:1",
      "127.0.0.1:0x10",
      "none:0",
  };
  for (const std::string_view text : kRows) {
    CAPTURE(text);
    CHECK_FALSE(Endpoint::parse(text).has_value());
  }
}

TEST_CASE("loopback and unusable addresses are told apart") {
  struct Row {
    std::string_view text;
    bool loopback;
    bool unusable;
  };
  static constexpr Row kRows[] = {
      {"127.0.0.1:1", true, false},
      {"127.255.0.9:1", true, false},
      {"128.0.0.1:1", false, false},
      {"126.255.255.255:1", false, false},
      {"[::1]:1", true, false},
      {"[::2]:1", false, false},
      {"10.0.0.1:0", false, true},
      {"127.0.0.1:0", true, true},
      {"0.0.0.0:1", false, true},
      {"0.1.2.3:1", false, true},
      {"223.255.255.255:1", false, false},
      {"224.0.0.1:1", false, true},
      {"239.1.1.1:1", false, true},
      {"255.255.255.255:1", false, true},
      {"[::]:1", false, true},
      {"[ff02::1]:1", false, true},
      {"[2001:db8::1]:1", false, false},
      {"[::ffff:127.0.0.1]:1", true, false},
      {"[::ffff:224.0.0.1]:1", false, true},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    const auto endpoint = Endpoint::parse(row.text);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->is_loopback() == row.loopback);
    CHECK(endpoint->is_unusable() == row.unusable);
  }
  CHECK(Endpoint{}.is_unusable());
  CHECK_FALSE(Endpoint{}.is_loopback());
}

TEST_CASE("equality and hash see family, address and port") {
  const auto a = Endpoint::v4(10, 0, 0, 1, 7947);
  CHECK(a == *Endpoint::parse("10.0.0.1:7947"));
  CHECK(a != Endpoint::v4(10, 0, 0, 1, 7948));
  CHECK(a != Endpoint::v4(10, 0, 0, 2, 7947));
  ByteArray<16> same_bytes{};
  same_bytes[0] = std::byte{10};
  same_bytes[3] = std::byte{1};
  CHECK(a != Endpoint::v6(same_bytes, 7947));

  std::unordered_set<std::size_t> hashes;
  for (std::uint8_t host = 0; host < 100; ++host) {
    hashes.insert(std::hash<Endpoint>{}(Endpoint::v4(10, 0, 0, host, 7947)));
  }
  CHECK(hashes.size() == 100);
}

}  // namespace
}  // namespace quorumor
