#include "membership/verdicts.h"

#include "base/assert.h"

#include <algorithm>
#include <tuple>

namespace quorumor {

namespace {

Digest leaf(RumorKind kind, const Digest& digest) noexcept {
  const std::byte tag{static_cast<unsigned char>(kind)};
  return hash("quorumor verdict leaf", {Bytes{&tag, 1}, digest});
}

NodeId half_of(const Digest& digest) noexcept {
  NodeId out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

Digest force_leave_leaf(Bytes record) noexcept {
  return leaf(RumorKind::force_leave, hash("quorumor force-leave", {record.first(kForceLeaveContent)}));
}

}  // namespace

Verdicts::Fit Verdicts::judge(const Revocation& revocation, const Digest& digest) const noexcept {
  if (revocation.serial == Serial{} || by_digest_.contains(half_of(digest))) return Fit::known;
  return revocations_.size() >= kRevocationsMax ? Fit::full : Fit::news;
}

Verdicts::Fit Verdicts::judge(const ForceLeave& f) const noexcept {
  if (f.generation <= force_left_through(f.id)) return Fit::known;
  if (force_leaves_.size() < kForceLeavesMax || left_.contains(f.id)) return Fit::news;
  const HeldForceLeave& oldest = force_leaves_[oldest_force_leave()];
  return std::tie(f.at, f.id) > std::tie(oldest.at, oldest.id) ? Fit::news : Fit::full;
}

void Verdicts::add(const Revocation& revocation, const Digest& digest, ByteVector record) {
  QUORUMOR_ASSERT(judge(revocation, digest) == Fit::news);
  const std::size_t number = revocations_.size();
  record.shrink_to_fit();
  revocations_.push_back({revocation.serial, revocation.at, digest, false, std::move(record)});
  by_digest_.emplace(half_of(digest), number);
  sum_.add(leaf(RumorKind::revocation, digest));
  const auto [at, first] = greatest_.try_emplace(revocation.id, number);
  if (!first && revocations_[at->second].serial < revocation.serial) at->second = number;
}

void Verdicts::add(const ForceLeave& f, ByteVector record) {
  QUORUMOR_ASSERT(judge(f) == Fit::news);
  std::size_t number = force_leaves_.size();
  if (const auto held = left_.find(f.id); held != left_.end()) {
    number = held->second;
  } else if (number >= kForceLeavesMax) {
    number = oldest_force_leave();
    left_.erase(force_leaves_[number].id);
  } else {
    force_leaves_.emplace_back();
  }
  HeldForceLeave& slot = force_leaves_[number];
  if (!slot.record.empty()) sum_.remove(force_leave_leaf(slot.record));
  record.shrink_to_fit();
  slot = {f.id, f.generation, f.at, std::move(record)};
  left_[f.id] = number;
  sum_.add(force_leave_leaf(slot.record));
}

void Verdicts::note_endorsed(const Authorities& authorities) {
  if (endorsed_) sum_.remove(*endorsed_);
  endorsed_.reset();
  if (authorities.endorsed().empty()) return;
  ByteVector keys;
  if (!authorities.full()) {
    auto sorted = authorities.endorsed();
    std::sort(sorted.begin(), sorted.end());
    for (const PublicKey& key : sorted) keys.insert(keys.end(), key.begin(), key.end());
  }
  endorsed_ = leaf(RumorKind::endorsement, hash("quorumor endorsed", {keys}));
  sum_.add(*endorsed_);
}

std::size_t Verdicts::oldest_force_leave() const noexcept {
  const auto oldest = std::min_element(force_leaves_.begin(), force_leaves_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  });
  return static_cast<std::size_t>(oldest - force_leaves_.begin());
}

Serial Verdicts::revoked_through(const NodeId& id) const noexcept {
  const auto found = greatest_.find(id);
  return found == greatest_.end() ? Serial{} : revocations_[found->second].serial;
}

Generation Verdicts::force_left_through(const NodeId& id) const noexcept {
  const auto found = left_.find(id);
  return found == left_.end() ? Generation{} : force_leaves_[found->second].generation;
}

Rumor Verdicts::at(std::size_t number) const noexcept {
  if (number < revocations_.size()) return {RumorKind::revocation, revocations_[number].record, {}};
  return {RumorKind::force_leave, force_leaves_[number - revocations_.size()].record, {}};
}

Rumor Verdicts::revocation_of(const NodeId& id) const noexcept {
  const auto found = greatest_.find(id);
  return found == greatest_.end() ? Rumor{RumorKind::revocation, {}, {}} : at(found->second);
}

Rumor Verdicts::force_leave_of(const NodeId& id) const noexcept {
  const auto found = left_.find(id);
  return found == left_.end() ? Rumor{RumorKind::force_leave, {}, {}} : at(revocations_.size() + found->second);
}

Rumor Verdicts::revocation_by_digest(const NodeId& first_half) const noexcept {
  const auto found = by_digest_.find(first_half);
  return found == by_digest_.end() ? Rumor{RumorKind::revocation, {}, {}} : at(found->second);
}

bool Verdicts::knows(const Digest& revocation) const noexcept {
  const auto found = by_digest_.find(half_of(revocation));
  return found != by_digest_.end() && revocations_[found->second].digest == revocation;
}

void Verdicts::note_announced(std::span<const Digest> digests) noexcept {
  for (const Digest& d : digests) {
    if (knows(d)) revocations_[by_digest_.find(half_of(d))->second].announced = true;
  }
}

std::vector<Digest> Verdicts::unannounced(std::size_t most) const {
  std::vector<const HeldRevocation*> open;
  for (const HeldRevocation& r : revocations_) {
    if (!r.announced) open.push_back(&r);
  }
  std::sort(open.begin(), open.end(), [](const HeldRevocation* a, const HeldRevocation* b) {
    return std::tie(a->at, a->digest) > std::tie(b->at, b->digest);
  });
  open.resize(std::min(open.size(), most));
  std::vector<Digest> out;
  for (const HeldRevocation* r : open) out.push_back(r->digest);
  return out;
}

}  // namespace quorumor
