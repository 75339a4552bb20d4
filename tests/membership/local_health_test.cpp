#include "membership/local_health.h"

#include <doctest/doctest.h>

#include <limits>

namespace quorumor {
namespace {

TEST_CASE("local health: memberlist's awareness table") {
  struct {
    int delta;
    int score;
  } const table[] = {{0, 0},  {-1, 0}, {-10, 0}, {1, 1},  {-1, 0}, {10, 7}, {-1, 6},
                     {-1, 5}, {-1, 4}, {-1, 3},  {-1, 2}, {-1, 1}, {-1, 0}, {-1, 0}};
  LocalHealth health;
  CHECK(health.score() == 0);
  for (const auto& row : table) {
    health.apply(row.delta);
    CHECK(health.score() == row.score);
    CHECK(health.scale(500ms) == 500ms * (row.score + 1));
  }
}

TEST_CASE("local health: no delta overflows it") {
  LocalHealth health;
  health.apply(5);
  health.apply(std::numeric_limits<int>::max());
  CHECK(health.score() == LocalHealth::kWorst);
  health.apply(std::numeric_limits<int>::min());
  CHECK(health.score() == 0);
  CHECK(health.scale(1s) == 1s);
}

}  // namespace
}  // namespace quorumor
