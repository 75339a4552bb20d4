#include "node/core/ring_exchange.h"

#include "node/core/epochs.h"
#include "node/core/key_exchange.h"

#include <algorithm>

namespace quorumor {
namespace {

// Nothing unless the announcement is whole and its signer entitled.
std::optional<SignedAnnouncement> verified(const CoreState& state, const RingEntryView& entry) {
  if (!is_signed_record(entry.announcement) || !is_signed_record(entry.signer)) return std::nullopt;
  const auto signer =
      verify_credential(state.authorities, content_of(entry.signer), signature_of(entry.signer));
  if (!signer || !signer.value().credential.has_role(kKeymasterRole)) return std::nullopt;
  auto announcement =
      verify_announcement(signer.value().credential.identity, state.cluster, content_of(entry.announcement),
                          signature_of(entry.announcement));
  if (!announcement || announcement.value().announcement.signer != signer.value().credential.id) return std::nullopt;
  return std::move(announcement.value());
}

// A member's news is not believed under a credential that this node knows to be superseded: a keymaster whose key was
// stolen was given another. An epoch from before that comes from whoever this node joins by.
bool is_superseded(const CoreState& state, const RingEntryView& entry, const Announcement& a) {
  const Member* held = state.table.find(a.signer);
  if (held == nullptr) return false;
  if (held->state == MemberState::evicted) return true;
  const auto shown = decode_credential(content_of(entry.signer));
  return shown && shown.value().serial < held->credential->credential.serial &&
         (shown.value().identity != held->credential->credential.identity ||
          !held->credential->whole().has_role(kKeymasterRole));
}

bool left_behind(const Keyring& ring, const RingView& theirs) {
  const Keyring::Entry* newest = ring.newest();
  if (newest == nullptr || theirs.entries.empty()) return false;
  const auto first = decode_announcement(content_of(theirs.entries.front().announcement));
  return first && newest->epoch().value + 1 < first.value().epoch.value;
}

// Of this node's word alone nobody else's is believed, so it asks as many as there are.
std::size_t needed_to_graft(const CoreState& state) noexcept {
  return std::clamp<std::size_t>(state.table.size() - 1, 1, Grafts::kAgreeing);
}

Result<void, RingError> graft(CoreState& state, Keyring& ring, const RingEntryView& entry, SignedAnnouncement&& a,
                              std::span<const Bytes> chain, const NodeId& giver, bool ahead) {
  const Keyring::Entry* newest = ring.newest_with_key();
  // An older chain than ours: its members will take ours.
  if (newest != nullptr && a.announcement.epoch < newest->epoch()) return RingError::buried;
  // What is proven needs no witnesses.
  if (state.joined && !ahead && ring.bridge(a, chain, to_vector(entry.signer))) return success();
  if (state.joined && !state.grafts.agree(a.digest(), giver, needed_to_graft(state), state.now)) return RingError::gap;
  return ring.graft(std::move(a), entry.seed, to_vector(entry.signer));
}

// What became of one entry; the key comes after it.
Result<void, RingError> take_entry(CoreState& state, Keyring& ring, const RingEntryView& entry, SignedAnnouncement&& a,
                                   std::span<const Bytes> chain, const NodeId& giver, bool ahead) {
  if (ring.newest() == nullptr) return ring.adopt(std::move(a), entry.seed, to_vector(entry.signer));
  const auto place = ring.check_offer(a.announcement, a.digest());
  if (!place && (place.error() == RingError::gap || place.error() == RingError::wrong_predecessor)) {
    return graft(state, ring, entry, std::move(a), chain, giver, ahead);
  }
  const auto agreed = [&] { return state.grafts.agree(a.digest(), giver, needed_to_graft(state), state.now); };
  if (place && ahead && !agreed()) return RingError::gap;
  return ring.offer(std::move(a), to_vector(entry.signer));
}

bool take_entries(CoreState& state, Keyring& ring, const RingView& theirs, const NodeId& giver) {
  for (const RingEntryView& entry : theirs.entries) {
    auto announcement = verified(state, entry);
    if (!announcement) return false;
    const Announcement& a = announcement->announcement;
    const Epoch epoch = a.epoch;
    if (state.joined) {
      // What nobody can give the key of waits for gossip (epochs.h); what was signed ahead of our clock, for others.
      if (entry.key.empty() || is_superseded(state, entry, a)) continue;
    }
    const bool ahead = state.joined && a.signed_at > state.wall_now() + Epochs::kAhead;
    const RumorKey key_of_rumor = announcement_key(announcement->digest());
    const auto held = take_entry(state, ring, entry, std::move(*announcement), theirs.chain, giver, ahead);
    if (held && state.joined) {
      ++state.counters.announcements_accepted;
      state.queue.push(key_of_rumor, {RumorKind::announcement, entry.announcement, {}});
    }
    if (entry.key.size() != 32) continue;
    EpochKey key;
    key.key = Secret<32>::copy_of(std::span<const std::byte, 32>(entry.key.data(), 32));
    const auto set = ring.set_key(epoch, std::move(key));
    // Of a fork that is not held, this is another key than that of the branch that is.
    if (!set && set.error() == RingError::wrong_key && (held || held.error() == RingError::known)) return false;
  }
  return true;
}

}  // namespace

StreamMessage make_ring(const CoreState& state, std::vector<ByteVector>& storage) {
  StreamMessage out;
  storage.reserve(storage.size() + 2 * kLiveEpochsMax);  // the views must not move
  out.kind = StreamKind::ring;
  out.ring.floor = state.ring.retired_floor();
  for (const Bytes content : state.ring.remembered()) out.ring.chain.push_back(content);
  std::vector<const Keyring::Entry*> chosen;
  for (const Keyring::Entry& entry : state.ring.entries()) chosen.push_back(&entry);
  const auto& retired = state.ring.retired();
  for (auto it = retired.rbegin(); it != retired.rend() && chosen.size() < kLiveEpochsMax; ++it) {
    chosen.push_back(&*it);
  }
  std::sort(chosen.begin(), chosen.end(), [](const auto* a, const auto* b) { return a->stands_before(*b); });
  bool may_know = true;
  for (const Keyring::Entry* entry : chosen) {
    const Member* signer = state.table.find(entry->announcement.announcement.signer);
    const Bytes credential = !entry->signer.empty() ? Bytes(entry->signer)
                             : signer != nullptr    ? Bytes(signer->credential->record)
                                                    : Bytes{};
    if (credential.empty() || out.ring.entries.size() == out.ring.entries.capacity()) continue;
    may_know = may_know && holds_revocations(state, entry->announcement.announcement);
    RingEntryView view;
    storage.push_back(join_record(entry->announcement.content, entry->announcement.signature));
    view.announcement = storage.back();
    view.signer = credential;
    view.seed = entry->seed;
    if (entry->has_key() && may_know) view.key = entry->key.key.bytes();
    out.ring.entries.push_back(view);
  }
  return out;
}

void add_retirement(const CoreState& state, std::vector<ByteVector>& storage, StreamMessage& rumors) {
  const auto& held = state.ring.retirement();
  if (!held || held->signer.empty()) return;
  storage.reserve(storage.size() + 1);
  storage.push_back(join_record(held->announcement.content, held->announcement.signature));
  rumors.rumors.push_back({RumorKind::credential, held->signer, {}});
  rumors.rumors.push_back({RumorKind::announcement, storage.back(), {}});
}

bool take_ring(CoreState& state, const RingView& theirs, const NodeId& giver) {
  if (state.joined) return take_entries(state, state.ring, theirs, giver);
  if (!left_behind(state.ring, theirs)) {
    if (!take_entries(state, state.ring, theirs, giver)) return false;
    // Floors merge by maximum. (One above the newest key would leave nothing, and is refused.)
    static_cast<void>(state.ring.retire_through(theirs.floor));
    return true;
  }
  Keyring fresh(state.cluster);
  if (!take_entries(state, fresh, theirs, giver)) return false;
  if (fresh.newest_with_key() == nullptr) return true;
  static_cast<void>(fresh.retire_through(std::max(theirs.floor, state.ring.retired_floor())));
  state.ring.start_over(std::move(fresh));
  return true;
}

}  // namespace quorumor
