// The tables are memberlist's (suspicion_test.go, util_test.go), so that the two can be compared as they run.
#include "membership/suspicion.h"

#include <doctest/doctest.h>

#include <limits>

namespace quorumor {
namespace {

std::int64_t ms(Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

TEST_CASE("suspicion: the minimal timeout, a third of it at mult 3 and 1 s") {
  struct {
    std::size_t members;
    std::int64_t third_ms;
  } const table[] = {{5, 1000},    {10, 1000},  {50, 1698},  {100, 2000},
                     {500, 2698}, {1000, 3000}, {10000, 4000}, {0, 1000}, {1, 1000}};
  for (const auto& row : table) {
    CAPTURE(row.members);
    CHECK(suspicion_timeout_min(3, row.members, 1s) / 3 == std::chrono::milliseconds{row.third_ms});
  }
  CHECK(suspicion_timeout_min(4, 50, 1s) == 6792ms);
  CHECK(suspicion_timeout_min(4, 50, 500ms) == 3396ms);
  CHECK(suspicion_timeout_min(1, 50, 1500ns) == 2547ns);
}

TEST_CASE("suspicion: powers of ten are not rounded away") {
  std::size_t members = 10;
  for (int power = 1; power <= 19; ++power, members *= 10) {
    CAPTURE(power);
    CHECK(suspicion_timeout_min(1, members, 1s) == power * 1s);
  }
}

TEST_CASE("suspicion: timeouts saturate instead of wrapping into the past") {
  constexpr std::size_t kMany = std::numeric_limits<std::size_t>::max();
  constexpr unsigned kMult = std::numeric_limits<unsigned>::max();
  for (const Duration period : {Duration{1}, Duration{1s}, Duration{24h}, Duration::max()}) {
    const Duration min = suspicion_timeout_min(kMult, kMany, period);
    CAPTURE(period.count());
    CHECK(min > Duration::zero());
    CHECK(min <= Duration::max() / 6);
    CHECK(min >= suspicion_timeout_min(kMult - 1, kMany, period));
    CHECK(suspicion_remaining(0, 3, Duration::zero(), min, min * 6) > min);
  }
  CHECK(suspicion_timeout_min(kMult, kMany, Duration::max()) > 24h * 365 * 20);
  CHECK(suspicion_timeout_min(0, 10, 1s) == Duration::zero());
  CHECK(suspicion_timeout_min(3, 10, Duration::zero()) == Duration::zero());
  CHECK(suspicion_timeout_min(3, 10, -1s) == Duration::zero());
}

TEST_CASE("suspicion: what remains of the window, k = 3, 2 s to 30 s") {
  struct {
    unsigned confirmations;
    Duration elapsed;
    std::int64_t remaining_ms;
  } const table[] = {{0, 0s, 30000}, {1, 2s, 14000}, {2, 3s, 4810}, {3, 4s, -2000}, {4, 5s, -3000}, {5, 10s, -8000}};
  for (const auto& row : table) {
    CAPTURE(row.confirmations);
    CHECK(ms(suspicion_remaining(row.confirmations, 3, row.elapsed, 2s, 30s)) == row.remaining_ms);
  }
}

TEST_CASE("suspicion: the timer's windows, k = 3, 500 ms to 2 s") {
  const std::int64_t table[] = {2000, 1250, 810, 500, 500};
  for (unsigned confirmations = 0; confirmations < 5; ++confirmations) {
    CAPTURE(confirmations);
    const std::int64_t window = ms(suspicion_remaining(confirmations, 3, 0s, 500ms, 2s));
    CHECK(window >= table[confirmations] - 2);
    CHECK(window <= table[confirmations] + 2);
  }
}

TEST_CASE("suspicion: nobody to confirm means SWIM's plain timer") {
  for (const unsigned confirmations : {0u, 1u, 7u}) {
    CHECK(suspicion_remaining(confirmations, 0, 0s, 500ms, 2s) == 500ms);
    CHECK(suspicion_remaining(confirmations, 0, 600ms, 500ms, 2s) == -100ms);
  }
}

TEST_CASE("suspicion: the window only shrinks, from max to min, and time is subtracted whole") {
  for (unsigned expected = 1; expected <= 40; ++expected) {
    CAPTURE(expected);
    Duration last = 30s;
    CHECK(suspicion_remaining(0, expected, 0s, 5s, 30s) == 30s);
    CHECK(suspicion_remaining(expected, expected, 0s, 5s, 30s) == 5s);
    for (unsigned confirmations = 0; confirmations <= expected + 2; ++confirmations) {
      const Duration window = suspicion_remaining(confirmations, expected, 0s, 5s, 30s);
      CHECK(window <= last);
      CHECK(window >= 5s);
      if (confirmations > 0 && confirmations <= expected) CHECK(window < last);
      CHECK(suspicion_remaining(confirmations, expected, 7s, 5s, 30s) == window - 7s);
      last = window;
    }
  }
  constexpr unsigned kMost = std::numeric_limits<unsigned>::max();
  CHECK(suspicion_remaining(kMost, kMost, 0s, 5s, 30s) == 5s);
  CHECK(suspicion_remaining(kMost - 1, kMost, 0s, 5s, 30s) >= 5s);
}

TEST_CASE("suspicion: neither rounding nor too many confirmations cut the minimum short") {
  CHECK(suspicion_remaining(0, 3, 0s, 2500us, 2600us) == 2500us);
  const Duration min = suspicion_timeout_min(std::numeric_limits<unsigned>::max(), 1000, Duration::max());
  CHECK(suspicion_remaining(std::numeric_limits<unsigned>::max(), 1, 0s, min, min * 6) == min);
}

TEST_CASE("suspicion: how often a rumor is sent") {
  struct {
    unsigned mult;
    std::size_t members;
    unsigned limit;
  } const table[] = {{3, 0, 0},   {3, 1, 3},   {3, 9, 3},    {3, 10, 6},    {3, 99, 6},
                     {3, 100, 9}, {4, 999, 12}, {4, 1000, 16}, {1, std::numeric_limits<std::size_t>::max(), 20}};
  for (const auto& row : table) {
    CAPTURE(row.members);
    CHECK(retransmit_limit(row.mult, row.members) == row.limit);
  }
}

TEST_CASE("suspicion: how far periodic syncs spread out") {
  struct {
    std::size_t members;
    unsigned scale;
  } const table[] = {{0, 1},  {1, 1},  {31, 1},  {32, 1},  {33, 2},   {64, 2},   {65, 3},
                     {128, 3}, {129, 4}, {1024, 6}, {1025, 7}, {16384, 10}};
  for (const auto& row : table) {
    CAPTURE(row.members);
    CHECK(sync_scale(row.members) == row.scale);
  }
}

}  // namespace
}  // namespace quorumor
