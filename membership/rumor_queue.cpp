#include "membership/rumor_queue.h"

#include "base/assert.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace quorumor {

namespace {

constexpr std::size_t kLongest = std::numeric_limits<std::size_t>::max();
constexpr std::uint64_t kNewest = std::numeric_limits<std::uint64_t>::max();
// Cores that wait for a credential which does not fit are passed over, so many in one turn; then the turn is over, so
// that a `take` stays short however many there are. Nothing is lost: the credentials come first in a wider datagram.
constexpr std::size_t kWaitingPassedMax = 16;

constexpr bool is_said_by_subject(RumorKind kind) noexcept {
  return kind != RumorKind::accusation && kind != RumorKind::revocation && kind != RumorKind::force_leave &&
         kind != RumorKind::endorsement;
}

static_assert(2 * limits::kPlain <= RumorQueue::kCreditMax, "a rumor must be affordable beside the greatest reserve");

}  // namespace

RumorQueue::Class RumorQueue::class_of(RumorKind kind, Purpose purpose) noexcept {
  switch (kind) {
    case RumorKind::proof:
    case RumorKind::revocation:
    case RumorKind::force_leave:
    case RumorKind::endorsement:
    case RumorKind::announcement: return Class::verdicts;
    case RumorKind::accusation: return Class::accusations;
    case RumorKind::core: return purpose == Purpose::refutation ? Class::accusations : Class::claims;
    case RumorKind::credential:
    case RumorKind::body: return Class::claims;
    case RumorKind::event: return Class::events;
  }
  return Class::events;
}

// What only one party can say, and says once, gives way last. Next what decides states, the defense before the charge;
// claims and credentials can be asked for again (Want), bodies are asked for most; events are an application's, and
// would otherwise let one chatty application starve the membership.
std::size_t RumorQueue::urgency(RumorKind kind, Purpose purpose) noexcept {
  switch (kind) {
    case RumorKind::event: return 0;
    case RumorKind::body: return 1;
    case RumorKind::credential: return 2;
    case RumorKind::core: return purpose == Purpose::refutation ? 5 : 3;
    case RumorKind::accusation: return 4;
    case RumorKind::announcement: return 6;
    case RumorKind::force_leave: return 7;
    case RumorKind::revocation:
    case RumorKind::endorsement:
    case RumorKind::proof: return 8;
  }
  return 0;
}

bool RumorQueue::KeyLess::operator()(const Key& a, const Key& b) const noexcept {
  return std::tie(a.about, a.kind, a.tag) < std::tie(b.about, b.kind, b.tag);
}

bool RumorQueue::ToldBefore::operator()(const Rank& a, const Rank& b) const noexcept {
  if (a.transmits != b.transmits) return a.transmits < b.transmits;
  if (a.size != b.size) return a.size > b.size;
  return a.age > b.age;
}

// The room is taken once, so that `take` never allocates.
RumorQueue::RumorQueue() { spent_.reserve(limits::kRumors); }

RumorQueue::Order& RumorQueue::class_order(const Item& item) noexcept {
  return by_class_[static_cast<std::size_t>(class_of(item.key.kind, item.purpose))];
}
RumorQueue::Order& RumorQueue::urgency_order(const Item& item) noexcept {
  return by_urgency_[urgency(item.key.kind, item.purpose)];
}

// Takes an item out of every index. Whoever drops the node frees its bytes.
RumorQueue::Items::node_type RumorQueue::unlink(Items::iterator at) {
  Item* const item = &at->second;
  class_order(*item).erase(item);
  urgency_order(*item).erase(item);
  bytes_ -= item->rank.size;
  return items_.extract(at);
}

bool RumorQueue::make_room(std::size_t incoming) {
  if (items_.size() < kQueuedMax) return true;
  for (std::size_t level = 0; level <= incoming; ++level) {
    if (by_urgency_[level].empty()) continue;
    const Item* const last = *by_urgency_[level].rbegin();
    unlink(items_.find(last->key));
    return true;
  }
  return false;
}

void RumorQueue::push(const Key& key, const Rumor& rumor, Purpose purpose) {
  QUORUMOR_ASSERT(key.kind == rumor.kind);
  QUORUMOR_ASSERT(purpose == Purpose::news || key.kind == RumorKind::core);
  spent_.clear();
  if (const auto held = items_.find(key); held != items_.end()) {
    unlink(held);
  } else if (!make_room(urgency(key.kind, purpose))) {
    return;
  }
  Item& item = items_.try_emplace(key).first->second;
  item.rank = {.transmits = 0, .size = rumor_size(rumor), .age = next_age_++};
  item.key = key;
  item.purpose = purpose;
  item.record = to_vector(rumor.record);
  item.payload = to_vector(rumor.payload);
  class_order(item).insert(&item);
  urgency_order(item).insert(&item);
  bytes_ += item.rank.size;
}

void RumorQueue::erase(const Key& key) {
  spent_.clear();
  if (const auto held = items_.find(key); held != items_.end()) unlink(held);
}

void RumorQueue::erase_about(const NodeId& about) {
  spent_.clear();
  const Key least{.kind = RumorKind{0}, .about = about, .tag = {}};
  for (auto at = items_.lower_bound(least); at != items_.end() && at->first.about == about;) unlink(at++);
}

void RumorQueue::erase_about(const NodeId& about, RumorKind kind) {
  spent_.clear();
  const Key least{.kind = kind, .about = about, .tag = {}};
  for (auto at = items_.lower_bound(least);
       at != items_.end() && at->first.about == about && at->first.kind == kind;) {
    unlink(at++);
  }
}

// The cluster shrank, and the limit with it.
void RumorQueue::forget_told_enough(unsigned limit) {
  for (Order& order : by_class_) {
    for (auto at = order.lower_bound(Rank{limit, kLongest, kNewest}); at != order.end();) {
      unlink(items_.find((*at++)->key));
    }
  }
}

// Moves the item behind all that were told as often: nodes change place, nothing is allocated.
void RumorQueue::count_transmit(Item& item, unsigned limit) {
  if (item.rank.transmits + 1 >= limit) {
    spent_.push_back(unlink(items_.find(item.key)));
    return;
  }
  Order& in_class = class_order(item);
  Order& in_level = urgency_order(item);
  auto class_node = in_class.extract(&item);
  auto level_node = in_level.extract(&item);
  ++item.rank.transmits;
  in_class.insert(std::move(class_node));
  in_level.insert(std::move(level_node));
}

struct RumorQueue::Taking {
  using Out = boost::container::static_vector<Rumor, limits::kRumors>;

  Taking(Out& list, std::size_t bytes, const NodeId& to) : out(list), first(list.size()), budget(bytes), receiver(to) {}
  std::size_t overhead() const noexcept { return out.empty() ? kRumorListOverhead : 0; }
  std::size_t room() const noexcept { return budget - std::min(budget, used + overhead()); }
  // As if nothing were in it yet: the same in every class's turn.
  std::size_t whole() const noexcept { return budget - std::min(budget, first == 0 ? kRumorListOverhead : 0); }
  bool full() const noexcept { return out.size() == out.capacity() || room() == 0; }

  Out& out;
  const std::size_t first;  // where what is appended begins
  const std::size_t budget;
  const NodeId& receiver;
  std::size_t used = 0;
  boost::container::static_vector<Item*, limits::kRumors> taken;
};

// The credential that must be told first, if this is a core and there is one.
RumorQueue::Item* RumorQueue::awaited(const Item& item) noexcept {
  if (item.key.kind != RumorKind::core || item.purpose == Purpose::refutation) return nullptr;
  const auto held = items_.find(Key{.kind = RumorKind::credential, .about = item.key.about, .tag = {}});
  if (held == items_.end() || held->second.taken_in == takes_) return nullptr;
  return held->second.rank.transmits <= item.rank.transmits ? &held->second : nullptr;
}

void RumorQueue::hand_out(Taking& taking, Item& item) {
  taking.used += taking.overhead() + item.rank.size;
  item.taken_in = takes_;
  taking.taken.push_back(&item);
  // Few: by insertion, so that equals keep the order of telling.
  auto at = taking.out.end();
  const auto begin = taking.out.begin() + static_cast<std::ptrdiff_t>(taking.first);
  while (at != begin && place_in_datagram(std::prev(at)->kind) > place_in_datagram(item.key.kind)) --at;
  taking.out.insert(at, Rumor{.kind = item.key.kind, .record = item.record, .payload = item.payload});
}

// One class's turn. With `credit` it takes what it is owed, strictly in order: what it cannot pay for yet, or what
// another class left no room for, it saves for. Without, it takes what is left over, whatever fits.
void RumorQueue::tell(Taking& taking, std::size_t of, std::size_t* credit) {
  const Order& order = by_class_[of];
  const std::size_t whole = taking.whole();  // what this budget could hold at most
  std::size_t waiting = 0;
  std::size_t reserve = 0;  // stays unspent, for a longer one that this budget cannot hold
  for (auto at = order.begin(); at != order.end() && !taking.full();) {
    Item* item = *at;
    const std::size_t most = credit == nullptr ? taking.room() : whole;
    if (item->rank.size > most) {
      // Longest first: whatever fits among those told as often lies together, behind the rest.
      reserve = std::max(reserve, item->rank.size);
      at = order.lower_bound(Rank{item->rank.transmits, most, kNewest});
      continue;
    }
    // A member knows what it said itself; what others say of it, it must hear, in order to refute or to stop.
    const bool its_own = item->key.about == taking.receiver && is_said_by_subject(item->key.kind);
    if (its_own || item->taken_in == takes_) {
      ++at;
      continue;
    }
    if (Item* const before = awaited(*item)) {
      if (before->rank.size > most) {
        if (++waiting > kWaitingPassedMax) return;
        reserve = std::max(reserve, before->rank.size);
        ++at;
        continue;
      }
      item = before;  // and then, in the next round, the core itself
    }
    if (credit != nullptr) {
      if (item->rank.size + reserve > *credit || item->rank.size > taking.room()) return;
      *credit -= item->rank.size;
    }
    hand_out(taking, *item);
  }
}

std::size_t RumorQueue::take(std::size_t budget, unsigned limit, const NodeId& receiver,
                             boost::container::static_vector<Rumor, limits::kRumors>& out) {
  spent_.clear();
  ++takes_;
  forget_told_enough(limit);

  std::array<std::size_t, kClasses> turns{};
  for (std::size_t c = 0; c < kClasses; ++c) {
    credit_[c] = by_class_[c].empty() ? 0 : std::min(credit_[c] + budget / kClasses, kCreditMax);
    // Who is owed most goes first; of equals the more urgent.
    std::size_t at = c;
    for (; at > 0 && credit_[turns[at - 1]] < credit_[c]; --at) turns[at] = turns[at - 1];
    turns[at] = c;
  }
  Taking taking(out, budget, receiver);
  for (const std::size_t c : turns) tell(taking, c, &credit_[c]);
  for (std::size_t c = 0; c < kClasses; ++c) tell(taking, c, nullptr);
  for (Item* const item : taking.taken) count_transmit(*item, limit);
  return taking.used;
}

}  // namespace quorumor
