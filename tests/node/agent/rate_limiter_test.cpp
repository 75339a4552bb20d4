#include "node/agent/rate_limiter.h"

#include <doctest/doctest.h>

using namespace quorumor;

namespace {
Instant at(Duration d) { return Instant{d}; }
}  // namespace

TEST_CASE("ten lines a key in ten seconds, then one that counts the rest") {
  RateLimiter limiter;
  for (int i = 0; i < 10; ++i) CHECK(limiter.admit("dead", at(i * 100ms)));
  CHECK(!limiter.next_due());
  for (int i = 0; i < 7; ++i) CHECK(!limiter.admit("dead", at(2s)));
  REQUIRE(limiter.next_due());
  CHECK(*limiter.next_due() == at(10s));
  CHECK(limiter.collect(at(9999ms)).empty());
  const auto told = limiter.collect(at(10s));
  REQUIRE(told.size() == 1);
  CHECK(told[0].key == "dead");
  CHECK(told[0].count == 7);
  CHECK(limiter.collect(at(10s)).empty());
  CHECK(!limiter.next_due());
}

TEST_CASE("keys do not share windows, and a window begins with its first line") {
  RateLimiter limiter;
  for (int i = 0; i < 10; ++i) CHECK(limiter.admit("a", at(0s)));
  CHECK(!limiter.admit("a", at(5s)));
  for (int i = 0; i < 10; ++i) CHECK(limiter.admit("b", at(5s)));
  CHECK(!limiter.admit("b", at(14s)));
  CHECK(limiter.admit("a", at(14s)));    // a's window ended at 10 s
  CHECK(*limiter.next_due() == at(0s));  // and its count is still to be told
  const auto told = limiter.collect(at(15s));
  REQUIRE(told.size() == 2);
  CHECK(told[0].key == "a");
  CHECK(told[0].count == 1);
  CHECK(told[1].key == "b");
  CHECK(told[1].count == 1);
}

TEST_CASE("counts of a key that was not collected in time add up") {
  RateLimiter limiter;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 12; ++i) limiter.admit("a", at(round * 20s));
  }
  const auto told = limiter.collect(at(100s));
  REQUIRE(told.size() == 1);
  CHECK(told[0].count == 6);
}

TEST_CASE("the number of keys is bounded: further ones share a window") {
  RateLimiter limiter;
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += limiter.admit("key " + std::to_string(i), at(1s)) ? 1 : 0;
  CHECK(admitted == static_cast<int>(RateLimiter::kKeysMax) - 1 + static_cast<int>(RateLimiter::kBurst));
  const auto told = limiter.collect(at(11s));
  REQUIRE(told.size() == 1);
  CHECK(told[0].key == "other");
  CHECK(limiter.admit("key 999", at(12s)));
}
