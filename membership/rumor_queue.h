// What still has to be told, and how often it was. A newer rumor of the same key (rumor_key.h) replaces the older and
// starts counting afresh. Each is told at most `limit` times and then forgotten: nothing is told for ever.
//
// Classes, most urgent first: verdicts (proofs, endorsements, revocations, force-leaves, announcements); accusations,
// and the cores that refute them; claims (credential, core, body); events. Each class that has something to tell is
// owed a quarter of every budget; what a class does not need goes to the others, most urgent first. So no flood of one
// starves another: system news cannot silence an application's events, nor events the proof that would end them.
//
// What a class is owed and cannot spend, because its next rumor is longer, it keeps (deficit round robin: Shreedhar
// and Varghese 1995), at most kCreditMax. The class that is owed most goes first, with the whole budget before it. So a
// 1,000-byte body comes out in every fourth full datagram however many short accusations there are. What a class gets
// beyond its share is not charged.
//
// Inside a class: the least transmitted, then the longer, then the newer. What is longer than the whole budget is
// passed over, and the class keeps as much of what it is owed as that one will cost, so that budgets of changing size
// starve nothing either. A core is not told before its credential, without which it is an orphan: while the credential
// is queued and was told no more often, the core goes only into a datagram that holds it. A refutation does not wait:
// whoever suspects a member has its credential.
//
// Bound: kQueuedMax rumors. When full, the least urgent kind gives way: of that kind the one that would be told last.
// A new rumor that is less urgent than everything held is itself dropped: never a revocation, endorsement or proof
// while anything else is left, so that a flood of events cannot wash out the proof that would end it.
//
// Cost, n rumors held: push, erase O(log n); erase_about O(log n) for each; take O((taken + limit) log n + s), s being
// those about the receiver that it passes. `take` never allocates and never frees what it hands out.
#pragma once

#include "membership/rumor_key.h"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace quorumor {

class RumorQueue {
 public:
  using Key = RumorKey;

  static constexpr std::size_t kQueuedMax = 8192;
  static constexpr std::size_t kCreditMax = 2 * limits::kDatagram;  // bytes: two of the longest rumors

  enum class Class : std::uint8_t { verdicts, accusations, claims, events };  // most urgent first
  static constexpr std::size_t kClasses = 4;

  // A core that ends a suspicion, one's own or another's, competes with the accusations that it answers.
  enum class Purpose : std::uint8_t { news, refutation };

  RumorQueue();
  RumorQueue(const RumorQueue&) = delete;
  RumorQueue& operator=(const RumorQueue&) = delete;

  // Copies the rumor's bytes. Requires: key.kind == rumor.kind; only a core refutes; the rumor is not a view into
  // this queue.
  void push(const Key& key, const Rumor& rumor, Purpose purpose = Purpose::news);
  void erase(const Key& key);
  void erase_about(const NodeId& about);
  void erase_about(const NodeId& about, RumorKind kind);  // accusations of a subject that has moved on

  // Appends to `out` what fits into `budget` bytes (rumor_size, and kRumorListOverhead for the first) and its
  // capacity; counts each as transmitted once. Appended in the order in which kinds depend on one another. Forgets
  // what was told `limit` times or more. The views stay valid until the next non-const call. Returns the bytes used.
  // Skips what `receiver` says of itself; accusations and all that an authority says are what others say of it.
  std::size_t take(std::size_t budget, unsigned limit, const NodeId& receiver,
                   boost::container::static_vector<Rumor, limits::kRumors>& out);

  bool empty() const noexcept { return items_.empty(); }
  std::size_t size() const noexcept { return items_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }       // sum of rumor_size
  std::uint64_t pushes() const noexcept { return next_age_; }  // grows with each push that was not dropped

  static Class class_of(RumorKind kind, Purpose purpose = Purpose::news) noexcept;
  // Of two rumors the greater gives way last. Revocations, endorsements and proofs are the greatest, and equal.
  static constexpr std::size_t kUrgencies = 9;
  static std::size_t urgency(RumorKind kind, Purpose purpose = Purpose::news) noexcept;

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
    Purpose purpose = Purpose::news;
    std::uint64_t taken_in = 0;  // the last `take` that handed it out
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
  struct Taking;  // one `take` under way

  Order& class_order(const Item& item) noexcept;
  Order& urgency_order(const Item& item) noexcept;
  Items::node_type unlink(Items::iterator at);
  bool make_room(std::size_t incoming);
  void forget_told_enough(unsigned limit);
  void count_transmit(Item& item, unsigned limit);
  Item* awaited(const Item& item) noexcept;
  void hand_out(Taking& taking, Item& item);
  void tell(Taking& taking, std::size_t of, std::size_t* credit);

  Items items_;                               // owns; nodes never move
  std::array<Order, kClasses> by_class_;       // all of them
  std::array<Order, kUrgencies> by_urgency_;   // the same again
  std::array<std::size_t, kClasses> credit_{};  // bytes that each class is owed
  std::vector<Items::node_type> spent_;        // told for the last time by the last `take`; kept for its views
  std::size_t bytes_ = 0;
  std::uint64_t next_age_ = 1;
  std::uint64_t takes_ = 0;
};

}  // namespace quorumor
