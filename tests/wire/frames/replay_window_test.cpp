#include "wire/replay_window.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "model/replay_window_model.h"
#include "wire/frames/fixture.h"

namespace quorumor {
namespace {

constexpr std::uint64_t kWindow = limits::kReplayWindow;

bool offer(ReplayWindow& window, std::uint64_t counter) {
  if (!window.would_accept(counter)) return false;
  window.accept(counter);
  return true;
}

// After WireGuard's replay test (replay/replay_test.go): one window, one numbered step a row.
TEST_CASE("replay window: truth table") {
  constexpr std::uint64_t T = 10 * kWindow;
  struct Step {
    std::uint64_t counter;
    bool accepted;
  };
  constexpr Step kSteps[] = {
      {0, false},                // 1: never used
      {1, true},                 // 2
      {1, false},                // 3: again
      {9, true},                 // 4
      {8, true},                 // 5: overtaken
      {7, true},                 // 6
      {7, false},                // 7
      {kWindow, true},           // 8
      {kWindow - 1, true},       // 9
      {kWindow - 1, false},      // 10
      {kWindow + 1, true},       // 11: the window's lower end is now 2
      {2, true},                 // 12: the oldest that is still inside
      {2, false},                // 13
      {kWindow + 4, true},       // 14: lower end 5
      {3, false},                // 15: fell out unseen
      {4, false},                // 16: just outside
      {5, true},                 // 17: just inside
      {kWindow + 16, true},      // 18
      {9, false},                // 19: seen, and outside
      {17, true},                // 20: just inside
      {16, false},               // 21: just outside
      {T, true},                 // 22: a jump past the whole bitmap
      {T, false},                // 23
      {T - 1, true},             // 24: bits of the old position are gone
      {T - 1, false},            // 25
      {T - kWindow + 1, true},   // 26: just inside
      {T - kWindow + 1, false},  // 27
      {T - kWindow, false},      // 28: just outside
      {T - kWindow - 1, false},  // 29
      {kWindow + 16, false},     // 30
      {1, false},                // 31
      {0, false},                // 32
  };
  ReplayWindow window;
  int step = 0;
  for (const Step& s : kSteps) {
    CAPTURE(++step);
    CAPTURE(s.counter);
    CHECK(offer(window, s.counter) == s.accepted);
  }
  CHECK(window.high_water() == T);
}

TEST_CASE("replay window: a whole window backwards, forwards, and by every second one") {
  ReplayWindow down;
  for (std::uint64_t c = kWindow; c >= 1; --c) REQUIRE(offer(down, c));
  for (std::uint64_t c = 1; c <= kWindow; ++c) REQUIRE_FALSE(offer(down, c));

  // The spare word: with the highest counter in the middle of a word, all 2047 before it must still be told apart.
  for (const std::uint64_t highest : {kWindow + 31, kWindow + 63, kWindow + 64, kWindow + 65, 5 * kWindow + 1}) {
    CAPTURE(highest);
    ReplayWindow window;
    REQUIRE(offer(window, highest));
    for (std::uint64_t c = highest - 1; c > highest - kWindow; c -= 2) REQUIRE(offer(window, c));
    for (std::uint64_t c = highest - kWindow + 1; c < highest; ++c) {
      REQUIRE(window.would_accept(c) == (c % 2 == highest % 2));
    }
    REQUIRE_FALSE(window.would_accept(highest - kWindow));
  }
}

TEST_CASE("replay window: a floor is never passed") {
  ReplayWindow window(1000);
  CHECK(window.high_water() == 1000);
  CHECK_FALSE(window.would_accept(999));
  CHECK_FALSE(window.would_accept(1000));
  CHECK(offer(window, 1003));
  CHECK(offer(window, 1001));
  CHECK_FALSE(offer(window, 1000));  // inside the window, unseen, but not above the floor
  CHECK(offer(window, 1002));
  CHECK(window.high_water() == 1003);
}

TEST_CASE("replay window: the end of the counters") {
  ReplayWindow window;
  CHECK_FALSE(window.would_accept(kCounterEnd + 1));
  CHECK_FALSE(window.would_accept(~std::uint64_t{0}));
  CHECK(offer(window, kCounterEnd - 1));
  CHECK(offer(window, kCounterEnd));
  CHECK_FALSE(offer(window, kCounterEnd));
  CHECK(offer(window, kCounterEnd - kWindow + 1));
  CHECK_FALSE(offer(window, kCounterEnd - kWindow));
  CHECK_FALSE(offer(window, kCounterEnd + 1));

  const ReplayWindow closed(kCounterEnd);
  for (const std::uint64_t c : {std::uint64_t{0}, std::uint64_t{1}, kCounterEnd, kCounterEnd + 1, ~std::uint64_t{0}}) {
    CHECK_FALSE(closed.would_accept(c));
  }
}

// A question must not be an answer: a forger asks about any counter that he likes.
TEST_CASE("replay window: asking changes nothing") {
  ReplayWindow window;
  REQUIRE(offer(window, 100));
  for (const std::uint64_t c : {kCounterEnd, 100 * kWindow, std::uint64_t{5}}) CHECK(window.would_accept(c));
  CHECK(window.high_water() == 100);
  CHECK(offer(window, 5));
  CHECK(offer(window, 99));
}

// One walk for both: mostly near the top, sometimes far behind, sometimes a jump.
std::uint64_t next_counter(Rng& rng, std::uint64_t highest) {
  switch (rng.below(8)) {
    case 0:
      return highest + 1 + rng.below(3 * kWindow);
    case 1:
      return highest - std::min(highest, rng.below(3 * kWindow));
    case 2:
      return highest - std::min(highest, kWindow - 2 + rng.below(4));
    case 3:
      return highest + 62 + rng.below(4);
    default:
      return highest + 4 - std::min(highest + 4, rng.below(100));
  }
}

TEST_CASE("replay window: agrees with the naive one") {
  auto rng = test::test_rng("replay window model");
  for (const std::uint64_t floor : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{63}, 5 * kWindow + 17,
                                    kCounterEnd - 4 * kWindow, kCounterEnd - 1}) {
    for (int round = 0; round < 8; ++round) {
      ReplayWindow window(floor);
      model::ReplayWindowModel model(floor);
      for (int i = 0; i < 4000; ++i) {
        const std::uint64_t counter = next_counter(rng, model.high_water());
        CAPTURE(counter);
        REQUIRE(window.would_accept(counter) == model.would_accept(counter));
        if (!model.would_accept(counter)) continue;
        window.accept(counter);
        model.accept(counter);
        REQUIRE(window.high_water() == model.high_water());
      }
    }
  }
}

}  // namespace
}  // namespace quorumor
