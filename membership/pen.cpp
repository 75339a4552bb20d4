#include "membership/pen.h"

#include "base/assert.h"

#include <algorithm>

namespace quorumor {

std::size_t Pen::count_of(const NodeId& sender) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(held_.begin(), held_.end(), [&](const Waiting& w) { return w.sender == sender; }));
}

void Pen::drop_oldest_of(const NodeId& sender) {
  const auto oldest = std::find_if(held_.begin(), held_.end(), [&](const Waiting& w) { return w.sender == sender; });
  held_.erase(oldest);
  ++lost_;
}

// The newcomer counts with what it is about to put.
NodeId Pen::who_gives_way(const NodeId& newcomer) const noexcept {
  NodeId out = newcomer;
  std::size_t most = count_of(newcomer) + 1;
  // A newcomer that holds nothing yet has nothing to give: then somebody else does, be it the one with just as much.
  if (most == 1) most = 0;
  for (const Waiting& w : held_) {  // of equals, the first that is met has waited longest
    const std::size_t count = count_of(w.sender);
    if (w.sender != newcomer && count > most) {
      most = count;
      out = w.sender;
    }
  }
  return out;
}

bool Pen::put(Instant now, const NodeId& sender, RumorKind missing, const NodeId& id, const Rumor& rumor) {
  QUORUMOR_ASSERT(missing == RumorKind::credential || missing == RumorKind::core);
  expire(now);
  const bool waits = std::any_of(held_.begin(), held_.end(), [&](const Waiting& w) {
    return w.kind == rumor.kind && equal(w.record, rumor.record) && equal(w.payload, rumor.payload);
  });
  if (waits) return false;
  if (count_of(sender) == kHeldOfSender) {
    drop_oldest_of(sender);
  } else if (held_.size() == kHeldMax) {
    drop_oldest_of(who_gives_way(sender));
  }
  held_.push_back({now + kPatience, sender, missing, id, rumor.kind, to_vector(rumor.record),
                   to_vector(rumor.payload)});
  return true;
}

void Pen::release(RumorKind missing, const NodeId& id, std::vector<Waiting>& out) {
  const auto waits = [&](const Waiting& w) { return w.missing == missing && w.id == id; };
  for (Waiting& w : held_) {
    if (waits(w)) out.push_back(std::move(w));  // its ids stay readable
  }
  std::erase_if(held_, waits);
}

bool Pen::awaits(RumorKind missing, const NodeId& id) const noexcept {
  return std::any_of(held_.begin(), held_.end(),
                     [&](const Waiting& w) { return w.missing == missing && w.id == id; });
}

void Pen::expire(Instant now) {
  const auto due = std::find_if(held_.begin(), held_.end(), [&](const Waiting& w) { return w.until > now; });
  lost_ += static_cast<std::uint64_t>(due - held_.begin());
  held_.erase(held_.begin(), due);
}

std::optional<Instant> Pen::next_deadline() const noexcept {
  if (held_.empty()) return std::nullopt;
  return held_.front().until;
}

}  // namespace quorumor
