#include "node/core/keys_view.h"

namespace quorumor {
namespace {

EpochView view_of(const CoreState& state, const Keyring::Entry& entry, bool retired) {
  const Announcement& a = entry.announcement.announcement;
  EpochView out;
  out.epoch = a.epoch;
  out.commitment = commitment_prefix(a.commitment);
  out.signed_at = a.signed_at;
  out.signer = a.signer;
  out.parameters = a.parameters;
  out.has_key = entry.has_key();
  out.is_newest = &entry == state.ring.newest_with_key();
  out.is_retired = retired;
  out.holders = holders_of(state, entry);
  for (const auto& m : state.table.all()) {
    const bool counts = m != state.self && m->state == MemberState::alive && m->contact->last_frame.epoch == a.epoch;
    out.users += counts ? 1 : 0;
  }
  return out;
}

}  // namespace

KeysView view_keys(const CoreState& state, const Epochs& epochs, const Keymaster& keymaster) {
  KeysView out;
  for (const Keyring::Entry& entry : state.ring.retired()) out.epochs.push_back(view_of(state, entry, true));
  for (const Keyring::Entry& entry : state.ring.entries()) out.epochs.push_back(view_of(state, entry, false));
  out.retired_floor = state.ring.retired_floor();
  out.alive = alive_members(state);
  out.keymaster = keymaster.is_keymaster();
  out.retirement = epochs.retirement();
  out.rotation_allowed_in = keymaster.forbidden_for();
  if (const auto at = keymaster.rotates_at()) out.rotates_in = std::max<Duration>(*at - state.now, Duration::zero());
  return out;
}

std::vector<std::string> laggards_of(const CoreState& state, Epoch epoch, std::size_t most) {
  std::vector<std::string> out;
  for (const auto& m : state.table.all()) {
    if (m->state != MemberState::alive || out.size() == most) continue;
    const Keyring::Entry* own = state.ring.newest_with_key();
    const Epoch stated = m != state.self ? m->contact->stated.epoch : own != nullptr ? own->epoch() : Epoch{};
    if (stated < epoch) out.emplace_back(m->credential->credential.name);
  }
  return out;
}

}  // namespace quorumor
