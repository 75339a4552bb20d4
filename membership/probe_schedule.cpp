#include "membership/probe_schedule.h"

namespace quorumor {

void ProbeSchedule::place(std::size_t at, Slot slot) {
  order_[at] = slot;
  index_[slot] = static_cast<Slot>(at);
}

void ProbeSchedule::add(Slot slot, Rng& secret_rng) {
  if (has(slot)) return;
  if (index_.size() <= slot) index_.resize(slot + 1, kOut);
  // One step of an inside-out shuffle: whoever held the drawn place moves to the end, which is as random a place.
  const std::size_t last = order_.size();
  const std::size_t at = position_ + static_cast<std::size_t>(secret_rng.below(last - position_ + 1));
  order_.push_back(slot);
  if (at != last) place(last, order_[at]);
  place(at, slot);
}

void ProbeSchedule::remove(Slot slot) {
  if (!has(slot)) return;
  std::size_t gap = index_[slot];
  index_[slot] = kOut;
  // Nobody may cross from one part to the other: that would skip a turn, or give a second one.
  if (gap < position_) {
    --position_;
    if (gap != position_) place(gap, order_[position_]);
    gap = position_;
  }
  if (gap != order_.size() - 1) place(gap, order_.back());
  order_.pop_back();
}

std::optional<ProbeSchedule::Slot> ProbeSchedule::search(const std::function<bool(Slot)>& eligible) {
  while (position_ < order_.size()) {
    const Slot candidate = order_[position_++];
    if (eligible(candidate)) return candidate;
  }
  return std::nullopt;
}

std::optional<ProbeSchedule::Slot> ProbeSchedule::next(Rng& secret_rng, const std::function<bool(Slot)>& eligible) {
  if (const auto found = search(eligible)) return found;
  secret_rng.shuffle(std::span<Slot>{order_});
  for (std::size_t i = 0; i < order_.size(); ++i) index_[order_[i]] = static_cast<Slot>(i);
  position_ = 0;
  return search(eligible);
}

}  // namespace quorumor
