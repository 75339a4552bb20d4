// How long a member's answers take, and how surprising a silence is: phi accrual (Hayashibara, Defago, Yared, Katayama
// 2004). phi(t) = -log10 of the probability that an answer takes longer than t, if round trips are normal with the
// measured mean and deviation. A probe waits until phi = 8: one answer in 10^8 comes later. Mean and deviation are
// kept as TCP keeps them (RFC 6298: gains 1/8 and 1/4), so that they follow a path that changes and take 12 bytes.
//
// Only unambiguous samples may be given (Karn: not of a ping that was sent twice). Timeouts are each node's own and
// need not agree; they are integers, so that a trace does not depend on a compiler's floating point.
#pragma once

#include "base/time.h"

#include <cstdint>

namespace quorumor {

class RoundTrips {
 public:
  static constexpr unsigned kFew = 8;  // with fewer samples a timeout is the fixed bound

  void add(Duration sample) noexcept;
  unsigned samples() const noexcept { return samples_; }  // saturates
  Duration mean() const noexcept { return std::chrono::microseconds{mean_us_}; }
  Duration deviation() const noexcept { return std::chrono::microseconds{deviation_us_}; }  // mean absolute
  // How long to wait for an answer: within [least, fixed]; `fixed` while samples are few. Requires: least <= fixed.
  Duration timeout(Duration least, Duration fixed) const noexcept;
  // For people to read: 0 for no wait; at most kPhiMost; 0 while samples are few.
  static constexpr double kPhiMost = 100.0;
  double phi(Duration waited) const noexcept;

 private:
  std::uint32_t deviation_floor() const noexcept;

  std::uint32_t mean_us_ = 0;
  std::uint32_t deviation_us_ = 0;
  std::uint16_t samples_ = 0;
};

}  // namespace quorumor
