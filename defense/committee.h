// How many members watch one subject (m), and how many of them must have seen it fail (k), so that liars, a fraction
// beta of all, neither kill an honest member nor keep a crashed one alive (PROTOCOL section 6).
//
// Observers are drawn by a hash that nobody can grind, so the liars among them follow a hypergeometric law. (m, k) is
// the smallest pair, first by m and then by k, for which over all n members of an epoch
//   n * P(at least k liars among m + 3)  <= epsilon     no honest member has k lying observers. The 3 are slack: views
//                                                       differ while somebody joins or leaves
//   n * P(fewer than k honest among m)   <= epsilon     no crashed member lacks k honest observers
// with exact tails over the n - 1 others, B = max(floor(beta n), 1) of them liars, at most floor((n - 1) / 3).
//
// All nodes must find the same pair, so this is integers throughout; a double at the edge of epsilon would not do. And
// n is first rounded up to a power of two: views that differ by a few members still agree on the pair, and there are
// few to compute. Afterwards m <= n - 1 and k <= n - 1 - B of the true n, or small clusters could never decide.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quorumor {

// Members beyond m that count all the same.
inline constexpr std::size_t kObserverSlack = 3;
// Below this n nobody can outvote a liar: one observer's word decides (k = 1), and `status` says that no liar is
// tolerated.
inline constexpr std::size_t kQuorumMembersMin = 4;
// n is taken as at most this: 64 times the members that a node can hold.
inline constexpr std::size_t kCommitteeMembersMax = std::size_t{1} << 20;

struct Committee {
  std::size_t observers = 0;  // m, at most n - 1
  std::size_t threshold = 1;  // k, at least 1
  std::size_t tolerated = 0;  // B of the true n
  friend bool operator==(const Committee&, const Committee&) = default;
};

// The search alone, without rounding and clamping. Requires: others >= 1, 3 * liars <= others, members >= 1,
// epsilon_exponent at most 18.
struct CommitteeProblem {
  std::uint64_t others = 1;   // whom observers are drawn from
  std::uint64_t liars = 0;    // of them
  std::uint64_t slack = kObserverSlack;
  std::uint64_t members = 1;  // over how many subjects the failure probability is summed
  unsigned epsilon_exponent = 4;
};
Committee smallest_committee(const CommitteeProblem& problem);

// B: how many liars n members are to survive.
std::size_t tolerated_liars(std::size_t n, std::uint32_t beta_ppm) noexcept;

// For one pair of parameters; remembers what it computed, one pair a power of two (at most 21 entries).
class CommitteeTable {
 public:
  // beta_ppm: liars in a million, what is beyond a third counts as a third. epsilon_exponent: epsilon = 10^-x, x <= 18.
  CommitteeTable(std::uint32_t beta_ppm, unsigned epsilon_exponent);

  Committee at(std::size_t n);
  std::uint32_t beta_ppm() const noexcept { return beta_ppm_; }
  unsigned epsilon_exponent() const noexcept { return epsilon_exponent_; }

 private:
  std::uint32_t beta_ppm_;
  unsigned epsilon_exponent_;
  std::array<std::optional<Committee>, 21> by_log2_;
};

// The same without memory.
Committee committee_for(std::size_t n, std::uint32_t beta_ppm, unsigned epsilon_exponent);

}  // namespace quorumor
