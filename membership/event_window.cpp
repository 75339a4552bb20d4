#include "membership/event_window.h"

#include "base/assert.h"

namespace quorumor {

EventWindow::Verdict EventWindow::judge(Sequence sequence) const noexcept {
  if (sequence < from_) return Verdict::too_old;
  if (is_untouched() || sequence > newest_) return Verdict::news;
  if (newest_.value - sequence.value >= kSpan) return Verdict::too_old;
  return has(sequence.value) ? Verdict::known : Verdict::news;
}

Sequence EventWindow::next() const noexcept {
  return is_untouched() ? from_ : newest_.next().value_or(newest_);
}

void EventWindow::accept(Sequence sequence) {
  QUORUMOR_ASSERT(judge(sequence) == Verdict::news);
  if (is_untouched()) {
    seen_ = std::make_unique<Bits>();
    newest_ = sequence;
  } else if (sequence > newest_) {
    // The bits that the window slides onto belong to sequences that fall out of it behind.
    if (sequence.value - newest_.value >= kSpan) {
      seen_->fill(0);
    } else {
      for (std::uint64_t s = sequence.value; s != newest_.value; --s) (*seen_)[word(s)] &= ~bit(s);
    }
    newest_ = sequence;
  }
  (*seen_)[word(sequence.value)] |= bit(sequence.value);
}

EventWindow::Saved EventWindow::save() const noexcept {
  QUORUMOR_ASSERT(!is_untouched());
  return {from_, newest_, *seen_};
}

EventWindow EventWindow::restore(const Saved& saved) {
  EventWindow out(saved.from);
  out.newest_ = saved.newest;
  out.seen_ = std::make_unique<Bits>(saved.seen);
  return out;
}

}  // namespace quorumor
