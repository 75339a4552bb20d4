#include "wire/replay_window.h"

#include "base/assert.h"
#include "crypto/counter.h"

namespace quorumor {

namespace {

constexpr std::uint64_t bit_of(std::uint64_t counter) { return std::uint64_t{1} << (counter % 64); }

}  // namespace

bool ReplayWindow::would_accept(std::uint64_t counter) const noexcept {
  // The floor is never negative, so this refuses 0 as well.
  if (counter <= floor_ || counter > kCounterEnd) return false;
  if (counter > highest_) return true;
  if (highest_ - counter >= limits::kReplayWindow) return false;
  // Between floor and highest something was accepted, hence there are bits. (Only a window that was moved from
  // has none; it accepts nothing old.)
  return bits_ != nullptr && ((*bits_)[(counter / 64) % kWords] & bit_of(counter)) == 0;
}

void ReplayWindow::accept(std::uint64_t counter) {
  QUORUMOR_ASSERT(would_accept(counter));
  if (bits_ == nullptr) bits_ = std::make_unique<Bitmap>();
  if (counter > highest_) {
    // The words that the window slides onto still hold bits of counters one bitmap ago. A replay of none of
    // those could pass, but a new counter would look seen, so they are cleared; after a jump, all are.
    const std::uint64_t from = highest_ / 64;
    const std::uint64_t to = counter / 64;
    if (to - from >= kWords) {
      bits_->fill(0);
    } else {
      for (std::uint64_t word = from + 1; word <= to; ++word) (*bits_)[word % kWords] = 0;
    }
    highest_ = counter;
  }
  (*bits_)[(counter / 64) % kWords] |= bit_of(counter);
}

}  // namespace quorumor
