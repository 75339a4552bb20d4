#include "sim/rounds/rounds.h"

#include <doctest/doctest.h>

#include <cmath>

namespace quorumor {
namespace {

using sim::RoundsSetting;
using sim::Spread;

double mean(Spread spread, RoundsSetting setting, unsigned runs = 20) {
  double sum = 0;
  for (unsigned seed = 0; seed < runs; ++seed) sum += sim::rounds_to_all(spread, setting, seed).value();
  return sum / runs;
}

TEST_CASE("push takes log2 n + ln n rounds, and pull and push-pull less") {
  for (const std::size_t n : {64U, 1024U, 8192U}) {
    CAPTURE(n);
    RoundsSetting setting;
    setting.nodes = n;
    const double expected = std::log2(static_cast<double>(n)) + std::log(static_cast<double>(n));
    const double push = mean(Spread::push, setting), pull = mean(Spread::pull, setting);
    CHECK(std::abs(push - expected) < 2);
    CHECK(pull < push);
    CHECK(mean(Spread::push_pull, setting) < pull);
    CHECK(mean(Spread::push_pull, setting) > std::log(static_cast<double>(n)) / std::log(4.0));
  }
}

TEST_CASE("two members: one call; more calls or fewer losses are fewer rounds") {
  RoundsSetting two;
  two.nodes = 2;
  for (const Spread spread : {Spread::push, Spread::pull, Spread::push_pull}) {
    CHECK(sim::rounds_to_all(spread, two, 1) == 1);
  }
  RoundsSetting one, three, lossy;
  three.fanout = 3;
  lossy.loss_ppm = 500'000;
  CHECK(mean(Spread::push, three) < mean(Spread::push, one));
  CHECK(mean(Spread::push, one) < mean(Spread::push, lossy));
}

TEST_CASE("the seed is all chance there is, and all lost is said") {
  RoundsSetting setting;
  bool differ = false;
  for (unsigned seed = 0; seed < 8; ++seed) {
    CHECK(sim::rounds_to_all(Spread::push, setting, seed) == sim::rounds_to_all(Spread::push, setting, seed));
    differ = differ ||
             sim::rounds_to_all(Spread::push, setting, seed) != sim::rounds_to_all(Spread::push, setting, 0);
  }
  CHECK(differ);
  setting.nodes = 10;
  setting.loss_ppm = 1'000'000;
  CHECK_FALSE(sim::rounds_to_all(Spread::push_pull, setting, 1).has_value());
}

}  // namespace
}  // namespace quorumor
