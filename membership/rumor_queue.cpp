#include "membership/rumor_queue.h"

#include "base/assert.h"

#include <limits>
#include <tuple>

namespace quorumor {

// What only one party can say, and says once, gives way last. Next what decides states; claims and credentials can
// be asked for again (Want), bodies are asked for most; events are an application's, and would otherwise let one
// chatty application starve the membership.
std::size_t RumorQueue::urgency(RumorKind kind) noexcept {
  switch (kind) {
    case RumorKind::event: return 0;
    case RumorKind::body: return 1;
    case RumorKind::credential: return 2;
    case RumorKind::core: return 3;
    case RumorKind::accusation: return 4;
    case RumorKind::announcement: return 5;
    case RumorKind::force_leave: return 6;
    case RumorKind::revocation:
    case RumorKind::proof: return 7;
  }
  return 0;
}

bool RumorQueue::KeyLess::operator()(const Key& a, const Key& b) const noexcept {
  return std::tie(a.about, a.kind, a.from) < std::tie(b.about, b.kind, b.from);
}

bool RumorQueue::ToldBefore::operator()(const Rank& a, const Rank& b) const noexcept {
  if (a.transmits != b.transmits) return a.transmits < b.transmits;
  if (a.size != b.size) return a.size > b.size;
  return a.age > b.age;
}

// The room is taken once, so that `take` never allocates.
RumorQueue::RumorQueue() { spent_.reserve(limits::kRumors); }

// Takes an item out of every index. Whoever drops the node frees its bytes.
RumorQueue::Items::node_type RumorQueue::unlink(Items::iterator at) {
  Item* const item = &at->second;
  order_.erase(item);
  by_urgency_[urgency(item->key.kind)].erase(item);
  return items_.extract(at);
}

bool RumorQueue::make_room(RumorKind incoming) {
  if (items_.size() < kQueuedMax) return true;
  for (std::size_t level = 0; level <= urgency(incoming); ++level) {
    if (by_urgency_[level].empty()) continue;
    const Item* const last = *by_urgency_[level].rbegin();
    unlink(items_.find(last->key));
    return true;
  }
  return false;
}

void RumorQueue::push(const Key& key, const Rumor& rumor) {
  QUORUMOR_ASSERT(key.kind == rumor.kind);
  spent_.clear();
  if (const auto held = items_.find(key); held != items_.end()) {
    unlink(held);
  } else if (!make_room(key.kind)) {
    return;
  }
  Item& item = items_.try_emplace(key).first->second;
  item.rank = {.transmits = 0, .size = rumor_size(rumor), .age = next_age_++};
  item.key = key;
  item.record = to_vector(rumor.record);
  item.payload = to_vector(rumor.payload);
  order_.insert(&item);
  by_urgency_[urgency(key.kind)].insert(&item);
}

void RumorQueue::erase(const Key& key) {
  spent_.clear();
  if (const auto held = items_.find(key); held != items_.end()) unlink(held);
}

void RumorQueue::erase_about(const NodeId& about) {
  spent_.clear();
  const Key least{.kind = RumorKind{0}, .about = about, .from = {}};
  for (auto at = items_.lower_bound(least); at != items_.end() && at->first.about == about;) unlink(at++);
}

// Moves the item behind all that were told as often: nodes change place, nothing is allocated.
void RumorQueue::count_transmit(Item& item, unsigned limit) {
  if (item.rank.transmits + 1 >= limit) {
    spent_.push_back(unlink(items_.find(item.key)));
    return;
  }
  Order& level = by_urgency_[urgency(item.key.kind)];
  auto in_order = order_.extract(&item);
  auto in_level = level.extract(&item);
  ++item.rank.transmits;
  order_.insert(std::move(in_order));
  level.insert(std::move(in_level));
}

std::size_t RumorQueue::take(std::size_t budget, unsigned limit, const NodeId& receiver,
                             boost::container::static_vector<Rumor, limits::kRumors>& out) {
  constexpr std::size_t kLongest = std::numeric_limits<std::size_t>::max();
  constexpr std::uint64_t kNewest = std::numeric_limits<std::uint64_t>::max();
  spent_.clear();
  // The cluster shrank, and the limit with it.
  for (auto at = order_.lower_bound(Rank{limit, kLongest, kNewest}); at != order_.end();) {
    unlink(items_.find((*at++)->key));
  }

  boost::container::static_vector<Item*, limits::kRumors> taken;
  std::size_t used = 0;
  for (auto at = order_.begin(); at != order_.end() && out.size() < out.capacity();) {
    Item& item = **at;
    const std::size_t overhead = out.empty() ? kRumorListOverhead : 0;
    if (used + overhead >= budget) break;
    const std::size_t room = budget - used - overhead;
    if (item.rank.size > room) {
      // Longest first: whatever fits among those told as often lies together, behind the rest.
      at = order_.lower_bound(Rank{item.rank.transmits, room, kNewest});
      continue;
    }
    ++at;
    // A member knows what it said itself; what others say of it, it must hear in order to refute.
    if (item.key.about == receiver && item.key.kind != RumorKind::accusation) continue;
    used += overhead + item.rank.size;
    out.push_back({.kind = item.key.kind, .record = item.record, .payload = item.payload});
    taken.push_back(&item);
  }
  for (Item* const item : taken) count_transmit(*item, limit);
  return used;
}

}  // namespace quorumor
