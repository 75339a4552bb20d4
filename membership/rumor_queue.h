// What still has to be told, and how often it was. A rumor is known by (kind, about, from): a newer one of the same
// key replaces the older and starts counting afresh. `take` hands out the least transmitted first (then the longer,
// then the newer), each at most `limit` times, then forgets it: so news overtakes, and nothing is told for ever.
//
// Bound: kQueuedMax rumors. When full, the least urgent kind gives way: of that kind the one that would be told last.
// A new rumor that is less urgent than everything held is itself dropped: never a revocation or proof while anything
// else is left, so that a flood of events cannot wash out the proof that would end it.
//
// Cost, n rumors held: push, erase O(log n); erase_about O(log n) for each; take O((taken + limit) log n + s), s being
// those about the receiver that it passes. `take` never allocates and never frees what it hands out.
#pragma once

#include "wire/message.h"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace quorumor {

class RumorQueue {
 public:
  static constexpr std::size_t kQueuedMax = 8192;

  struct Key {
    RumorKind kind = RumorKind::core;
    NodeId about{};  // the subject
    NodeId from{};   // the signer where that is somebody else (accusations); for kinds of which a subject has many
                     // (events, announcements) what tells them apart; else zero
    friend bool operator==(const Key&, const Key&) = default;
  };

  RumorQueue();
  RumorQueue(const RumorQueue&) = delete;
  RumorQueue& operator=(const RumorQueue&) = delete;

  // Copies the rumor's bytes. Requires: key.kind == rumor.kind, and that the rumor is not a view into this queue.
  void push(const Key& key, const Rumor& rumor);
  void erase(const Key& key);
  void erase_about(const NodeId& about);

  // Appends to `out` what fits into `budget` bytes (rumor_size, and kRumorListOverhead for the first) and its
  // capacity; counts each as transmitted once. What does not fit gives way to what does, and keeps its turn. Forgets
  // what was told `limit` times or more (under an earlier, greater limit). The views stay valid until the next
  // non-const call. Returns the bytes used. Skips rumors about `receiver` itself unless they are accusations.
  std::size_t take(std::size_t budget, unsigned limit, const NodeId& receiver,
                   boost::container::static_vector<Rumor, limits::kRumors>& out);

  bool empty() const noexcept { return items_.empty(); }
  std::size_t size() const noexcept { return items_.size(); }

  // Of two kinds the greater gives way last. Revocations and proofs are the greatest, and equal.
  static constexpr std::size_t kUrgencies = 8;
  static std::size_t urgency(RumorKind kind) noexcept;

 private:
  // Place in the order of telling. `size` is rumor_size: what the budget is counted in.
  struct Rank {
    unsigned transmits = 0;
    std::size_t size = 0;
    std::uint64_t age = 0;  // grows: newer is greater; unique
  };
  struct Item {
    Rank rank;
    Key key;
    ByteVector record;
    ByteVector payload;
  };
  struct KeyLess {  // by subject first, so that all of one subject lie together
    bool operator()(const Key& a, const Key& b) const noexcept;
  };
  struct ToldBefore {
    using is_transparent = void;
    bool operator()(const Rank& a, const Rank& b) const noexcept;
    bool operator()(const Item* a, const Item* b) const noexcept { return (*this)(a->rank, b->rank); }
    bool operator()(const Item* a, const Rank& b) const noexcept { return (*this)(a->rank, b); }
    bool operator()(const Rank& a, const Item* b) const noexcept { return (*this)(a, b->rank); }
  };
  using Items = std::map<Key, Item, KeyLess>;
  using Order = std::set<Item*, ToldBefore>;

  Items::node_type unlink(Items::iterator at);
  bool make_room(RumorKind incoming);
  void count_transmit(Item& item, unsigned limit);

  Items items_;                              // owns; nodes never move
  Order order_;                              // all of them
  std::array<Order, kUrgencies> by_urgency_;  // the same, apart
  std::vector<Items::node_type> spent_;      // told for the last time by the last `take`; kept for its views
  std::uint64_t next_age_ = 1;
};

}  // namespace quorumor
