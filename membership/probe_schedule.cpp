#include "membership/probe_schedule.h"

namespace quorumor {

void ProbeSchedule::place(std::size_t at, const NodeId& id) {
  order_[at] = id;
  index_[id] = at;
}

void ProbeSchedule::add(const NodeId& id, Rng& secret_rng) {
  if (index_.contains(id)) return;
  // One step of an inside-out shuffle: whoever held the drawn place moves to the end, which is as random a place.
  const std::size_t last = order_.size();
  const std::size_t at = position_ + static_cast<std::size_t>(secret_rng.below(last - position_ + 1));
  order_.push_back(id);
  if (at != last) place(last, order_[at]);
  place(at, id);
}

void ProbeSchedule::remove(const NodeId& id) {
  const auto found = index_.find(id);
  if (found == index_.end()) return;
  std::size_t gap = found->second;
  index_.erase(found);
  // Nobody may cross from one part to the other: that would skip a turn, or give a second one.
  if (gap < position_) {
    --position_;
    if (gap != position_) place(gap, order_[position_]);
    gap = position_;
  }
  if (gap != order_.size() - 1) place(gap, order_.back());
  order_.pop_back();
}

std::optional<NodeId> ProbeSchedule::search(const std::function<bool(const NodeId&)>& eligible) {
  while (position_ < order_.size()) {
    const NodeId& candidate = order_[position_++];
    if (eligible(candidate)) return candidate;
  }
  return std::nullopt;
}

std::optional<NodeId> ProbeSchedule::next(Rng& secret_rng, const std::function<bool(const NodeId&)>& eligible) {
  if (const auto found = search(eligible)) return found;
  secret_rng.shuffle(std::span<NodeId>{order_});
  for (std::size_t i = 0; i < order_.size(); ++i) index_[order_[i]] = i;
  position_ = 0;
  return search(eligible);
}

}  // namespace quorumor
