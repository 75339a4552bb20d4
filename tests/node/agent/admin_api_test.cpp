#include "node/agent/admin_api.h"

#include "fake_handler.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace quorumor;

TEST_CASE("paths, methods and mistakes") {
  struct Case {
    const char* method;
    const char* target;
    const char* body;
    unsigned status;
    const char* allow;
  };
  static constexpr Case kCases[] = {
      {"GET", "/v1/members", "", 200, ""},
      {"GET", "/v1/status", "", 200, ""},
      {"GET", "/v1/metrics", "", 200, ""},
      {"POST", "/v1/metrics", "", 405, "GET"},
      {"GET", "/v1/metrics?name=x", "", 400, ""},
      {"GET", "/v1/events", "", 200, ""},
      {"GET", "/v1/events?since=0", "", 200, ""},
      {"POST", "/v1/join", R"({"endpoints":["h:1"]})", 202, ""},
      {"POST", "/v1/leave", "", 202, ""},
      {"POST", "/v1/leave", "{}", 202, ""},
      {"GET", "/v1/keys", "", 200, ""},
      {"POST", "/v1/keys", "", 405, "GET"},
      {"POST", "/v1/keys/rotate", "", 202, ""},
      {"POST", "/v1/keys/rotate", R"({"suite":"aes-256-gcm"})", 202, ""},
      {"POST", "/v1/keys/rotate", R"({"suite":"x"})", 400, ""},
      {"GET", "/v1/keys/rotate", "", 405, "POST"},
      {"POST", "/v1/keys/retire", R"({"through":"1"})", 202, ""},
      {"POST", "/v1/keys/retire", "", 400, ""},
      {"POST", "/v1/revoke", R"({"record":"ab"})", 202, ""},
      {"POST", "/v1/revoke", R"({"record":"ab","endorsements":["cd"]})", 202, ""},
      {"POST", "/v1/revoke", R"({"record":"ab","endorsements":[]})", 400, ""},
      {"POST", "/v1/revoke", "", 400, ""},
      {"POST", "/v1/force-leave", R"({"record":"ab"})", 202, ""},
      {"POST", "/v1/renew", "", 200, ""},
      {"POST", "/v1/renew", R"({"x":1})", 400, ""},
      {"GET", "/v1/renew", "", 405, "POST"},
      {"POST", "/v1/members", "", 405, "GET"},
      {"DELETE", "/v1/status", "", 405, "GET"},
      {"HEAD", "/v1/status", "", 405, "GET"},
      {"PUT", "/v1/events", "", 405, "GET"},
      {"GET", "/v1/join", "", 405, "POST"},
      {"GET", "/v1/leave", "", 405, "POST"},
      {"get", "/v1/status", "", 405, "GET"},
      {"GET", "/", "", 404, ""},
      {"GET", "", "", 404, ""},
      {"GET", "/v1", "", 404, ""},
      {"GET", "/v1/members/", "", 404, ""},
      {"GET", "/V1/members", "", 404, ""},
      {"GET", "//v1/members", "", 404, ""},
      {"GET", "http://x/v1/members", "", 404, ""},
      {"GET", "/v1/../v1/members", "", 404, ""},
      {"GET", "/v1/members?state=alive", "", 400, ""},
      {"GET", "/v1/events?", "", 200, ""},
      {"GET", "/v1/events?since=", "", 400, ""},
      {"GET", "/v1/events?since=-1", "", 400, ""},
      {"GET", "/v1/events?since=+1", "", 400, ""},
      {"GET", "/v1/events?since=1x", "", 400, ""},
      {"GET", "/v1/events?since=18446744073709551616", "", 400, ""},
      {"GET", "/v1/events?until=1", "", 400, ""},
      {"GET", "/v1/events?1", "", 400, ""},
      {"GET", "/v1/events?since=1&since=2", "", 400, ""},
      {"POST", "/v1/join", "", 400, ""},
      {"POST", "/v1/join", "{", 400, ""},
      {"POST", "/v1/join", R"({"endpoints":["h:x"]})", 400, ""},
      {"POST", "/v1/leave", "now", 400, ""},
      {"POST", "/v1/event", R"({"name":"e"})", 202, ""},
      {"GET", "/v1/event", "", 405, "POST"},
      {"POST", "/v1/event?name=e", "", 400, ""},
      {"GET", "/v1/why?name=n1", "", 200, ""},
      {"GET", "/v1/why?name=nobody", "", 404, ""},
      {"GET", "/v1/why", "", 400, ""},
      {"GET", "/v1/why?", "", 400, ""},
      {"GET", "/v1/why?name=", "", 400, ""},
      {"GET", "/v1/why?nam=n1", "", 400, ""},
      {"GET", "/v1/why?name=N1", "", 400, ""},
      {"GET", "/v1/why?name=n%31", "", 400, ""},
      {"GET", "/v1/why?name=n1&x=1", "", 400, ""},
      {"POST", "/v1/why?name=n1", "", 405, "GET"},
      {"POST", "/v1/event", "", 400, ""},
      {"POST", "/v1/event", R"({"payload":"x"})", 400, ""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.method);
    CAPTURE(c.target);
    CAPTURE(c.body);
    FakeHandler handler;
    EventRing ring;
    const AdminAnswer out = answer_admin(handler, ring, {c.method, c.target, c.body});
    CHECK(out.status == c.status);
    CHECK(out.allow == c.allow);
    CHECK(out.follow.has_value() == (c.status == 200 && std::string(c.target).find("events") != std::string::npos));
    const bool is_text = c.status == 200 && std::string(c.target) == "/v1/metrics";
    CHECK((out.content_type == "application/json") == !is_text);
    if (!out.follow && !is_text) {
      const auto value = boost::json::parse(out.body);
      const bool has_error = value.is_object() && value.as_object().contains("error");
      CHECK(has_error == (c.status >= 400));
    }
    if (c.status >= 400) CHECK(handler.joined.empty());
    if (c.status >= 400) CHECK(handler.leaves == 0);
  }
}

TEST_CASE("requests reach the agent") {
  FakeHandler handler;
  handler.members_json = "[1]";
  EventRing ring;
  CHECK(answer_admin(handler, ring, {"GET", "/v1/members", ""}).body == "[1]");
  CHECK(answer_admin(handler, ring, {"GET", "/v1/status", ""}).body == R"({"joined":true})");
  answer_admin(handler, ring, {"POST", "/v1/join", R"({"endpoints":["a", "b:2"]})"});
  CHECK(handler.joined == std::vector<std::string>{"a:7947", "b:2"});
  answer_admin(handler, ring, {"POST", "/v1/leave", ""});
  CHECK(handler.leaves == 1);
  CHECK(answer_admin(handler, ring, {"GET", "/v1/why?name=db-2.x", ""}).body == R"({"name":"n1"})");
  CHECK(handler.asked == "db-2.x");
  CHECK(answer_admin(handler, ring, {"GET", "/v1/why?name=nobody", ""}).body ==
        R"({"error":"this node knows no member 'nobody'"})");
}

TEST_CASE("an event reaches the agent, and its refusal the client") {
  FakeHandler handler;
  EventRing ring;
  const AdminRequest request{"POST", "/v1/event", R"({"name":"deploy","payload":"v1","ttl_ms":5000})"};
  CHECK(answer_admin(handler, ring, request).status == 202);
  REQUIRE(handler.events.size() == 1);
  CHECK(handler.events[0].name == "deploy");
  CHECK(as_text(handler.events[0].payload) == "v1");
  CHECK(handler.events[0].ttl == std::chrono::milliseconds{5000});
  handler.refusal = misuse("too long");
  CHECK(answer_admin(handler, ring, request).status == 400);
  handler.refusal = fail("not joined");
  const AdminAnswer out = answer_admin(handler, ring, request);
  CHECK(out.status == 409);
  CHECK(out.body == R"({"error":"not joined"})");
  CHECK(handler.events.size() == 1);
}

TEST_CASE("where a stream begins") {
  FakeHandler handler;
  EventRing ring(4);
  CHECK(*answer_admin(handler, ring, {"GET", "/v1/events", ""}).follow == 1);
  for (int i = 0; i < 6; ++i) ring.add(WallTime{}, some_event());
  CHECK(*answer_admin(handler, ring, {"GET", "/v1/events", ""}).follow == 7);
  CHECK(*answer_admin(handler, ring, {"GET", "/v1/events?since=0", ""}).follow == 3);
  CHECK(*answer_admin(handler, ring, {"GET", "/v1/events?since=4", ""}).follow == 5);
  CHECK(*answer_admin(handler, ring, {"GET", "/v1/events?since=18446744073709551615", ""}).follow == 3);
}

TEST_CASE("the endorsements of an order are taken with it, and none where there is none") {
  FakeHandler handler;
  const EventRing ring;
  answer_admin(handler, ring, {"POST", "/v1/force-leave", R"({"record":"ab","endorsements":["cd","ef"]})"});
  CHECK(handler.forced == ByteVector{std::byte{0xab}});
  CHECK(handler.endorsed == std::vector<ByteVector>{{std::byte{0xcd}}, {std::byte{0xef}}});
  answer_admin(handler, ring, {"POST", "/v1/revoke", R"({"record":"ab"})"});
  CHECK(handler.revoked == ByteVector{std::byte{0xab}});
  CHECK(handler.endorsed.empty());
}
