#include "node/core/peer_picker.h"

#include <algorithm>

namespace quorumor {

bool PeerPicker::is_peer(const Member& member) const noexcept {
  return &member != s_.self && member.is_live() && member.contact->proven.has_value();
}

bool PeerPicker::is_picked(const Member* member) const noexcept {
  return std::find(picks_.begin(), picks_.end(), member) != picks_.end();
}

const PeerPicker::Picks& PeerPicker::pick(std::size_t count) {
  QUORUMOR_ASSERT(count <= kMost);
  picks_.clear();
  const auto& all = s_.table.all();
  // By rejection: what is drawn is uniform among those that may be drawn.
  for (std::size_t draws = 8 * count; draws > 0 && picks_.size() < count; --draws) {
    Member* const member = all[static_cast<std::size_t>(s_.secret_rng.below(all.size()))];
    if (is_peer(*member) && !is_picked(member)) picks_.push_back(member);
  }
  if (picks_.size() == count) return picks_;
  rest_.clear();
  for (const auto& m : all) {
    if (is_peer(*m) && !is_picked(m)) rest_.push_back(m);
  }
  while (picks_.size() < count && !rest_.empty()) {
    const auto at = static_cast<std::size_t>(s_.secret_rng.below(rest_.size()));
    picks_.push_back(rest_[at]);
    rest_[at] = rest_.back();
    rest_.pop_back();
  }
  return picks_;
}

}  // namespace quorumor
