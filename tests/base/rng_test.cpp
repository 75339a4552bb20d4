#include "base/rng.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <numeric>

namespace quorumor {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

// Gives out the numbers of a script, little-endian.
class ScriptedRng final : public Rng {
 public:
  explicit ScriptedRng(std::deque<std::uint64_t> script) : script_(std::move(script)) {}
  void fill(MutableBytes out) override {
    REQUIRE(out.size() == 8);
    REQUIRE_FALSE(script_.empty());
    store_le<std::uint64_t>(out.data(), script_.front());
    script_.pop_front();
  }
  std::size_t left() const { return script_.size(); }

 private:
  std::deque<std::uint64_t> script_;
};

// A weak but even generator (splitmix64), to look at distributions.
class EvenRng final : public Rng {
 public:
  void fill(MutableBytes out) override {
    for (std::byte& b : out) {
      state_ += 0x9e3779b97f4a7c15ULL;
      std::uint64_t z = state_;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
      b = static_cast<std::byte>((z >> 56) & 0xff);
    }
  }

 private:
  std::uint64_t state_ = 1;
};

TEST_CASE("next_u64 is little-endian: a trace does not depend on the machine") {
  ScriptedRng rng({0x0102030405060708ULL});
  CHECK(rng.next_u64() == 0x0102030405060708ULL);
}

TEST_CASE("below rejects exactly the draws that would favour small numbers") {
  struct Row {
    std::uint64_t n;
    std::uint64_t lowest_accepted;  // 2^64 mod n
  };
  static constexpr Row kRows[] = {{1, 0},
                                  {2, 0},
                                  {3, 1},
                                  {5, 1},
                                  {6, 4},
                                  {10, 6},
                                  {kMax, 1},
                                  {(kMax >> 1) + 1, 0},
                                  {(kMax >> 1) + 2, (kMax >> 1)}};
  for (const Row& row : kRows) {
    CAPTURE(row.n);
    ScriptedRng accepted({row.lowest_accepted, 0});
    CHECK(accepted.below(row.n) == row.lowest_accepted % row.n);
    CHECK(accepted.left() == 1);
    ScriptedRng top({kMax});
    CHECK(top.below(row.n) == kMax % row.n);
    if (row.lowest_accepted == 0) continue;
    ScriptedRng rejected({row.lowest_accepted - 1, row.lowest_accepted});
    CHECK(rejected.below(row.n) == row.lowest_accepted % row.n);
    CHECK(rejected.left() == 0);
  }
}

TEST_CASE("shuffle is Fisher-Yates from the end") {
  ScriptedRng rng({4 + 1, 3 * 2, 3 + 2});  // draws below 4, 3, 2: 1, 0, 1
  std::array<int, 4> items = {10, 11, 12, 13};
  rng.shuffle(std::span<int>(items));
  // [10 11 12 13] -> swap(3,1) -> [10 13 12 11] -> swap(2,0) -> [12 13 10 11] -> swap(1,1)
  CHECK(items == std::array<int, 4>{12, 13, 10, 11});
}

TEST_CASE("every permutation is as likely as another") {
  EvenRng rng;
  std::map<std::array<int, 3>, int> counts;
  for (int i = 0; i < 6000; ++i) {
    std::array<int, 3> items = {0, 1, 2};
    rng.shuffle(std::span<int>(items));
    ++counts[items];
  }
  CHECK(counts.size() == 6);
  for (const auto& [order, count] : counts) {
    CHECK(count > 850);  // 1000 expected, standard deviation 29
    CHECK(count < 1150);
  }
}

TEST_CASE("shuffling nothing or one thing draws nothing") {
  ScriptedRng rng({});
  std::array<int, 1> one = {7};
  rng.shuffle(std::span<int>(one));
  rng.shuffle(std::span<int>());
  CHECK(one[0] == 7);
}

}  // namespace
}  // namespace quorumor
