#include "node/agent/why_json.h"

#include "why_samples.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace quorumor;
namespace json = boost::json;

namespace {

constexpr WallTime kAt = wall_from_millis(1'709'208'060'042);  // 2024-02-29T12:01:00.042Z

}  // namespace

TEST_CASE("an explanation has every key; u64 values are strings, moments are told twice") {
  CHECK(json::parse(why_json(suspect_sample(), kAt)) == json::parse(R"({
    "id": "05050505050505050505050505050505", "name": "n5", "self": false, "state": "suspect",
    "since": "2024-02-29T12:00:57.642Z", "since_ms": 2400,
    "serial": "7", "generation": "18446744073709551615", "incarnation": "3",
    "history": [
      {"time": "2024-02-29T11:59:55.042Z", "time_ms": 65000, "state": "alive", "reason": "new claim"},
      {"time": "2024-02-29T12:00:57.642Z", "time_ms": 2400, "state": "suspect", "reason": "accused by n4"}],
    "defense": true,
    "accusers": [
      {"id": "01010101010101010101010101010101", "name": "n1", "self": true, "generation": "1152921504606846976",
       "ranks": [{"epoch": "1", "rank": null}, {"epoch": "2", "rank": 0}],
       "heard": "2024-02-29T12:00:59.542Z", "heard_ms": 500, "counts": true, "why_not": null, "muted": false,
       "refuted": 0},
      {"id": "04040404040404040404040404040404", "name": "n4", "self": false, "generation": "4",
       "ranks": [{"epoch": "2", "rank": 5}],
       "heard": "2024-02-29T12:00:57.642Z", "heard_ms": 2400, "counts": true, "why_not": null, "muted": true,
       "refuted": 2},
      {"id": "09090909090909090909090909090909", "name": "", "self": false, "generation": "9",
       "ranks": [{"epoch": "2", "rank": null}],
       "heard": "2024-02-29T12:00:58.042Z", "heard_ms": 2000, "counts": false, "why_not": "out_of_reach",
       "muted": false, "refuted": 1}],
    "tally": {"counting": 2, "needed": 3, "suspected": true, "condemned": false, "quorum": true},
    "silent_observers": [
      {"id": "02020202020202020202020202020202", "name": "n2", "state": "alive", "self": false},
      {"id": "03030303030303030303030303030303", "name": "n3", "state": "suspect", "self": false}],
    "muted": [{"id": "04040404040404040404040404040404", "name": "n4", "refuted": 2}],
    "window": {"began": "2024-02-29T12:00:57.642Z", "began_ms": 2400, "ends": "2024-02-29T12:01:01.642Z",
               "ends_ms": -1600, "over": false, "deferrals": 1, "deferrals_most": 2},
    "last_look": {"result": "none", "ended": null, "ended_ms": null},
    "last_heard": "2024-02-29T12:00:54.142Z", "last_heard_ms": 5900, "round_trip_us": 1250, "phi": 12.35,
    "may_declare": {"allowed": true, "synced_with": 3, "needed": 3},
    "refutations": null,
    "missing": ["1 more accuser of 3 needed", "the window ends in 1.6 s"]})"));
}

TEST_CASE("an explanation of a dead member: the window is over, the look has ended") {
  const json::value out = json::parse(why_json(dead_sample(), kAt));
  CHECK(out.at("state") == "dead");
  CHECK(out.at("window").at("ends_ms") == 3000);
  CHECK(out.at("window").at("over") == true);
  CHECK(out.at("last_look") ==
        json::parse(R"({"result": "failed", "ended": "2024-02-29T12:00:56.942Z", "ended_ms": 3100})"));
  CHECK(out.at("missing") == json::array{});
}

TEST_CASE("an explanation of this node itself, and of one of which no claim is held") {
  Explanation e = own_sample();
  json::value out = json::parse(why_json(e, kAt));
  CHECK(out.at("refutations") == "4");
  CHECK(out.at("window").is_null());
  CHECK(out.at("last_heard").is_null());
  CHECK(out.at("last_heard_ms").is_null());
  CHECK(out.at("round_trip_us").is_null());
  CHECK(out.at("phi") == 0);
  CHECK(out.at("may_declare").at("allowed") == false);
  e.has_claim = false;
  out = json::parse(why_json(e, kAt));
  for (const char* key : {"serial", "generation", "incarnation"}) CHECK(out.at(key).is_null());
}

TEST_CASE("every weight and look has its name") {
  static constexpr const char* kWeights[] = {"counts", "not_an_observer", "out_of_reach", "not_a_member"};
  static constexpr const char* kLooks[] = {"none", "due", "running", "answered", "failed"};
  for (std::size_t i = 0; i < std::size(kWeights); ++i) {
    CHECK(std::string(to_string(static_cast<Weight>(i))) == kWeights[i]);
  }
  for (std::size_t i = 0; i < std::size(kLooks); ++i) CHECK(std::string(to_string(static_cast<Look>(i))) == kLooks[i]);
}

TEST_CASE("an unknown name comes with the nearest") {
  CHECK(no_such_member("n55", {"n1", "n5"}) == "this node knows no member 'n55'; did you mean 'n5'?");
  CHECK(no_such_member("web", {"n1", "n5"}) == "this node knows no member 'web'; `quorumor members` lists them");
}
