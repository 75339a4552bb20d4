#include "node/agent/event_json.h"

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>

using namespace quorumor;

TEST_CASE("printable UTF-8: what a JSON reader and a person can both take") {
  struct Case {
    std::string_view text;
    bool printable;
  };
  using namespace std::string_view_literals;
  static constexpr Case kCases[] = {
      {""sv, true},
      {"plain text, tab\t and newline\n"sv, true},
      {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"sv, true},  // 2, 3 and 4 bytes
      {"\0"sv, false},
      {"\x1b[2J"sv, false},
      {"\r"sv, false},
      {"\x7f"sv, false},
      {"\xc2\x85"sv, false},          // C1
      {"\xc2\xa0"sv, true},           // the first after C1
      {"\xc0\xaf"sv, false},          // overlong
      {"\xe0\x80\xaf"sv, false},      //
      {"\xf0\x80\x80\xaf"sv, false},  //
      {"\xed\xa0\x80"sv, false},      // a surrogate
      {"\xed\x9f\xbf"sv, true},       // the last before them
      {"\xee\x80\x80"sv, true},       // the first after
      {"\xf4\x8f\xbf\xbf"sv, true},   // the last of all
      {"\xf4\x90\x80\x80"sv, false},
      {"\xf8\x88\x80\x80\x80"sv, false},
      {"\x80"sv, false},      // nothing began
      {"\xc3"sv, false},      // nothing follows
      {"\xe2\x82"sv, false},  //
      {"\xc3x"sv, false},     // another follows
      {"\xff"sv, false},
  };
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    CAPTURE(i);
    CHECK(is_printable_utf8(kCases[i].text) == kCases[i].printable);
  }
}

TEST_CASE("base64 as RFC 4648 has it, both ways") {
  struct Case {
    std::string_view bytes, text;
  };
  static constexpr Case kCases[] = {{"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},
                                    {"foo", "Zm9v"},    {"foob", "Zm9vYg=="},  {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"}, {"\xff\xef\xbe", "/+++"}};
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(to_base64(as_bytes(c.bytes)) == c.text);
    const auto back = from_base64(c.text);
    REQUIRE(back.has_value());
    CHECK(as_text(*back) == c.bytes);
  }
  for (const char* bad : {"Zg", "Zg=", "Zg===", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Z g=", "Zm9\n", "-_==",
                          "=Zg="}) {
    CAPTURE(bad);
    CHECK(!from_base64(bad).has_value());
  }
}

TEST_CASE("an order comes back as it was given") {
  using namespace std::string_view_literals;
  for (const std::string_view payload : {"v1.2 \"x\""sv, "\0\xff"sv, ""sv}) {
    EventOrder order;
    order.name = "deploy";
    order.payload = to_vector(as_bytes(payload));
    order.ttl = std::chrono::milliseconds{1500};
    const auto back = parse_event(event_order_json(order));
    REQUIRE(back.has_value());
    CHECK(back.value().name == order.name);
    CHECK(back.value().payload == order.payload);
    CHECK(back.value().ttl == order.ttl);
  }
  CHECK(parse_event(R"({"name":"e"})").value().ttl == kEventTtlDefault);
}

TEST_CASE("what is wrong with an order is said in one line") {
  struct Case {
    const char* body;
    const char* needle;
  };
  static constexpr Case kCases[] = {
      {"", "not JSON"},
      {"[]", "not a JSON object"},
      {"{}", "\"name\" is missing"},
      {R"({"name":7})", "\"name\" must be a string"},
      {R"({"name":"e","payload":7})", "\"payload\" must be a string"},
      {R"({"name":"e","payloads":"x"})", "unknown key"},
      {R"({"name":"e","payload_encoding":"hex"})", "\"text\" or \"base64\""},
      {R"({"name":"e","payload":"Zg=","payload_encoding":"base64"})", "not base64"},
      {R"({"name":"e","ttl_ms":0})", "\"ttl_ms\""},
      {R"({"name":"e","ttl_ms":3600001})", "\"ttl_ms\""},
      {R"({"name":"e","ttl_ms":-1})", "\"ttl_ms\""},
      {R"({"name":"e","ttl_ms":1.5})", "\"ttl_ms\""},
      {R"({"name":"e","ttl_ms":"5"})", "\"ttl_ms\""},
      {R"({"name":"e","ttl_ms":18446744073709551615})", "\"ttl_ms\""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.body);
    const auto out = parse_event(c.body);
    REQUIRE(!out.has_value());
    CHECK(out.error().usage);
    CHECK(out.error().message.find(c.needle) != std::string::npos);
    CHECK(out.error().message.find('\n') == std::string::npos);
  }
}
