#include "node/core/accuser.h"

#include <algorithm>

namespace quorumor {

bool Accuser::owes(const Member& subject) const {
  if (!subject.core || &subject == s_.self) return false;
  const EpochList epochs = s_.policy->epochs_to_accuse_under(subject.id());
  if (epochs.empty()) return false;
  const auto& witnesses = subject.evidence().witnesses();
  const bool said = std::any_of(witnesses.begin(), witnesses.end(),
                                [&](const Witness& w) { return w.accuser == s_.id() && w.epochs == epochs; });
  const bool pending = std::any_of(pending_.begin(), pending_.end(),
                                   [&](const Finding& f) { return f.subject.id == subject.id(); });
  return !said && !pending;
}

void Accuser::accuse(const Member& subject) {
  if (pending_.size() >= kPendingMost || !owes(subject)) return;
  const Coordinate& at = subject.core->core.at;
  if (pending_.empty()) flush_at_ = s_.now + std::min(kBatch, s_.config.gossip_interval);
  pending_.push_back({{subject.id(), at.generation, at.incarnation}, s_.policy->epochs_to_accuse_under(subject.id())});
}

// One signature over the findings under the same epochs as the first one's; what has moved on meanwhile is dropped.
void Accuser::sign_some() {
  Accusation a;
  a.accuser = s_.id();
  a.serial = s_.self->credential->credential.serial;
  a.generation = s_.generation;
  const EpochList epochs = pending_.front().epochs;
  a.epochs.assign(epochs.begin(), epochs.end());
  std::erase_if(pending_, [&](const Finding& f) {
    const Member* m = s_.table.find(f.subject.id);
    if (m == nullptr || !m->core || m->core->core.at.generation != f.subject.generation ||
        m->core->core.at.incarnation != f.subject.incarnation) {
      return true;
    }
    if (f.epochs != epochs || a.subjects.size() == limits::kAccusedSubjects) return false;
    a.subjects.push_back(f.subject);
    return true;
  });
  if (a.subjects.empty()) return;
  std::sort(a.subjects.begin(), a.subjects.end());
  const ByteVector content = encode_accusation(a);
  intake_.accuse(a, join_record(content, s_.identity.sign(SignDomain::accusation, s_.cluster, content)));
}

void Accuser::on_timer() {
  if (pending_.empty() || s_.now < flush_at_) return;
  while (!pending_.empty()) sign_some();
}

std::optional<Instant> Accuser::next_deadline() const {
  if (pending_.empty()) return std::nullopt;
  return flush_at_;
}

}  // namespace quorumor
