// Whom observers are drawn from: the members in state alive, suspect, unreachable or dead. Not: unknown (no member),
// left and evicted (their word about others is over). A member that comes and goes out of reach stays in it, so that
// ranks, which everybody must compute alike, depend on membership and not on one reader's timers.
//
// Members have slots, small numbers that index flat arrays; a slot is used again after its member left. Each arrival
// and departure is written into a journal of the last kJournal changes, from which rankings (observers.h) catch up
// instead of being computed anew. A change of state that is neither costs one store.
//
// Bound: as many members as the caller tells of (the member table's capacity); about 26 bytes each, and 24 KB of
// journal. Not thread-safe.
#pragma once

#include "crypto/cluster.h"
#include "wire/message.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace quorumor {

class Population {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = ~Slot{0};
  static constexpr std::size_t kJournal = 1024;  // changes; a power of two

  struct IdHash {
    std::size_t operator()(const NodeId& id) const noexcept {
      return static_cast<std::size_t>(load_le<std::uint64_t>(id.data()) ^ load_le<std::uint64_t>(id.data() + 8));
    }
  };
  struct Change {
    NodeId id{};
    Slot slot = kNone;
    bool joined = false;
  };

  Population() = default;
  Population(const Population&) = delete;
  Population& operator=(const Population&) = delete;

  void set_state(const NodeId& id, MemberState state);
  void reserve(std::size_t members);  // makes room at once, and no more than for them

  Slot find(const NodeId& id) const noexcept;  // kNone: not of the population
  const NodeId& id(Slot slot) const noexcept { return ids_[slot]; }
  // Requires for the next two: a slot in use.
  bool is_out_of_reach(Slot slot) const noexcept { return states_[slot] >= MemberState::unreachable; }
  bool is_live(Slot slot) const noexcept { return !is_out_of_reach(slot); }
  bool is_used(Slot slot) const noexcept { return states_[slot] != MemberState::unknown; }
  std::size_t size() const noexcept { return by_id_.size(); }
  std::size_t live() const noexcept { return live_; }     // alive or suspect
  std::size_t slots() const noexcept { return ids_.size(); }  // every slot is below this

  // How many changes there have been. Change number v (from 0) is still in the journal if v + kJournal >= version().
  std::uint64_t version() const noexcept { return version_; }
  const Change& change(std::uint64_t number) const noexcept { return journal_[number % kJournal]; }

 private:
  struct SlotHash {
    using is_transparent = void;
    const Population* population;
    std::size_t operator()(const NodeId& id) const noexcept { return IdHash{}(id); }
    std::size_t operator()(Slot slot) const noexcept { return IdHash{}(population->ids_[slot]); }
  };
  struct SlotEqual {
    using is_transparent = void;
    const Population* population;
    bool operator()(Slot a, Slot b) const noexcept { return a == b; }
    bool operator()(const NodeId& id, Slot slot) const noexcept { return id == population->ids_[slot]; }
    bool operator()(Slot slot, const NodeId& id) const noexcept { return id == population->ids_[slot]; }
  };
  void note(const NodeId& id, Slot slot, bool joined);

  std::vector<NodeId> ids_;
  std::vector<MemberState> states_;  // unknown: the slot is free
  std::vector<Slot> free_;
  boost::unordered_flat_set<Slot, SlotHash, SlotEqual> by_id_{0, SlotHash{this}, SlotEqual{this}};  // never iterated
  std::vector<Change> journal_ = std::vector<Change>(kJournal);
  std::uint64_t version_ = 0;
  std::size_t live_ = 0;
};

}  // namespace quorumor
