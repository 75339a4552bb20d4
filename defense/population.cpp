#include "defense/population.h"

namespace quorumor {
namespace {

bool belongs(MemberState state) noexcept {
  return state == MemberState::alive || state == MemberState::suspect || state == MemberState::unreachable ||
         state == MemberState::dead;
}
bool lives(MemberState state) noexcept { return state == MemberState::alive || state == MemberState::suspect; }

}  // namespace

void Population::set_state(const NodeId& id, MemberState state) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) {
    if (!belongs(state)) return;
    Slot slot = static_cast<Slot>(ids_.size());
    if (free_.empty()) {
      ids_.push_back(id);
      states_.push_back(state);
    } else {
      slot = free_.back();
      free_.pop_back();
      ids_[slot] = id;
      states_[slot] = state;
    }
    by_id_.insert(slot);
    live_ += lives(state) ? 1 : 0;
    note(id, slot, true);
    return;
  }
  const Slot slot = *found;
  live_ -= lives(states_[slot]) ? 1 : 0;
  if (belongs(state)) {
    states_[slot] = state;
    live_ += lives(state) ? 1 : 0;
    return;
  }
  states_[slot] = MemberState::unknown;
  by_id_.erase(found);
  free_.push_back(slot);
  note(id, slot, false);
}

Population::Slot Population::find(const NodeId& id) const noexcept {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? kNone : *found;
}

void Population::reserve(std::size_t members) {
  ids_.reserve(members);
  states_.reserve(members);
  by_id_.reserve(members);
}

void Population::note(const NodeId& id, Slot slot, bool joined) {
  journal_[version_ % kJournal] = {id, slot, joined};
  ++version_;
}

}  // namespace quorumor
