#include "node/core/gossiper.h"

namespace quorumor {

std::optional<Instant> Gossiper::next_deadline() const {
  if (s_.queue.empty() || s_.live < 2) return std::nullopt;
  return last_tick_ + s_.config.gossip_interval;
}

void Gossiper::on_timer() {
  const auto due = next_deadline();
  if (!due || s_.now < *due) return;
  last_tick_ = s_.now;
  candidates_.clear();
  for (const auto& m : s_.table.all()) {
    if (m.get() != s_.self && m->is_live() && m->proven) candidates_.push_back(m.get());
  }
  for (unsigned i = 0; i < s_.config.gossip_fanout && !candidates_.empty(); ++i) {
    const auto pick = static_cast<std::size_t>(s_.secret_rng.below(candidates_.size()));
    sender_.gossip(*candidates_[pick]);
    candidates_[pick] = candidates_.back();
    candidates_.pop_back();
  }
}

}  // namespace quorumor
