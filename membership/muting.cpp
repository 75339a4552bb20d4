#include "membership/muting.h"

#include <algorithm>

namespace quorumor {

void Muting::forgive(Entry& entry, Instant now) noexcept {
  if (now <= entry.since) return;
  const auto periods = (now - entry.since) / kForgiveness;
  entry.since += periods * kForgiveness;
  entry.refuted -= static_cast<unsigned>(std::min<std::int64_t>(periods, entry.refuted));
}

void Muting::refuted(const NodeId& accuser, Instant now) {
  for (Entry& e : entries_) forgive(e, now);
  std::erase_if(entries_, [](const Entry& e) { return e.refuted == 0; });
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.accuser == accuser; });
  if (found != entries_.end()) {
    found->refuted = std::min(found->refuted + 1, kRefutationsCounted);
    found->last = now;
    return;
  }
  if (entries_.size() >= kMutingMax) {
    entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                    [](const Entry& a, const Entry& b) { return a.last < b.last; }));
  }
  entries_.push_back({accuser, 1, now, now});
}

unsigned Muting::refutations(const NodeId& accuser, Instant now) const noexcept {
  for (Entry e : entries_) {
    if (e.accuser != accuser) continue;
    forgive(e, now);
    return e.refuted;
  }
  return 0;
}

bool Muting::is_muted(const NodeId& accuser, Instant now) const noexcept {
  return refutations(accuser, now) >= kRefutationsToMute;
}

void Muting::muted(Instant now, std::vector<NodeId>& out) const {
  for (const Entry& e : entries_) {
    if (is_muted(e.accuser, now)) out.push_back(e.accuser);
  }
}

}  // namespace quorumor
