// Nonce counters that cannot repeat. Each pair's counter starts above the highest value that this process has
// used with anybody, whatever state was evicted and derived again; it closes at 2^60. A new boot has a new
// session key, hence new pair keys, so counters may start anywhere then.
#pragma once

#include <cstdint>
#include <optional>

namespace quorumor {

inline constexpr std::uint64_t kCounterEnd = std::uint64_t{1} << 60;

// One a pair. A fresh one has sent nothing.
class SendCounter {
 private:
  friend class CounterSource;
  std::uint64_t last_ = 0;  // 0: never used
};

// One a process (a core). Values begin at 1.
class CounterSource {
 public:
  // The next value for this pair; nothing once the space is used up (the node must restart its session key).
  std::optional<std::uint64_t> next(SendCounter& counter) noexcept;
  std::uint64_t highest() const noexcept { return highest_; }
  // For tests, and for a process that resumes: nothing at or below `value` is ever given out.
  void advance_to(std::uint64_t value) noexcept {
    if (value > highest_) highest_ = value;
  }

 private:
  std::uint64_t highest_ = 0;
};

}  // namespace quorumor
