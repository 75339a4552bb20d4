#include "node/core/gossiper.h"

#include <algorithm>

namespace quorumor {

bool Gossiper::has_backlog() const noexcept {
  return s_.queue.bytes() > std::min<std::size_t>(s_.config.gossip_fanout, s_.live - 1) * limits::kPlain;
}

Duration Gossiper::interval() const noexcept {
  if (vain_at_ == s_.queue.pushes()) return std::max(s_.config.probe_interval, s_.config.gossip_interval);
  return has_backlog() ? s_.config.gossip_interval_min : s_.config.gossip_interval;
}

std::optional<Instant> Gossiper::next_deadline() const {
  if (s_.queue.empty() || s_.live < 2) return std::nullopt;
  return std::max(last_tick_ + interval(), budget_.ready_at());
}

void Gossiper::on_timer() {
  const auto due = next_deadline();
  if (!due || s_.now < *due) return;
  last_tick_ = s_.now;
  const std::uint64_t before = s_.counters.gossip_bytes_out;
  for (Member* const peer : picker_.pick(s_.config.gossip_fanout)) {
    if (!budget_.is_ready(s_.now)) break;
    const std::uint64_t sent = s_.counters.bytes_out;
    if (!sender_.gossip(*peer)) continue;
    const std::uint64_t bytes = s_.counters.bytes_out - sent;
    budget_.spend(s_.now, static_cast<std::size_t>(bytes));
    s_.counters.gossip_bytes_out += bytes;
  }
  vain_at_.reset();
  if (s_.counters.gossip_bytes_out == before) vain_at_ = s_.queue.pushes();
}

}  // namespace quorumor
