#include "defense/committee.h"

#include <doctest/doctest.h>

#include <bit>
#include <vector>

namespace quorumor {
namespace {

// --- a naive model: every subset of the others, one by one --------------------------------------------------------

// In how many of the draws of `drawn` members are there exactly j liars, for each j. Members 0 to liars - 1 lie.
std::vector<std::uint64_t> count_draws(unsigned others, unsigned liars, unsigned drawn) {
  std::vector<std::uint64_t> by_liars(others + 1, 0);
  const std::uint32_t lying = (1U << liars) - 1;
  for (std::uint32_t set = 0; set < (1U << others); ++set) {
    if (std::popcount(set) == static_cast<int>(drawn)) ++by_liars[static_cast<unsigned>(std::popcount(set & lying))];
  }
  return by_liars;
}

Committee naive(unsigned others, unsigned liars, unsigned slack, std::uint64_t members, unsigned exponent) {
  std::uint64_t scale = members;
  for (unsigned i = 0; i < exponent; ++i) scale *= 10;
  for (unsigned m = 1; m <= others; ++m) {
    const auto wide = count_draws(others, liars, std::min(m + slack, others));
    const auto narrow = count_draws(others, liars, m);
    for (unsigned k = 1; k <= m; ++k) {
      std::uint64_t all_wide = 0, lost = 0, all = 0, stuck = 0;
      for (unsigned j = 0; j <= others; ++j) {
        all_wide += wide[j];
        lost += j >= k ? wide[j] : 0;
        all += narrow[j];
        stuck += j <= m && m - j < k ? narrow[j] : 0;
      }
      if (scale * lost <= all_wide && scale * stuck <= all) return {m, k, liars};
    }
  }
  return {};
}

TEST_CASE("committee: what every subset counted one by one says, for few members") {
  for (unsigned others = 1; others <= 13; ++others) {
    for (unsigned liars = 0; 3 * liars <= others; ++liars) {
      for (const unsigned slack : {0U, 3U}) {
        for (const unsigned exponent : {0U, 1U, 2U, 4U}) {
          for (const std::uint64_t members : {1U, others + 1}) {
            CAPTURE(others);
            CAPTURE(liars);
            CAPTURE(slack);
            CAPTURE(exponent);
            CAPTURE(members);
            const Committee expected = naive(others, liars, slack, members, exponent);
            REQUIRE(expected.observers > 0);
            CHECK(smallest_committee({others, liars, slack, members, exponent}) == expected);
          }
        }
      }
    }
  }
}

// PROTOCOL section 6.
TEST_CASE("committee: the protocol's table, beta 0.1 and epsilon 10^-4") {
  struct {
    std::size_t n, m, k;
  } const table[] = {{4, 3, 2},     {5, 3, 2},     {6, 3, 2},     {8, 3, 2},      {15, 3, 2},
                     {16, 3, 2},    {17, 7, 4},    {32, 7, 4},    {33, 13, 7},    {64, 13, 7},
                     {128, 18, 10}, {256, 22, 12}, {512, 26, 14}, {1024, 28, 15}, {16384, 34, 18}};
  for (const auto& row : table) {
    CAPTURE(row.n);
    const Committee committee = committee_for(row.n, 100'000, 4);
    CHECK(committee.observers == row.m);
    CHECK(committee.threshold == row.k);
  }
}

// Published sizes for n * P <= 0.01: m members watch, none counts beside them, the true n.
TEST_CASE("committee: known sizes without slack, for 5, 10 and 20 percent") {
  struct {
    std::uint64_t n, per_cent;
    Committee expected;
  } const table[] = {{100, 5, {7, 4, 5}},       {100, 10, {11, 6, 10}},      {100, 20, {23, 12, 20}},
                     {1000, 5, {11, 6, 50}},    {1000, 10, {17, 9, 100}},    {1000, 20, {39, 20, 200}},
                     {10000, 5, {13, 7, 500}},  {10000, 10, {23, 12, 1000}}, {10000, 20, {51, 26, 2000}}};
  for (const auto& row : table) {
    CAPTURE(row.n);
    CAPTURE(row.per_cent);
    CHECK(smallest_committee({row.n - 1, row.n * row.per_cent / 100, 0, row.n, 2}) == row.expected);
  }
}

TEST_CASE("committee: below four members one word decides and no liar is tolerated") {
  CHECK(committee_for(0, 100'000, 4) == Committee{0, 1, 0});
  CHECK(committee_for(1, 100'000, 4) == Committee{0, 1, 0});
  CHECK(committee_for(2, 100'000, 4) == Committee{1, 1, 0});
  CHECK(committee_for(3, 333'333, 18) == Committee{2, 1, 0});
  CHECK(committee_for(4, 100'000, 4) == Committee{3, 2, 1});
}

TEST_CASE("committee: without liars one word decides, at any size") {
  for (const std::size_t n : {std::size_t{4}, std::size_t{100}, std::size_t{16384}}) {
    CHECK(committee_for(n, 0, 4).threshold == 1);
    CHECK(committee_for(n, 0, 4).tolerated == 0);
  }
}

TEST_CASE("tolerated liars: the share, at least one, never a third") {
  struct {
    std::size_t n;
    std::uint32_t beta_ppm;
    std::size_t expected;
  } const table[] = {{4, 100'000, 1},    {19, 100'000, 1},   {20, 100'000, 2},  {100, 100'000, 10},
                     {100, 333'333, 33}, {99, 333'333, 32},  {7, 1'000'000, 2}, {6, 333'333, 1},
                     {100, 0, 0},        {3, 333'333, 0},    {100, 1, 1}};
  for (const auto& row : table) {
    CAPTURE(row.n);
    CAPTURE(row.beta_ppm);
    CHECK(tolerated_liars(row.n, row.beta_ppm) == row.expected);
  }
}

TEST_CASE("committee: for every n and parameters m and k fit the cluster, and more liars than tolerated are needed") {
  for (const std::uint32_t beta : {1U, 100'000U, 200'000U, 333'333U}) {
    for (const unsigned exponent : {1U, 4U, 9U}) {
      CommitteeTable table(beta, exponent);
      for (std::size_t n = 4; n <= 200; ++n) {
        CAPTURE(beta);
        CAPTURE(exponent);
        CAPTURE(n);
        const Committee c = table.at(n);
        CHECK(c.observers <= n - 1);
        CHECK(c.threshold >= 1);
        CHECK(c.threshold <= c.observers);
        CHECK(c.threshold + c.tolerated <= n - 1);
        CHECK(c == committee_for(n, beta, exponent));
        // Whom everybody watches nobody kills with the liars there are.
        if (c.observers + kObserverSlack >= n - 1) CHECK(c.threshold > c.tolerated);
      }
    }
  }
}

// Computed apart, with fractions of whole numbers.
TEST_CASE("committee: large committees, of many liars and of little doubt") {
  struct {
    std::size_t n;
    std::uint32_t beta_ppm;
    unsigned exponent;
    std::size_t m, k;
  } const table[] = {{256, 333'333, 4, 114, 58},  {512, 333'333, 1, 94, 48},  {256, 333'333, 18, 171, 86},
                     {1024, 200'000, 6, 76, 39}, {64, 333'333, 18, 43, 22}, {16384, 50'000, 9, 35, 18}};
  for (const auto& row : table) {
    CAPTURE(row.n);
    CAPTURE(row.exponent);
    const Committee committee = committee_for(row.n, row.beta_ppm, row.exponent);
    CHECK(committee.observers == row.m);
    CHECK(committee.threshold == row.k);
  }
}

TEST_CASE("committee: n beyond the bound is the bound") {
  CHECK(committee_for(kCommitteeMembersMax * 4, 100'000, 4).observers ==
        committee_for(kCommitteeMembersMax, 100'000, 4).observers);
}

}  // namespace
}  // namespace quorumor
