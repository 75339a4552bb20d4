#include "membership/probe_schedule.h"

#include "seeded.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace quorumor {
namespace {

using Slot = ProbeSchedule::Slot;
using Ids = std::vector<Slot>;
const auto kAnybody = [](Slot) { return true; };
const auto kNobody = [](Slot) { return false; };

// Not in order, and with gaps.
Slot id_of(std::uint64_t n) { return static_cast<Slot>(n * 7919 % 10'007); }

Drbg rng_of(std::uint64_t seed) { return test::seeded(seed, "probe schedule test"); }

Ids draw(ProbeSchedule& schedule, Rng& rng, std::size_t count) {
  Ids out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto next = schedule.next(rng, kAnybody);
    REQUIRE(next.has_value());
    out.push_back(*next);
  }
  return out;
}

TEST_CASE("probe schedule: each member exactly once a round") {
  for (const std::size_t n : {1u, 2u, 3u, 10u, 100u}) {
    CAPTURE(n);
    Drbg rng = rng_of(n);
    ProbeSchedule schedule;
    std::set<Slot> all;
    for (std::size_t i = 0; i < n; ++i) {
      schedule.add(id_of(i), rng);
      all.insert(id_of(i));
    }
    CHECK(schedule.size() == n);
    std::set<Ids> orders;
    for (int round = 0; round < 20; ++round) {
      const Ids order = draw(schedule, rng, n);
      CHECK(std::set<Slot>(order.begin(), order.end()) == all);
      orders.insert(order);
    }
    if (n >= 10) CHECK(orders.size() == 20);  // drawn anew each round
  }
}

// The naive reference: who is still due in this round. Every id that the schedule considers must be due.
class Due {
 public:
  void add(Slot id) {
    if (all_.insert(id).second) due_.insert(id);
  }
  void remove(Slot id) {
    all_.erase(id);
    due_.erase(id);
  }
  bool consider(Slot id) {
    if (due_.empty()) due_ = all_;
    return due_.erase(id) == 1;
  }
  const std::set<Slot>& all() const { return all_; }

 private:
  std::set<Slot> all_;
  std::set<Slot> due_;
};

TEST_CASE("probe schedule: joining, removing and skipping cost nobody a turn and give nobody a second") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Drbg rng = rng_of(seed);
    Drbg choices = rng_of(seed + 1'000'000);
    ProbeSchedule schedule;
    Due due;
    for (int step = 0; step < 300; ++step) {
      const Slot id = id_of(choices.below(12));
      switch (choices.below(4)) {
        case 0:
          schedule.add(id, rng);
          due.add(id);
          break;
        case 1:
          schedule.remove(id);
          due.remove(id);
          break;
        default: {
          std::set<Slot> eligible;
          for (Slot candidate : due.all()) {
            if (choices.below(3) > 0) eligible.insert(candidate);
          }
          bool in_turn = true;
          std::size_t considered = 0;
          const std::size_t bound = 2 * due.all().size();
          const auto next = schedule.next(rng, [&](Slot candidate) {
            in_turn = in_turn && due.consider(candidate);
            ++considered;
            return eligible.contains(candidate);
          });
          CHECK(in_turn);
          CHECK(considered <= bound);
          CHECK(next.has_value() == !eligible.empty());
          if (next) CHECK(eligible.contains(*next));
        }
      }
      REQUIRE(schedule.size() == due.all().size());
    }
  }
}

TEST_CASE("probe schedule: who joins mid-round is probed within that round") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Drbg rng = rng_of(seed);
    ProbeSchedule schedule;
    for (std::uint64_t i = 0; i < 10; ++i) schedule.add(id_of(i), rng);
    const std::size_t before = seed % 11;
    draw(schedule, rng, before);
    schedule.add(id_of(99), rng);
    const Ids rest = draw(schedule, rng, 11 - before);
    CHECK(std::count(rest.begin(), rest.end(), id_of(99)) == 1);
  }
}

TEST_CASE("probe schedule: the one eligible member is always found, wherever it stands") {
  Drbg rng = rng_of(5);
  ProbeSchedule schedule;
  for (std::uint64_t i = 0; i < 20; ++i) schedule.add(id_of(i), rng);
  for (int call = 0; call < 200; ++call) {
    CHECK(schedule.next(rng, [](Slot id) { return id == id_of(7); }) == id_of(7));
  }
}

TEST_CASE("probe schedule: nobody eligible, nobody there, nobody left") {
  Drbg rng = rng_of(6);
  ProbeSchedule schedule;
  CHECK_FALSE(schedule.next(rng, kAnybody).has_value());
  for (std::uint64_t i = 0; i < 5; ++i) schedule.add(id_of(i), rng);
  for (int call = 0; call < 3; ++call) CHECK_FALSE(schedule.next(rng, kNobody).has_value());
  CHECK(schedule.next(rng, kAnybody).has_value());
  schedule.remove(id_of(77));  // never added
  CHECK(schedule.size() == 5);
  for (std::uint64_t i = 0; i < 5; ++i) schedule.remove(id_of(i));
  CHECK(schedule.size() == 0);
  CHECK_FALSE(schedule.next(rng, kAnybody).has_value());
}

TEST_CASE("probe schedule: adding twice is adding once") {
  Drbg rng = rng_of(7);
  ProbeSchedule schedule;
  for (int i = 0; i < 3; ++i) schedule.add(id_of(1), rng);
  schedule.add(id_of(2), rng);
  CHECK(schedule.size() == 2);
  schedule.remove(id_of(1));
  CHECK(draw(schedule, rng, 3) == Ids{id_of(2), id_of(2), id_of(2)});
}

Ids trace(std::uint64_t seed) {
  Drbg rng = rng_of(seed);
  ProbeSchedule schedule;
  for (std::uint64_t i = 0; i < 30; ++i) schedule.add(id_of(i), rng);
  Ids out = draw(schedule, rng, 17);
  schedule.remove(id_of(3));
  schedule.remove(out[5]);
  schedule.add(id_of(50), rng);
  const Ids more = draw(schedule, rng, 100);
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST_CASE("probe schedule: the generator decides everything") {
  CHECK(trace(1) == trace(1));
  CHECK(trace(1) != trace(2));
}

// Counts orders over many seeds; each of the `kinds` equally likely ones within six standard deviations.
template <class F>
void check_uniform(std::size_t kinds, F&& order_of) {
  constexpr std::uint64_t kEach = 400;
  std::map<Ids, std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < kinds * kEach; ++seed) ++seen[order_of(seed)];
  CHECK(seen.size() == kinds);
  for (const auto& [order, count] : seen) {
    CHECK(count > kEach - 120);
    CHECK(count < kEach + 120);
  }
}

TEST_CASE("probe schedule: all orders are equally likely, so that nobody can tell whose turn it is") {
  SUBCASE("of joining") {
    check_uniform(24, [](std::uint64_t seed) {
      Drbg rng = rng_of(seed);
      ProbeSchedule schedule;
      for (std::uint64_t i = 0; i < 4; ++i) schedule.add(id_of(i), rng);
      return draw(schedule, rng, 4);
    });
  }
  SUBCASE("of a later round") {
    check_uniform(24, [](std::uint64_t seed) {
      Drbg rng = rng_of(seed);
      ProbeSchedule schedule;
      for (std::uint64_t i = 0; i < 4; ++i) schedule.add(id_of(i), rng);
      draw(schedule, rng, 4);
      return draw(schedule, rng, 4);
    });
  }
  SUBCASE("of the rest after a removal ahead") {
    check_uniform(6, [](std::uint64_t seed) {
      Drbg rng = rng_of(seed);
      ProbeSchedule schedule;
      for (std::uint64_t i = 0; i < 4; ++i) schedule.add(id_of(i), rng);
      schedule.remove(id_of(1));
      return draw(schedule, rng, 3);
    });
  }
  SUBCASE("of the rest after a removal behind, and a joining") {
    check_uniform(36, [](std::uint64_t seed) {  // the joiner's place, and two of four in order
      Drbg rng = rng_of(seed);
      ProbeSchedule schedule;
      for (std::uint64_t i = 0; i < 4; ++i) schedule.add(id_of(i), rng);
      const Ids probed = draw(schedule, rng, 2);
      schedule.remove(probed[0]);
      schedule.add(id_of(9), rng);
      return draw(schedule, rng, 3);
    });
  }
}

}  // namespace
}  // namespace quorumor
