#include "membership/event_window.h"

#include "base/assert.h"

#include <algorithm>

namespace quorumor {

EventWindow::Verdict EventWindow::judge(Sequence sequence) const noexcept {
  if (sequence < from_) return Verdict::too_old;
  if (is_untouched() || sequence > newest_) return Verdict::news;
  if (newest_.value - sequence.value >= kSpan) return Verdict::too_old;
  return has(sequence.value) ? Verdict::known : Verdict::news;
}

void EventWindow::accept(Sequence sequence) {
  QUORUMOR_ASSERT(judge(sequence) == Verdict::news);
  if (is_untouched()) {
    seen_.resize(kWords);
    newest_ = sequence;
  } else if (sequence > newest_) {
    // The bits that the window slides onto belong to sequences that fall out of it behind.
    if (sequence.value - newest_.value >= kSpan) {
      std::fill(seen_.begin(), seen_.end(), 0);
    } else {
      for (std::uint64_t s = sequence.value; s != newest_.value; --s) seen_[word(s)] &= ~bit(s);
    }
    newest_ = sequence;
  }
  seen_[word(sequence.value)] |= bit(sequence.value);
}

EventWindow::Saved EventWindow::save() const noexcept {
  QUORUMOR_ASSERT(!is_untouched());
  Saved out{from_, newest_, {}};
  std::copy(seen_.begin(), seen_.end(), out.seen.begin());
  return out;
}

EventWindow EventWindow::restore(const Saved& saved) {
  EventWindow out(saved.from);
  out.newest_ = saved.newest;
  out.seen_.assign(saved.seen.begin(), saved.seen.end());
  return out;
}

}  // namespace quorumor
