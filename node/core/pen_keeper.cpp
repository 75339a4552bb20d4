#include "node/core/pen_keeper.h"

#include "node/core/intake.h"

#include <algorithm>

namespace quorumor {

// A digest's first bytes tell two cores of one member apart.
std::optional<std::uint64_t> PenKeeper::held_now(RumorKind missing, const NodeId& id) const noexcept {
  const Member* const member = table_.find(id);
  if (member == nullptr) return std::nullopt;
  if (missing == RumorKind::credential) return member->credential->credential.serial.value;
  if (!member->core) return std::nullopt;
  return load_le<std::uint64_t>(member->core->digest().data());
}

void PenKeeper::put(Instant now, const NodeId& sender, const WantItem& missing, const Rumor& rumor) {
  pen_.put(now, sender, missing.kind, missing.id, rumor);
  counters_.rumors_lapsed = pen_.lost();
  std::erase_if(watches_, [&](const Watch& w) { return !pen_.awaits(w.missing, w.id); });
  const bool watched = std::any_of(watches_.begin(), watches_.end(), [&](const Watch& w) {
    return w.missing == missing.kind && w.id == missing.id;
  });
  if (!watched) watches_.push_back({missing.kind, missing.id, held_now(missing.kind, missing.id)});
}

// False once nothing that the pen awaits has come.
bool PenKeeper::release_one(Instant now, Intake& intake) {
  const auto come = std::find_if(watches_.begin(), watches_.end(),
                                 [&](const Watch& w) { return held_now(w.missing, w.id) != w.held; });
  if (come == watches_.end()) return false;
  released_.clear();
  pen_.release(come->missing, come->id, released_);
  watches_.erase(come);
  for (const Pen::Waiting& w : released_) {
    if (intake.take(w.rumor()) == IntakeResult::orphaned) put(now, w.sender, intake.missing(), w.rumor());
  }
  return true;
}

void PenKeeper::settle(Instant now, Intake& intake) {
  if (pen_.empty()) return;
  // Each round ends a watch; a new one begins with what is held by then, and what is held changes only by a rumor
  // that leaves the pen for good. So this ends.
  while (counters_.rumors_accepted != accepted_) {
    accepted_ = counters_.rumors_accepted;
    while (release_one(now, intake)) {
    }
  }
  pen_.expire(now);
  counters_.rumors_lapsed = pen_.lost();
}

}  // namespace quorumor
