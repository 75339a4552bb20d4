// Bytes a second, kept over every second: whatever window of one second is looked at, no more was spent in it than
// allowed. A token bucket as one instant (GCRA, ITU-T I.371): an eighth of the allowance may be spent at once, and
// flows back at seven eighths a second. Whoever spends asks for a whole datagram and then says what it was.
// Pure; rounds against the spender.
#pragma once

#include "base/time.h"
#include "wire/limits.h"

#include <algorithm>

namespace quorumor {

class ByteBudget {
 public:
  // Requires: 2 * limits::kDatagram <= bytes_a_second <= 10^9.
  explicit ByteBudget(std::size_t bytes_a_second) noexcept
      : burst_(std::max(bytes_a_second / 8, limits::kDatagram)), rate_(bytes_a_second - burst_) {}

  // From when on a whole datagram may be sent.
  Instant ready_at() const noexcept { return spent_until_ + cost(limits::kDatagram) - cost(burst_); }
  bool is_ready(Instant now) const noexcept { return now >= ready_at(); }
  // Requires: is_ready(now); at most a datagram.
  void spend(Instant now, std::size_t bytes) noexcept { spent_until_ = std::max(spent_until_, now) + cost(bytes); }

 private:
  Duration cost(std::size_t bytes) const noexcept {
    return Duration{static_cast<Duration::rep>((std::uint64_t{bytes} * 1'000'000'000 + rate_ - 1) / rate_)};
  }
  std::size_t burst_;
  std::size_t rate_;
  Instant spent_until_;
};

}  // namespace quorumor
