#include "node/cli/admin_views.h"

#include "node/agent/admin_json.h"
#include "node/agent/event_log.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace quorumor;
namespace json = boost::json;

namespace {

const char* const kMembers = R"([
  {"id": "01", "name": "n1", "state": "alive", "generation": "5", "incarnation": "0", "endpoints": ["127.0.0.1:1"],
   "zone": "z1", "self": true, "since_ms": 61000},
  {"id": "02", "name": "db-2", "state": "dead", "generation": "18446744073709551615", "incarnation": "7",
   "endpoints": [], "zone": "", "self": false, "since_ms": 0}])";

}  // namespace

TEST_CASE("the table of members") {
  const auto members = parse_members(kMembers);
  REQUIRE(members);
  CHECK(members_text(members.value()) ==
        "NAME  STATE  ADDRESS      ZONE  GENERATION            INCARNATION  SINCE\n"
        "n1*   alive  127.0.0.1:1  z1    5                     0            1m01s\n"
        "db-2  dead   -            -     18446744073709551615  7            0s\n");
}

TEST_CASE("filters by state and by pattern, both if given") {
  const auto members = parse_members(kMembers).value();
  struct Case {
    std::optional<std::string> state, name;
    std::size_t left;
  };
  const Case cases[] = {
      {std::nullopt, std::nullopt, 2}, {"alive", std::nullopt, 1}, {"suspect", std::nullopt, 0},
      {std::nullopt, "db-*", 1},       {std::nullopt, "*", 2},     {std::nullopt, "n?", 1},
      {std::nullopt, "n", 0},          {"dead", "n*", 0},          {"dead", "*[0-9]", 1},
  };
  for (const Case& c : cases) CHECK(filter_members(members, {c.state, c.name}).size() == c.left);
}

TEST_CASE("what is missing or of another type does not crash a command") {
  const auto members = parse_members(R"([{}, 3, {"name": 5, "endpoints": "x", "since_ms": "y", "self": 1}])");
  REQUIRE(members);
  CHECK(members_text(members.value()) ==
        "NAME  STATE  ADDRESS  ZONE  GENERATION  INCARNATION  SINCE\n"
        "-     -      -        -     -           -            0s\n"
        "5     -      -        -     -           -            0s\n");
  CHECK(!status_text(json::object{}).empty());
  CHECK(!parse_members("{}"));
  CHECK(!parse_members("["));
  CHECK(!parse_status("[]"));
}

TEST_CASE("the status of a real agent") {
  StatusView s;
  s.label = "prod";
  s.name = "n1";
  s.stats.joined = true;
  s.stats.epoch = Epoch{3};
  s.stats.by_state = {0, 4, 0, 0, 1, 0, 0};
  s.stats.quorum = {3, 2, 1, true};
  s.stats.counters.datagrams_in = 12;
  s.stats.counters.bytes_in = 3456;
  s.stats.counters.dropped[5] = 3;
  s.version = "1.0";
  s.uptime = 61s;
  s.not_after = wall_from_seconds(86'400);
  const auto object = parse_status(status_json(s));
  REQUIRE(object);
  const std::string text = status_text(object.value());
  for (const char* part : {"joined, epoch 3, health 0", "4 alive, 1 dead", "tolerates 1 lying member: 2 of 3 observers must agree\n",
                           "(1 day left)", "12 datagrams (3.4 kB) in", "dropped: 3 replayed", "up 1m01s"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  s.stats.quorum = {3, 1, 0, false};
  s.now = wall_from_seconds(90'000);
  s.stats.joined = false;
  const std::string worse = status_text(parse_status(status_json(s)).value());
  for (const char* part : {"not joined", "no liar is tolerated: one accuser is enough; no quorum", "EXPIRED at 1970-01-02"}) {
    CAPTURE(part);
    CHECK(worse.find(part) != std::string::npos);
  }
}

TEST_CASE("the status says plainly how many liars are tolerated") {
  struct Case {
    QuorumView quorum;
    const char* line;
  };
  static constexpr Case kCases[] = {
      {{18, 10, 12, true, 128}, "tolerates 12 lying members: 10 of 18 observers must agree\n"},
      {{3, 2, 1, true, 4}, "tolerates 1 lying member: 2 of 3 observers must agree\n"},
      {{2, 1, 0, true, 3}, "no liar is tolerated: one accuser is enough\n"},
      {{3, 2, 0, true, 4}, "no liar is tolerated: 2 of 3 observers must agree\n"},
      {{18, 10, 12, false, 128}, "must agree; no quorum: nobody can be declared dead now\n"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.line);
    StatusView s;
    s.stats.quorum = c.quorum;
    CHECK(status_text(parse_status(status_json(s)).value()).find(c.line) != std::string::npos);
  }
}

TEST_CASE("an event as one line") {
  Event event;
  event.kind = Event::Kind::member_dead;
  event.id.fill(std::byte{1});
  event.name = "n3";
  event.reason = "no answer";
  const EventView view = view_event(event_json(12, wall_from_millis(42), event));
  CHECK(view.kind == "dead");
  CHECK(view.error.empty());
  CHECK(view.text == "1970-01-01T00:00:00.042Z  #12  dead          n3  (no answer)");
  event.kind = Event::Kind::user_event;
  event.reason.clear();
  event.topic = "deploy";
  event.payload = to_vector(as_bytes("v1\n"));
  CHECK(view_event(event_json(13, wall_from_millis(42), event)).text ==
        "1970-01-01T00:00:00.042Z  #13  user_event    n3  deploy  v1?");
  event.payload = {std::byte{0xff}};
  CHECK(view_event(event_json(13, wall_from_millis(42), event)).text ==
        "1970-01-01T00:00:00.042Z  #13  user_event    n3  deploy  base64:/w==");
  CHECK(view_event(error_json("too slow")).error == "too slow");
  CHECK(!view_event("garbage").error.empty());
}

TEST_CASE("errors in the agent's words") {
  CHECK(error_of(R"({"error": "bad\u001b[2J"})") == "bad?[2J");
  CHECK(error_of("plain") == "plain");
  CHECK(error_of(std::string(1000, 'x')).size() == 200);
}
