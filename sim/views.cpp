#include "sim/views.h"

namespace quorumor::sim {
namespace {

constexpr std::size_t kAlive = static_cast<std::size_t>(MemberState::alive);

}  // namespace

void Views::add(const NodeId& id) {
  const Index machine = identity_.size();
  identity_.push_back(by_id_.try_emplace(id, machine).first->second);
  for (auto& row : rows_) row.push_back(MemberState::unknown);
  rows_.emplace_back(machine + 1, MemberState::unknown);
  seen_.push_back({});
  machines_.push_back(0);
}

std::optional<Views::Index> Views::find(const NodeId& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

// With r running machines and i running identities the pairs are i * r less those of a machine and itself, r.
void Views::on_start(Index reader) {
  const Index identity = identity_[reader];
  if (machines_[identity]++ == 0) alive_ += seen_[identity][kAlive];
  ++running_;
  wanted_ = 0;
  for (const std::size_t n : machines_) wanted_ += n > 0 ? running_ - n : 0;
}

void Views::on_stop(Index reader) {
  auto& row = rows_[reader];
  for (Index i = 0; i < row.size(); ++i) change(reader, i, MemberState::unknown);
  const Index identity = identity_[reader];
  if (--machines_[identity] == 0) alive_ -= seen_[identity][kAlive];
  --running_;
  wanted_ = 0;
  for (const std::size_t n : machines_) wanted_ += n > 0 ? running_ - n : 0;
}

void Views::on_event(Index reader, const Event& event) {
  switch (event.kind) {
    case Event::Kind::member_alive: return set(reader, event.id, MemberState::alive);
    case Event::Kind::member_suspect: return set(reader, event.id, MemberState::suspect);
    case Event::Kind::member_unreachable: return set(reader, event.id, MemberState::unreachable);
    case Event::Kind::member_dead: return set(reader, event.id, MemberState::dead);
    case Event::Kind::member_left: return set(reader, event.id, MemberState::left);
    case Event::Kind::member_evicted: return set(reader, event.id, MemberState::evicted);
    case Event::Kind::member_updated:
    case Event::Kind::joined:
    case Event::Kind::join_refused:
    case Event::Kind::join_failed:
    case Event::Kind::refuted:
    case Event::Kind::clone_alarm:
    case Event::Kind::revoked:
    case Event::Kind::left: return;
    default: return;  // kinds that say nothing of a state
  }
}

void Views::set(Index reader, const NodeId& subject, MemberState state) {
  const auto identity = find(subject);
  if (identity && *identity != identity_[reader]) change(reader, *identity, state);
}

void Views::change(Index reader, Index identity, MemberState to) {
  MemberState& held = rows_[reader][identity];
  if (held == to) return;
  const bool counts = machines_[identity] > 0;
  if (held != MemberState::unknown) --seen_[identity][static_cast<std::size_t>(held)];
  if (counts && held == MemberState::alive) --alive_;
  held = to;
  if (held != MemberState::unknown) ++seen_[identity][static_cast<std::size_t>(held)];
  if (counts && held == MemberState::alive) ++alive_;
}

bool Views::all_see(MemberState state, Index subject) const {
  const Index identity = identity_[subject];
  const Counts& counts = seen_[identity];
  const std::size_t readers = running_ - machines_[identity];
  if (state != MemberState::unknown) return counts[static_cast<std::size_t>(state)] == readers;
  for (const std::size_t n : counts) {
    if (n != 0) return false;
  }
  return true;
}

bool Views::all_alive() const { return alive_ == wanted_; }

}  // namespace quorumor::sim
