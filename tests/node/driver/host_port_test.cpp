#include "node/driver/host_port.h"

#include "helpers.h"

using namespace quorumor;
using test::message_of;

TEST_CASE("HOST:PORT") {
  struct Case {
    const char* text;
    const char* host;
    std::uint16_t port;
    bool numeric;
  };
  const Case cases[] = {
      {"127.0.0.1:7947", "127.0.0.1", 7947, true},
      {"[::1]:0", "::1", 0, true},
      {"example.org:65535", "example.org", 65535, false},
      {"[fe80::1%lo]:1", "fe80::1%lo", 1, false},
      {"1.2.3:4", "1.2.3", 4, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto parsed = parse_host_port(c.text, "--join");
    REQUIRE_MESSAGE(parsed.has_value(), message_of(parsed));
    CHECK(parsed.value().host == c.host);
    CHECK(parsed.value().port == c.port);
    CHECK(is_numeric(parsed.value()) == c.numeric);
    CHECK(parsed.value().to_string() == c.text);
  }
  for (const char* text : {"", ":", "x", "x:", ":1", "::1", "a:b:1", "[::1:7", "x:1 ", "x: 1", "x:65536", "x:+1"}) {
    CAPTURE(text);
    test::check_message(message_of(parse_host_port(text, "--join")), {"--join", text});
  }
}

TEST_CASE("numeric hosts need no resolver; mapped IPv6 is IPv4") {
  const auto v4 = resolve({"192.0.2.1", 5});
  REQUIRE(v4.has_value());
  CHECK(v4.value().front().endpoint == Endpoint::v4(192, 0, 2, 1, 5));
  const auto mapped = resolve({"::ffff:192.0.2.1", 5});
  REQUIRE(mapped.has_value());
  CHECK(mapped.value().front().endpoint == Endpoint::v4(192, 0, 2, 1, 5));
  const auto v6 = resolve({"2001:db8::1", 5});
  REQUIRE(v6.has_value());
  CHECK(v6.value().front().endpoint.to_string() == "[2001:db8::1]:5");
}

TEST_CASE("a link-local address keeps its interface") {
  const auto found = resolve({"fe80::1%lo", 5});
  REQUIRE_MESSAGE(found.has_value(), message_of(found));
  CHECK(found.value().front().scope != 0);
}

TEST_CASE("each address once, with the port") {
  const auto found = resolve({"localhost", 9});
  REQUIRE_MESSAGE(found.has_value(), message_of(found));
  for (std::size_t i = 0; i < found.value().size(); ++i) {
    CHECK(found.value()[i].endpoint.port == 9);
    for (std::size_t j = 0; j < i; ++j) CHECK(found.value()[i].endpoint != found.value()[j].endpoint);
  }
}
