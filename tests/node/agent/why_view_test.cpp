#include "node/cli/why_view.h"

#include "node/agent/why_json.h"
#include "node/cli/admin_views.h"
#include "why_samples.h"

#include <doctest/doctest.h>

using namespace quorumor;

namespace {

std::string shown(const Explanation& e) {
  return why_text(parse_status(why_json(e, wall_from_millis(1'709'208'060'042))).value());
}

void has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CAPTURE(part);
  CHECK(text.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a suspect as an operator reads it") {
  CHECK(shown(suspect_sample()) ==
        "n5 is suspect for 2.4s: accused by n4\n"
        "Still missing before it is dead:\n"
        "  - 1 more accuser of 3 needed\n"
        "  - the window ends in 1.6 s\n"
        "\n"
        "Accusers: 2 of 3 count, 3 needed\n"
        "NAME                              HEARD     RANK                         COUNTS                                   "
        "GENERATION\n"
        "n4                                2.4s ago  6 (epoch 2)                  yes, but muted: refuted 2 times          "
        "4\n"
        "09090909090909090909090909090909  2.0s ago  none (epoch 2)               no: out of reach itself, refuted 1 "
        "time  9\n"
        "n1*                               0.5s ago  none (epoch 1), 1 (epoch 2)  yes                                      "
        "1152921504606846976\n"
        "\n"
        "not accusing  observers: n2, n3 (suspect)\n"
        "muted         n4 (refuted 2 times)\n"
        "window        began 2.4s ago, ends in 1.6s, put off 1 of 2 times because it answered\n"
        "last look     none yet\n"
        "link          heard of 5.9s ago, round trip 1.2 ms, phi 12.35\n"
        "this node     may declare members dead: synced with 3, 3 needed\n"
        "id            05050505050505050505050505050505, generation 18446744073709551615, incarnation 3\n"
        "\n"
        "History:\n"
        "  2024-02-29T11:59:55.042Z  alive  new claim\n"
        "  2024-02-29T12:00:57.642Z  suspect  accused by n4\n");
}

TEST_CASE("a dead member: who accused it, what the last look found, and that nothing is missing") {
  const std::string text = shown(dead_sample());
  has(text, "n5 is dead for 3.0s: no refutation in time, accused by 3, last look unanswered\nNothing is missing");
  has(text, "Accusers: 3 of 1 count, 3 needed\n");
  has(text, "not accusing  observers: none\n");
  has(text, "window        began 7.0s ago, ended 3.0s ago\n");
  has(text, "last look     not answered, 3.1s ago\n");
  CHECK(text.find("muted ") == std::string::npos);
}

TEST_CASE("this node itself") {
  const std::string text = shown(own_sample());
  has(text, "n1 is alive for 1m30s (this node itself)\nNot in doubt: nobody accuses it.\n");
  has(text, "refutations   4 since it started\n");
  has(text, "this node     may declare nobody dead yet: synced with 1, 3 needed\n");
  CHECK(text.find("Accusers") == std::string::npos);
  CHECK(text.find("window") == std::string::npos);
  CHECK(text.find("link") == std::string::npos);
}

TEST_CASE("what varies: looks, weights, the defense, the quorum") {
  Explanation e = suspect_sample();
  struct Case {
    Look look;
    const char* line;
  };
  static constexpr Case kCases[] = {{Look::due, "last look     waits for its turn\n"},
                                    {Look::running, "last look     under way\n"},
                                    {Look::answered, "last look     answered, 3.0s ago\n"},
                                    {Look::none, "last look     to be repeated; the one before ended 3.0s ago\n"}};
  e.look_ended = 3s;
  for (const Case& c : kCases) {
    e.look = c.look;
    has(shown(e), c.line);
  }
  e.accusers[0].weight = Weight::not_an_observer;
  has(shown(e), "no: not an observer of it");
  e.accusers[0].weight = Weight::not_a_member;
  has(shown(e), "no: not a member");
  e.tally.quorum = false;
  has(shown(e), "3 needed; no quorum\n");
  e.window->began = 600ms;
  has(shown(e), "window        began again 0.6s ago (this node had stood still), ends in 1.6s");
  e.window->began = 2'400ms;
  e.window->ends_in = -200ms;
  has(shown(e), "window        began 2.4s ago, is up, put off");
  e.missing.clear();
  has(shown(e), "Nothing is missing: it is about to be declared dead.\n");
  e.round_trip.reset();
  has(shown(e), "link          heard of 5.9s ago, round trip not measured yet\n");
  e.defended = false;
  has(shown(e), "defense       off: any one accuser is enough, and nobody looks for itself\n");
  CHECK(shown(e).find("last look ") == std::string::npos);
}

TEST_CASE("what is missing or of another type does not crash it, and nothing moves the cursor") {
  CHECK(!why_text({}).empty());
  const auto odd = parse_status(
      R"({"name": 5, "history": [3, {}], "accusers": [3, {"ranks": [1, {}]}], "silent_observers": "x",
          "muted": [{}, 1], "window": {}, "last_look": 3, "missing": [1, {}], "phi": "x", "may_declare": null})");
  REQUIRE(odd);
  CHECK(!why_text(odd.value()).empty());
  const auto hostile = parse_status(
      R"({"name": "a\u001b[2J", "state": "suspect", "missing": ["\u001b[2J"], "history": [{"reason": "\u001b[2J"}]})");
  REQUIRE(hostile);
  CHECK(why_text(hostile.value()).find('\x1b') == std::string::npos);
}
