#include "node/agent/admin_json.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace quorumor;
namespace json = boost::json;

namespace {

NodeId id_of(unsigned char n) {
  NodeId out{};
  out.fill(std::byte{n});
  return out;
}

json::value parsed(const std::string& text) { return json::parse(text); }

MemberView view(unsigned char n, std::string_view name, MemberState state) {
  MemberView out;
  out.id = id_of(n);
  out.name = name;
  out.state = state;
  return out;
}

}  // namespace

TEST_CASE("times are RFC 3339 with milliseconds, in UTC") {
  CHECK(rfc3339(wall_from_millis(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(wall_from_millis(1'709'208'000'042)) == "2024-02-29T12:00:00.042Z");
  CHECK(rfc3339(wall_from_millis(253'402'300'799'999)) == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("a member has every key, its u64 values as strings") {
  const std::vector<Endpoint> endpoints = {Endpoint::v4(127, 0, 0, 1, 7947), Endpoint::v4(10, 0, 0, 1, 80)};
  MemberView m = view(0xab, "n1", MemberState::suspect);
  m.zone = "z1";
  m.since = Instant{1s};
  m.at.generation = Generation{~std::uint64_t{0}};
  m.at.incarnation = Incarnation{3};
  m.endpoints = &endpoints;
  m.self = true;
  m.phi = 1.234567;
  m.round_trip = 1'234'567ns;
  MembersJson out(Instant{3'500ms});
  out.add(m);
  CHECK(parsed(std::move(out).finish()) == parsed(R"([{
    "id": "abababababababababababababababab", "name": "n1", "state": "suspect",
    "generation": "18446744073709551615", "incarnation": "3", "endpoints": ["127.0.0.1:7947", "10.0.0.1:80"],
    "zone": "z1", "self": true, "since_ms": 2500, "phi": 1.23, "round_trip_us": 1234}])"));
}

TEST_CASE("members of state unknown are not listed; a missing body is an empty list of endpoints") {
  MembersJson out(Instant{});
  out.add(view(1, "a", MemberState::unknown));
  out.add(view(2, "b", MemberState::alive));
  out.add(view(3, "c", MemberState::unknown));
  out.add(view(4, "d", MemberState::evicted));
  const json::value value = parsed(std::move(out).finish());
  REQUIRE(value.as_array().size() == 2);
  CHECK(value.as_array()[0].at("name") == "b");
  CHECK(value.as_array()[0].at("endpoints") == json::array{});
  CHECK(value.as_array()[1].at("state") == "evicted");
  CHECK(value.as_array()[1].at("round_trip_us").is_null());
  CHECK(value.as_array()[1].at("phi") == 0);
  CHECK(MembersJson(Instant{}).finish() == "[]");
}

TEST_CASE("every state has its name") {
  static constexpr const char* kNames[] = {"alive", "suspect", "unreachable", "dead", "left", "evicted"};
  MembersJson out(Instant{});
  for (unsigned char i = 1; i <= 6; ++i) out.add(view(i, "n", static_cast<MemberState>(i)));
  const json::array all = parsed(std::move(out).finish()).as_array();
  REQUIRE(all.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) CHECK(all[i].at("state") == kNames[i]);
}

TEST_CASE("the status") {
  StatusView s;
  s.cluster.fill(std::byte{1});
  s.id = id_of(2);
  s.label = "prod/dc1";
  s.name = "n1";
  s.zone = "z";
  s.stats.epoch = Epoch{7};
  s.stats.generation = Generation{std::uint64_t{1} << 60};
  s.stats.incarnation = Incarnation{4};
  s.stats.joined = true;
  s.stats.health = 2;
  s.stats.by_state = {9, 5, 1, 0, 2, 0, 3};
  s.stats.quorum = {7, 4, 3, true, 33};
  s.stats.counters.datagrams_in = ~std::uint64_t{0};
  s.stats.counters.dropped[0] = 11;
  s.stats.counters.dropped[kDropReasons - 1] = 12;
  s.stats.counters.messages_in[0] = 21;
  s.stats.counters.messages_out[kMessageKinds - 1] = 22;
  s.stats.counters.syncs = 5;
  s.stats.queued_rumors = 6;
  s.driver.streams_refused = 8;
  s.open_streams = 9;
  s.listening = {Endpoint::v4(0, 0, 0, 0, 7947)};
  s.advertised = {Endpoint::v4(10, 0, 0, 1, 7947)};
  s.version = "1.2.3";
  s.pid = 42;
  s.uptime = 90s;
  s.now = wall_from_seconds(1'000'000);
  s.not_after = wall_from_seconds(1'000'000 + 2 * 86'400 - 1);
  const json::object out = parsed(status_json(s)).as_object();
  CHECK(out.at("cluster") == std::string(64, '0').replace(0, 64, to_hex(s.cluster)).c_str());
  CHECK(out.at("label") == "prod/dc1");
  CHECK(out.at("id") == "02020202020202020202020202020202");
  CHECK(out.at("name") == "n1");
  CHECK(out.at("epoch") == "7");
  CHECK(out.at("generation") == "1152921504606846976");
  CHECK(out.at("incarnation") == "4");
  CHECK(out.at("joined") == true);
  CHECK(out.at("health") == 2);
  CHECK(out.at("counts") ==
        parsed(R"({"alive": 5, "suspect": 1, "unreachable": 0, "dead": 2, "left": 0, "evicted": 3})"));
  CHECK(out.at("observers") == parsed(R"({"n": 33, "m": 7, "k": 4, "tolerated": 3, "quorum": true})"));
  CHECK(out.at("queued_rumors") == 6);
  CHECK(out.at("listening") == parsed(R"(["0.0.0.0:7947"])"));
  CHECK(out.at("advertised") == parsed(R"(["10.0.0.1:7947"])"));
  CHECK(out.at("version") == "1.2.3");
  CHECK(out.at("pid") == 42);
  CHECK(out.at("uptime_ms") == 90'000);
  CHECK(out.at("credential") == parsed(R"({"not_after": "1970-01-14T13:46:39.000Z", "warning": "7_days",
                                                 "days_left": 1})"));
  CHECK(out.at("driver").at("streams_refused") == "8");
  CHECK(out.at("driver").at("streams_open") == 9);
  const json::object& counters = out.at("counters").as_object();
  CHECK(counters.at("datagrams_in") == "18446744073709551615");
  CHECK(counters.at("syncs") == "5");
  CHECK(counters.at("dropped").at("too_short") == "11");
  CHECK(counters.at("dropped").at("over_limit") == "12");
  CHECK(counters.at("dropped").as_object().size() == kDropReasons);
  CHECK(counters.at("messages_in").at("ping") == "21");
  CHECK(counters.at("messages_out").at("epoch_key") == "22");
}

TEST_CASE("days left are rounded down, also below zero") {
  struct Case {
    std::int64_t seconds;
    int days;
  };
  static constexpr Case kCases[] = {{0, 0}, {86'399, 0}, {86'400, 1}, {-1, -1}, {-86'400, -1}, {-86'401, -2}};
  for (const Case& c : kCases) {
    CAPTURE(c.seconds);
    StatusView s;
    s.now = wall_from_seconds(10'000'000);
    s.not_after = wall_from_seconds(10'000'000 + c.seconds);
    CHECK(parsed(status_json(s)).at("credential").at("days_left") == c.days);
  }
}

TEST_CASE("a join's body") {
  const auto good = parse_join(R"({"endpoints": ["127.0.0.1", "h:80", "[::1]:9"]})");
  REQUIRE(good);
  CHECK(good.value() == std::vector<std::string>{"127.0.0.1:7947", "h:80", "[::1]:9"});
  std::string many = R"({"endpoints": ["h")";
  for (std::size_t i = 1; i < kJoinEndpointsMax; ++i) many += R"(, "h")";
  CHECK(parse_join(many + "]}"));
  const std::string bad[] = {"",
                             "{",
                             "[]",
                             "null",
                             "{}",
                             R"({"endpoints": []})",
                             R"({"endpoints": "h:80"})",
                             R"({"endpoints": [1]})",
                             R"({"endpoints": ["h:80"], "x": 1})",
                             R"({"endpoints": ["h:0"]})",
                             R"({"endpoints": ["a b"]})",
                             R"({"endpoints": [["h:80"]]})",
                             R"({"endpoints": ["h"]} x)",
                             many + R"(, "h"]})",
                             std::string(5000, '[')};
  for (const std::string& body : bad) {
    CAPTURE(body.substr(0, 60));
    const auto out = parse_join(body);
    CHECK(!out);
    if (!out) CHECK(!out.error().message.empty());
  }
}

TEST_CASE("a request without a body") {
  CHECK(parse_empty(""));
  CHECK(parse_empty("{}"));
  CHECK(!parse_empty("[]"));
  CHECK(!parse_empty("x"));
  CHECK(!parse_empty(R"({"force": true})"));
}

TEST_CASE("an error is escaped") { CHECK(error_json("a \"b\"\n") == R"({"error":"a \"b\"\n"})"); }
