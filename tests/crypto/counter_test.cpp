#include "crypto/counter.h"

#include <set>
#include <vector>

#include "helpers.h"

namespace quorumor {
namespace {

TEST_CASE("values begin at 1 and rise by one for a pair") {
  CounterSource source;
  SendCounter pair;
  CHECK(source.next(pair) == 1);
  CHECK(source.next(pair) == 2);
  CHECK(source.highest() == 2);
}

TEST_CASE("a pair's first value is above all that the process has used; older pairs go on where they were") {
  CounterSource source;
  SendCounter a;
  SendCounter b;
  for (int i = 0; i < 5; ++i) source.next(a);
  CHECK(source.next(b) == 6);
  CHECK(source.next(a) == 6);  // another pair, another key: no repetition
  CHECK(source.next(a) == 7);
  CHECK(source.next(b) == 7);
}

TEST_CASE("no pair ever repeats a value, whatever state is evicted and derived again") {
  auto rng = test::test_rng("counter");
  CounterSource source;
  std::vector<SendCounter> state(8);
  std::vector<std::set<std::uint64_t>> used(8);
  for (int i = 0; i < 20000; ++i) {
    const auto pair = static_cast<std::size_t>(rng.below(8));
    if (rng.below(10) == 0) state[pair] = SendCounter{};  // evicted
    const auto value = source.next(state[pair]);
    REQUIRE(value.has_value());
    REQUIRE(used[pair].insert(*value).second);
  }
}

TEST_CASE("the space closes at 2^60, for fresh and for used counters, and stays closed") {
  CounterSource source;
  source.advance_to(kCounterEnd - 3);
  SendCounter pair;
  CHECK(source.next(pair) == kCounterEnd - 2);
  CHECK(source.next(pair) == kCounterEnd - 1);
  CHECK_FALSE(source.next(pair).has_value());
  CHECK_FALSE(source.next(pair).has_value());
  SendCounter fresh;
  CHECK_FALSE(source.next(fresh).has_value());
  CHECK(source.highest() == kCounterEnd - 1);
  source.advance_to(~std::uint64_t{0});
  CHECK_FALSE(source.next(fresh).has_value());
}

TEST_CASE("advancing never goes back") {
  CounterSource source;
  source.advance_to(100);
  source.advance_to(5);
  SendCounter pair;
  CHECK(source.next(pair) == 101);
}

}  // namespace
}  // namespace quorumor
