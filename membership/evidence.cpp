#include "membership/evidence.h"

#include "membership/precedence.h"

#include <algorithm>

namespace quorumor {

bool operator<(const Witness& a, const Witness& b) noexcept {
  if (a.accuser != b.accuser) return a.accuser < b.accuser;
  if (a.generation != b.generation) return a.generation < b.generation;
  return std::lexicographical_compare(a.epochs.rbegin(), a.epochs.rend(), b.epochs.rbegin(), b.epochs.rend());
}

// Of two stories at one coordinate all keep the one with the lesser digest; accusations name the coordinate alone.
bool Evidence::learn_core(const CoreFact& core) {
  if (core_) {
    if (core.at < core_->at) return false;
    if (core.at == core_->at && !conflict_prefers_offered(core_->digest, core.digest)) return false;
    if (core.at != core_->at) witnesses_.clear();
  }
  core_ = core;
  return true;
}

bool Evidence::learn_witness(const Coordinate& at, const Witness& witness) {
  if (!core_ || core_->at != at) return false;
  const auto place =
      std::lower_bound(witnesses_.begin(), witnesses_.end(), witness,
                       [](const Witness& a, const Witness& b) { return a.accuser < b.accuser; });
  if (place == witnesses_.end() || place->accuser != witness.accuser) {
    witnesses_.insert(place, witness);
    return true;
  }
  if (!(*place < witness)) return false;
  *place = witness;
  return true;
}

bool Evidence::learn_eviction(Serial through) noexcept {
  if (through <= evicted_through_) return false;
  evicted_through_ = through;
  return true;
}

bool Evidence::learn_force_leave(Generation through) noexcept {
  if (through <= force_left_) return false;
  force_left_ = through;
  return true;
}

bool Evidence::merge(const Evidence& other) {
  bool news = learn_eviction(other.evicted_through_);
  news = learn_force_leave(other.force_left_) || news;
  if (!other.core_) return news;
  news = learn_core(*other.core_) || news;
  for (const Witness& w : other.witnesses_) news = learn_witness(other.core_->at, w) || news;
  return news;
}

}  // namespace quorumor
