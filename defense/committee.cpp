// A tail of the hypergeometric law, times the number of all draws, is a sum of products of binomials: an integer. The
// search moves along it by exact multiplications and divisions by small numbers, so that nothing is rounded.
//
// What makes the search cheap: with one more draw the least safe k stays or rises by one, and so does the greatest k
// that the honest still reach. So both tails only ever take one of two steps, each of a few products, and no sum is
// formed anew. (Summed anew for each m, a third of liars at epsilon 10^-18 took a third of a second.)
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

// In how many of the draws of `drawn` from `others` there are at least k of the `liars`. Requires: k - 1 <= drawn.
class Tail {
 public:
  // k = 1.
  Tail(std::uint64_t others, std::uint64_t liars, std::uint64_t drawn)
      : others_(others), liars_(liars), drawn_(drawn), below_(binomial(others - liars, drawn)),
        all_(binomial(others, drawn)), sum_(all_ - below_) {}

  bool is_rare(const cpp_int& scale) const { return scale * sum_ <= all_; }

  // A draw reaches k if one less did, or if it had k - 1 and a liar comes. Requires: drawn < others.
  void draw_one_more() {
    const std::uint64_t honest = others_ - liars_;
    const std::uint64_t honest_drawn = drawn_ - (k_ - 1);  // of those draws that `below_` counts
    sum_ *= others_ - drawn_;
    if (k_ - 1 < liars_) sum_ += below_ * (liars_ - (k_ - 1));
    sum_ /= drawn_ + 1;
    all_ *= others_ - drawn_;
    all_ /= drawn_ + 1;
    below_ *= honest_drawn < honest ? honest - honest_drawn : 0;
    below_ /= honest_drawn + 1;
    ++drawn_;
  }

  // Requires: k <= drawn.
  void raise_k() {
    const std::uint64_t honest = others_ - liars_;
    if (k_ > liars_) {
      below_ = 0;
    } else if (drawn_ - k_ >= honest) {  // no quotient leads from nothing to something
      below_ = drawn_ - k_ > honest ? cpp_int(0) : binomial(liars_, k_);
    } else {
      below_ *= (liars_ - (k_ - 1)) * (drawn_ - (k_ - 1));
      below_ /= k_ * (honest - (drawn_ - k_));
    }
    sum_ -= below_;
    ++k_;
  }

 private:
  std::uint64_t others_, liars_, drawn_;
  std::uint64_t k_ = 1;
  cpp_int below_;  // draws with exactly k - 1 liars
  cpp_int all_;    // draws
  cpp_int sum_;    // draws with at least k
};

}  // namespace

Committee smallest_committee(const CommitteeProblem& p) {
  QUORUMOR_ASSERT(p.others >= 1 && 3 * p.liars <= p.others && p.members >= 1 && p.epsilon_exponent <= 18);
  cpp_int scale = p.members;  // n / epsilon
  for (unsigned i = 0; i < p.epsilon_exponent; ++i) scale *= 10;

  std::uint64_t safe = 1;     // least k that is safe with min(m + slack, others) drawn; rises with m
  std::uint64_t reached = 0;  // greatest k that the honest reach with m drawn; rises with m
  Tail lost(p.others, p.liars, std::min(1 + p.slack, p.others));  // at least `safe` liars
  Tail stuck(p.others, p.liars, 1);  // at least m - reached liars: not even reached + 1 honest
  for (std::uint64_t m = 1;; ++m) {
    for (; !lost.is_rare(scale); ++safe) lost.raise_k();
    const bool more = stuck.is_rare(scale);
    if (more) ++reached;
    if (safe <= reached) return {static_cast<std::size_t>(m), static_cast<std::size_t>(safe), p.liars};
    if (m == p.others) break;
    if (m + p.slack < p.others) lost.draw_one_more();
    stuck.draw_one_more();
    if (!more) stuck.raise_k();
  }
  // Not reached: with all others drawn at least two thirds are honest, and more than `liars` never lie.
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
