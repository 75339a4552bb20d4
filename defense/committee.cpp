// A tail of the hypergeometric law, times the number of all draws, is a sum of products of binomials: an integer. Its
// terms follow from one another by exact multiplications and divisions by small numbers, so that nothing is rounded.
//
// What makes the search cheap: with one more draw the least safe k stays or rises by one, and so does the greatest k
// that the honest still reach. So each m costs two or three tails.
#include "defense/committee.h"

#include "base/assert.h"

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>

namespace quorumor {
namespace {

using boost::multiprecision::cpp_int;

cpp_int binomial(std::uint64_t n, std::uint64_t k) {
  if (k > n) return 0;
  cpp_int out = 1;
  for (std::uint64_t i = 0; i < k; ++i) {
    out *= n - i;
    out /= i + 1;
  }
  return out;
}

// In how many of the draws of `drawn` from `others` there are at least `k` of the `liars`.
cpp_int tail(std::uint64_t others, std::uint64_t liars, std::uint64_t drawn, std::uint64_t k) {
  const std::uint64_t honest = others - liars;
  std::uint64_t j = std::max(k, drawn > honest ? drawn - honest : 0);
  const std::uint64_t last = std::min(liars, drawn);
  if (j > last) return 0;
  cpp_int term = binomial(liars, j) * binomial(honest, drawn - j);
  cpp_int sum = term;
  for (; j < last; ++j) {
    term *= (liars - j) * (drawn - j);
    term /= (j + 1) * (honest + j + 1 - drawn);
    sum += term;
  }
  return sum;
}

}  // namespace

Committee smallest_committee(const CommitteeProblem& p) {
  QUORUMOR_ASSERT(p.others >= 1 && 3 * p.liars <= p.others && p.members >= 1 && p.epsilon_exponent <= 18);
  cpp_int scale = p.members;  // n / epsilon
  for (unsigned i = 0; i < p.epsilon_exponent; ++i) scale *= 10;
  const auto is_rare = [&](std::uint64_t drawn, std::uint64_t k, const cpp_int& all) {
    return scale * tail(p.others, p.liars, drawn, k) <= all;
  };

  std::uint64_t safe = 1;     // least k that is safe with min(m + slack, others) drawn; rises with m
  std::uint64_t reached = 0;  // greatest k that the honest reach with m drawn; rises with m
  for (std::uint64_t m = 1; m <= p.others; ++m) {
    const std::uint64_t wide = std::min(m + p.slack, p.others);
    const cpp_int all_wide = binomial(p.others, wide);
    while (!is_rare(wide, safe, all_wide)) ++safe;
    // Fewer than k honest among m is more than m - k liars.
    if (is_rare(m, m - reached, binomial(p.others, m))) ++reached;
    if (safe <= reached) return {static_cast<std::size_t>(m), static_cast<std::size_t>(safe), p.liars};
  }
  // Not reached: of all others at least two thirds are honest, and more than `liars` never lie.
  return {static_cast<std::size_t>(p.others), static_cast<std::size_t>(p.liars + 1), p.liars};
}

std::size_t tolerated_liars(std::size_t n, std::uint32_t beta_ppm) noexcept {
  if (beta_ppm == 0 || n < kQuorumMembersMin) return 0;
  n = std::min(n, kCommitteeMembersMax);
  const std::uint64_t share = static_cast<std::uint64_t>(n) * beta_ppm / 1'000'000;
  return static_cast<std::size_t>(std::min<std::uint64_t>(std::max<std::uint64_t>(share, 1), (n - 1) / 3));
}

CommitteeTable::CommitteeTable(std::uint32_t beta_ppm, unsigned epsilon_exponent)
    : beta_ppm_(beta_ppm), epsilon_exponent_(std::min(epsilon_exponent, 18U)) {}

Committee CommitteeTable::at(std::size_t n) {
  if (n < kQuorumMembersMin) return {.observers = n > 0 ? n - 1 : 0, .threshold = 1, .tolerated = 0};
  n = std::min(n, kCommitteeMembersMax);
  const std::size_t rounded = std::bit_ceil(n);
  auto& held = by_log2_[static_cast<std::size_t>(std::bit_width(rounded) - 1)];
  if (!held) {
    held = smallest_committee({.others = rounded - 1,
                               .liars = tolerated_liars(rounded, beta_ppm_),
                               .members = rounded,
                               .epsilon_exponent = epsilon_exponent_});
  }
  const std::size_t liars = tolerated_liars(n, beta_ppm_);
  return {.observers = std::min(held->observers, n - 1),
          .threshold = std::min(held->threshold, n - 1 - liars),
          .tolerated = liars};
}

Committee committee_for(std::size_t n, std::uint32_t beta_ppm, unsigned epsilon_exponent) {
  return CommitteeTable(beta_ppm, epsilon_exponent).at(n);
}

}  // namespace quorumor
