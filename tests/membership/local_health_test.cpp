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

NodeId id(unsigned n) {
  NodeId out{};
  out[0] = std::byte(n);
  return out;
}

TEST_CASE("local health: blame comes back when somebody else confirms, all of it, and once") {
  LocalHealth health;
  health.blame(id(1));
  health.blame(id(2));
  health.blame(id(1));
  CHECK(health.score() == 3);
  health.take_back(id(3));
  CHECK(health.score() == 3);
  health.take_back(id(1));
  CHECK(health.score() == 1);
  health.take_back(id(1));
  CHECK(health.score() == 1);
  health.take_back(id(2));
  CHECK(health.score() == 0);
}

TEST_CASE("local health: what was never blamed is not returned") {
  LocalHealth health;
  health.apply(+3);
  health.take_back(id(1));
  health.take_back(NodeId{});  // as an unused place of the ring reads
  CHECK(health.score() == 3);
}

TEST_CASE("local health: a score that healed meanwhile does not fall below healthy") {
  LocalHealth health;
  health.blame(id(1));
  health.apply(-1);
  health.take_back(id(1));
  CHECK(health.score() == 0);
  health.blame(id(2));
  CHECK(health.score() == 1);
}

TEST_CASE("local health: at the worst, blame costs nothing and so nothing of it comes back") {
  LocalHealth health;
  for (unsigned i = 0; i < 7; ++i) health.blame(id(1));
  health.blame(id(2));
  CHECK(health.score() == LocalHealth::kWorst);
  health.take_back(id(2));
  CHECK(health.score() == LocalHealth::kWorst);
  health.take_back(id(1));
  CHECK(health.score() == 0);
}

TEST_CASE("local health: the latest sixteen points are remembered") {
  LocalHealth health;
  health.blame(id(1));
  health.apply(-1);
  for (unsigned i = 0; i < LocalHealth::kBlames - 1; ++i) {  // healed each time, remembered all the same
    health.blame(id(2));
    health.apply(-1);
  }
  health.apply(+5);
  health.take_back(id(1));
  CHECK(health.score() == 4);
  LocalHealth full;
  full.blame(id(1));
  full.apply(-1);
  for (unsigned i = 0; i < LocalHealth::kBlames; ++i) {
    full.blame(id(2));
    full.apply(-1);
  }
  full.apply(+5);
  full.take_back(id(1));
  CHECK(full.score() == 5);
}

}  // namespace
}  // namespace quorumor
