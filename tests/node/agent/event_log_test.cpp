#include "node/agent/event_log.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace quorumor;
namespace json = boost::json;

namespace {

const WallTime kAt = wall_from_millis(1'709'208'000'042);

Event member_event(Event::Kind kind, std::string reason = {}) {
  Event out;
  out.kind = kind;
  out.id.fill(std::byte{0xab});
  out.name = "n3";
  out.reason = std::move(reason);
  out.generation = Generation{~std::uint64_t{0}};
  out.incarnation = Incarnation{2};
  return out;
}

Event refusal(Refusal why) {
  Event out;
  out.kind = Event::Kind::join_refused;
  out.endpoint = Endpoint::v4(127, 0, 0, 1, 7001);
  out.refusal = why;
  return out;
}

const Subject kSelf{"/var/lib/q", "n1"};

}  // namespace

TEST_CASE("an event about a member") {
  const Event event = member_event(Event::Kind::member_dead, "no answer, accused by n1");
  CHECK(json::parse(event_json(7, kAt, event)) == json::parse(R"({
    "seq": "7", "time": "2024-02-29T12:00:00.042Z", "event": "dead", "member": "n3",
    "id": "abababababababababababababababab", "generation": "18446744073709551615", "incarnation": "2",
    "endpoint": null, "reason": "no answer, accused by n1", "user_event": null})"));
}

TEST_CASE("an event about an address") {
  CHECK(json::parse(event_json(1, kAt, refusal(Refusal::expired))) == json::parse(R"({
    "seq": "1", "time": "2024-02-29T12:00:00.042Z", "event": "join_refused", "member": null, "id": null,
    "generation": null, "incarnation": null, "endpoint": "127.0.0.1:7001", "reason": "expired",
    "user_event": null})"));
}

TEST_CASE("an application's event has its payload in JSON, and not in the log") {
  Event event = member_event(Event::Kind::user_event);
  event.topic = "deploy";
  event.payload = to_vector(as_bytes("secret"));
  event.sequence = Sequence{9};
  event.sent_at = kAt;
  event.ttl = std::chrono::milliseconds{5000};
  CHECK(json::parse(event_json(3, kAt, event)) == json::parse(R"({
    "seq": "3", "time": "2024-02-29T12:00:00.042Z", "event": "user_event", "member": "n3",
    "id": "abababababababababababababababab", "generation": "18446744073709551615", "incarnation": "2",
    "endpoint": null, "reason": null, "user_event": {"name": "deploy", "payload": "secret", "payload_encoding": "text",
    "sequence": "9", "sent": "2024-02-29T12:00:00.042Z", "ttl_ms": 5000}})"));
  CHECK(describe(event, kSelf).text == "event deploy of member n3 (6 bytes)");
  event.payload.resize(1);
  CHECK(describe(event, kSelf).text == "event deploy of member n3 (1 byte)");
}

TEST_CASE("every kind has the name that the API promises, and one sentence") {
  struct Case {
    Event::Kind kind;
    const char* name;
    LogLevel level;
    const char* sentence;
  };
  using Kind = Event::Kind;
  static const Case kCases[] = {
      {Kind::member_alive, "alive", LogLevel::info, "member n3 is alive (why)"},
      {Kind::member_suspect, "suspect", LogLevel::info, "member n3 is suspected (why)"},
      {Kind::member_unreachable, "unreachable", LogLevel::warning, "member n3 is unreachable (why)"},
      {Kind::member_dead, "dead", LogLevel::warning, "member n3 is dead (why)"},
      {Kind::member_left, "left", LogLevel::info, "member n3 has left (why)"},
      {Kind::member_updated, "updated", LogLevel::debug, "member n3 changed its details (why)"},
      {Kind::member_evicted, "evicted", LogLevel::warning, "member n3 is evicted (why)"},
      {Kind::joined, "joined", LogLevel::info, "joined the cluster (why)"},
      {Kind::join_failed, "join_failed", LogLevel::warning, "cannot reach none:0 (why); trying again"},
      {Kind::refuted, "refuted", LogLevel::warning, "this node was suspected and answered with incarnation 2 (why)"},
      {Kind::user_event, "user_event", LogLevel::info, "event  of member n3 (0 bytes)"},
      {Kind::left, "leave_done", LogLevel::info, "left the cluster (why)"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    CHECK(std::string(event_name(c.kind)) == c.name);
    const Sentence out = describe(member_event(c.kind, "why"), kSelf);
    CHECK(out.level == c.level);
    CHECK(out.text == c.sentence);
  }
  CHECK(std::string(event_name(Kind::join_refused)) == "join_refused");
  CHECK(std::string(event_name(Kind::revoked)) == "revoked");
  const Sentence revoked = describe(member_event(Kind::revoked), kSelf);
  CHECK(revoked.level == LogLevel::error);
  CHECK(revoked.text.find("credential is revoked") != std::string::npos);
  CHECK(revoked.text.find("authority") != std::string::npos);
  CHECK(std::string(event_name(Kind::clone_alarm)) == "clone_alarm");
  const Sentence clone = describe(member_event(Kind::clone_alarm), kSelf);
  CHECK(clone.level == LogLevel::error);
  CHECK(clone.text.find("/var/lib/q") != std::string::npos);
}

TEST_CASE("without a reason there are no brackets, without a name the id") {
  Event event = member_event(Event::Kind::member_dead);
  CHECK(describe(event, kSelf).text == "member n3 is dead");
  event.name.clear();
  CHECK(describe(event, kSelf).text == "member abababababababababababababababab is dead");
}

TEST_CASE("a refusal says by whom, why, and what to do") {
  const Sentence out = describe(refusal(Refusal::expired), kSelf);
  CHECK(out.level == LogLevel::error);
  CHECK(out.text ==
        "refused by 127.0.0.1:7001: credential expired; ask your authority to renew it: "
        "quorumor authority admit --authority DIR --name n1 --dir /var/lib/q");
  for (unsigned i = 1; i <= 9; ++i) {
    const std::string text = describe(static_cast<Refusal>(i), kSelf);
    CHECK(text.find(';') != std::string::npos);  // why; what to do
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("the ring numbers from 1 and forgets the oldest") {
  EventRing ring(3);
  CHECK(ring.newest() == 0);
  CHECK(ring.oldest() == 1);
  for (std::uint64_t i = 1; i <= 8; ++i) {
    CHECK(ring.add(kAt, member_event(Event::Kind::member_alive)) == i);
    CHECK(ring.newest() == i);
    CHECK(ring.oldest() == (i <= 3 ? 1 : i - 2));
    for (std::uint64_t n = ring.oldest(); n <= i; ++n) {
      CHECK(json::parse(ring.line(n)).at("seq") == std::to_string(n).c_str());
    }
  }
}

TEST_CASE("where a reader goes on") {
  EventRing ring(3);
  CHECK(ring.next_after(0) == 1);
  CHECK(ring.next_after(99) == 1);  // from an earlier run of the agent
  for (int i = 0; i < 5; ++i) ring.add(kAt, member_event(Event::Kind::member_alive));
  struct Case {
    std::uint64_t since, next;
  };
  static constexpr Case kCases[] = {{0, 3}, {1, 3}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 3}, {~std::uint64_t{0}, 3}};
  for (const Case& c : kCases) {
    CAPTURE(c.since);
    CHECK(ring.next_after(c.since) == c.next);
  }
}
