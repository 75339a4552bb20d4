#include "node/agent/address.h"

#include <doctest/doctest.h>

using namespace quorumor;

TEST_CASE("an address gets the default port, and nothing else changes") {
  struct Case {
    const char* given;
    const char* expected;  // nullptr: refused
  };
  static constexpr Case kCases[] = {
      {"127.0.0.1", "127.0.0.1:7947"},
      {"127.0.0.1:80", "127.0.0.1:80"},
      {"node-1.example.org", "node-1.example.org:7947"},
      {"node-1.example.org:65535", "node-1.example.org:65535"},
      {"[::1]", "[::1]:7947"},
      {"[::1]:80", "[::1]:80"},
      {"[fe80::1%eth0]:80", "[fe80::1%eth0]:80"},
      {"0.0.0.0", "0.0.0.0:7947"},
      {"127.0.0.1:0", nullptr},
      {"::1", nullptr},
      {"fe80::1", nullptr},
      {"", nullptr},
      {":7947", nullptr},
      {"host:", nullptr},
      {"host:65536", nullptr},
      {"host:80x", nullptr},
      {"host:-1", nullptr},
      {"[]", nullptr},
      {"[x", nullptr},
      {"http://host:80", nullptr},
      {"user@host:80", nullptr},
      {"two words", nullptr},
      {"line\nbreak", nullptr},
      {"esc\x1b[2J", nullptr},
      {"h\xc3\xb6st", nullptr},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.given);
    const auto out = complete_address(c.given, "--join");
    CHECK(out.has_value() == (c.expected != nullptr));
    if (out && c.expected != nullptr) CHECK(out.value() == c.expected);
    if (!out) CHECK(out.error().usage);
    if (!out) CHECK(out.error().message.find("--join") != std::string::npos);
  }
}

TEST_CASE("port 0 is for binding only") {
  CHECK(complete_address("127.0.0.1:0", "--bind", PortZero::allowed).value() == "127.0.0.1:0");
  CHECK(complete_address("[::]:0", "--bind", PortZero::allowed).value() == "[::]:0");
}

TEST_CASE("another default port, and the longest address") {
  CHECK(complete_address("h", "x", PortZero::refused, 9).value() == "h:9");
  CHECK(complete_address(std::string(kAddressMax, 'a'), "x"));
  CHECK(!complete_address(std::string(kAddressMax + 1, 'a'), "x"));
}

TEST_CASE("what is refused for its characters is not repeated to the terminal") {
  const auto out = complete_address("a\x1b[2J", "--join");
  REQUIRE(!out);
  CHECK(out.error().message.find('\x1b') == std::string::npos);
}
