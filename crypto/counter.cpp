#include "crypto/counter.h"

namespace quorumor {

std::optional<std::uint64_t> CounterSource::next(SendCounter& counter) noexcept {
  // A counter that has sent nothing may belong to a pair whose state was evicted: what it used then is
  // unknown, but it was at most the highest value used with anybody.
  const std::uint64_t value = (counter.last_ == 0 ? highest_ : counter.last_) + 1;
  if (value >= kCounterEnd || value == 0) return std::nullopt;
  counter.last_ = value;
  advance_to(value);
  return value;
}

}  // namespace quorumor
