// The rumor queue, done naively: one vector, sorted whole at each take.
#pragma once

#include "membership/rumor_queue.h"

#include <algorithm>
#include <vector>

namespace quorumor::test {

class NaiveRumorQueue {
 public:
  struct Item {
    RumorQueue::Key key;
    bool refutes = false;
    ByteVector record;
    ByteVector payload;
    unsigned told = 0;
    std::uint64_t pushed = 0;
    bool in_hand = false;  // of the take under way

    Rumor rumor() const { return {key.kind, record, payload}; }
    std::size_t size() const { return rumor_size(rumor()); }
  };

  void push(const RumorQueue::Key& key, bool refutes, Bytes record, Bytes payload) {
    erase(key);
    const Item item{key, refutes, to_vector(record), to_vector(payload), 0, ++pushed_};
    if (items_.size() == RumorQueue::kQueuedMax && !give_way(level_of(item))) return;
    items_.push_back(item);
  }
  void erase(const RumorQueue::Key& key) {
    std::erase_if(items_, [&](const Item& item) { return item.key == key; });
  }
  void erase_about(const NodeId& about) {
    std::erase_if(items_, [&](const Item& item) { return item.key.about == about; });
  }
  // What is handed out, in order, and the bytes used.
  std::size_t take(std::size_t budget, unsigned limit, const NodeId& receiver, std::size_t already,
                   std::vector<Item>& out) {
    std::erase_if(items_, [&](const Item& item) { return item.told >= limit; });
    std::sort(items_.begin(), items_.end(), before);
    already_ = already;
    budget_ = budget;
    used_ = 0;
    for (int c = 0; c < 4; ++c) {
      const bool has_any = std::any_of(items_.begin(), items_.end(), [&](const Item& i) { return class_of(i) == c; });
      owed_[c] = has_any ? std::min<std::size_t>(owed_[c] + budget / 4, RumorQueue::kCreditMax) : 0;
    }
    std::vector<int> turns{0, 1, 2, 3};
    std::stable_sort(turns.begin(), turns.end(), [&](int a, int b) { return owed_[a] > owed_[b]; });
    for (const int c : turns) spend(c, receiver, out);
    for (int c = 0; c < 4; ++c) fill_up(c, receiver, out);
    std::stable_sort(out.begin(), out.end(), [](const Item& a, const Item& b) { return order_of(a) < order_of(b); });
    for (Item& item : items_) {
      if (item.in_hand) ++item.told;
      item.in_hand = false;
    }
    std::erase_if(items_, [&](const Item& item) { return item.told >= limit; });
    return used_;
  }
  std::size_t size() const { return items_.size(); }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const Item& item : items_) sum += item.size();
    return sum;
  }

 private:
  static bool before(const Item& a, const Item& b) {
    if (a.told != b.told) return a.told < b.told;
    return a.size() != b.size() ? a.size() > b.size() : a.pushed > b.pushed;
  }
  static int order_of(const Item& item) {
    return item.key.kind == RumorKind::endorsement ? -1 : static_cast<int>(item.key.kind);
  }
  static int class_of(const Item& item) {
    if (item.key.kind == RumorKind::event) return 3;
    if (item.key.kind == RumorKind::accusation || item.refutes) return 1;
    return item.key.kind < RumorKind::accusation ? 2 : 0;
  }
  static std::size_t level_of(const Item& item) {
    static const std::vector<RumorKind> kLeastUrgentFirst{
        RumorKind::event,      RumorKind::body,         RumorKind::credential,  RumorKind::core,
        RumorKind::accusation, RumorKind::announcement, RumorKind::force_leave, RumorKind::revocation};
    if (item.refutes) return 9;  // 2 a kind, and between accusations and announcements
    const bool is_greatest = item.key.kind == RumorKind::proof || item.key.kind == RumorKind::endorsement;
    const RumorKind kind = is_greatest ? RumorKind::revocation : item.key.kind;
    const auto at = std::find(kLeastUrgentFirst.begin(), kLeastUrgentFirst.end(), kind);
    return static_cast<std::size_t>(at - kLeastUrgentFirst.begin()) * 2;
  }
  bool give_way(std::size_t incoming) {
    auto last = items_.end();
    for (auto at = items_.begin(); at != items_.end(); ++at) {
      if (last == items_.end() || level_of(*at) < level_of(*last) ||
          (level_of(*at) == level_of(*last) && before(*last, *at))) {
        last = at;
      }
    }
    if (level_of(*last) > incoming) return false;
    items_.erase(last);
    return true;
  }

  std::size_t room(const std::vector<Item>& out) const {
    const std::size_t overhead = already_ + out.size() == 0 ? kRumorListOverhead : 0;
    return used_ + overhead >= budget_ || already_ + out.size() == limits::kRumors ? 0 : budget_ - used_ - overhead;
  }
  void hand_out(Item& item, std::vector<Item>& out) {
    used_ += item.size() + (already_ + out.size() == 0 ? kRumorListOverhead : 0);
    item.in_hand = true;
    out.push_back(item);
  }
  bool is_open(const Item& item, int c, const NodeId& receiver) const {
    const RumorKind kind = item.key.kind;
    const bool of_others =
        kind == RumorKind::accusation || kind == RumorKind::revocation || kind == RumorKind::force_leave ||
        kind == RumorKind::endorsement;
    const bool its_own = item.key.about == receiver && !of_others;
    return class_of(item) == c && !its_own && !item.in_hand;
  }
  // What must go out first: the item itself, or its credential.
  Item& first_of(Item& item) {
    if (item.key.kind != RumorKind::core || item.refutes) return item;
    for (Item& other : items_) {
      if (other.key.kind == RumorKind::credential && other.key.about == item.key.about && !other.in_hand &&
          other.key.tag == RumorKey::Tag{} && other.told <= item.told) {
        return other;
      }
    }
    return item;
  }
  // Strictly in order, with what the class is owed; what no empty datagram of this size could hold is passed over,
  // and as much as it costs is kept.
  void spend(int c, const NodeId& receiver, std::vector<Item>& out) {
    const std::size_t whole = budget_ - std::min(budget_, already_ == 0 ? kRumorListOverhead : 0);
    std::size_t kept = 0;
    std::size_t waiting = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (room(out) > 0 && class_of(items_[i]) == c && items_[i].size() > whole) {
        kept = std::max(kept, items_[i].size());
        continue;
      }
      while (is_open(items_[i], c, receiver) && room(out) > 0) {
        Item& item = first_of(items_[i]);
        if (item.size() > whole) {
          if (++waiting > 16) return;
          kept = std::max(kept, item.size());
          break;
        }
        if (item.size() + kept > owed_[c] || item.size() > room(out)) return;
        owed_[c] -= item.size();
        hand_out(item, out);
      }
    }
  }
  // Whatever fits.
  void fill_up(int c, const NodeId& receiver, std::vector<Item>& out) {
    std::size_t waiting = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      while (is_open(items_[i], c, receiver) && items_[i].size() <= room(out)) {
        Item& item = first_of(items_[i]);
        if (item.size() > room(out)) {
          if (++waiting > 16) return;
          break;
        }
        hand_out(item, out);
      }
    }
  }

  std::vector<Item> items_;
  std::uint64_t pushed_ = 0;
  std::size_t owed_[4] = {};
  std::size_t already_ = 0, budget_ = 0, used_ = 0;
};

}  // namespace quorumor::test
