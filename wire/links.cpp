#include "wire/links.h"

#include "base/assert.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

namespace quorumor {

// One ring entry, as a link knows it. Without keys it is a mark: the window's floor and no more.
struct Links::EpochState {
  std::uint64_t commitment = 0;  // prefix
  Epoch epoch;
  PairKeys keys;
  ReplayWindow window;
};

struct Links::Link {
  NodeId id{};
  SessionPublicKey session_key{};
  Secret<32> shared;  // X25519; nothing until it is first needed
  SendCounter counter;
  std::uint64_t first_floor = 0;  // where windows of epochs without a mark start
  Handle newer = kNone;
  Handle older = kNone;
  bool is_active = false;
  bool is_unusable = false;  // the session key is of small order: do not try again
  std::vector<EpochState> epochs;

  EpochState* find(const Keyring::Entry& entry) noexcept {
    const std::uint64_t commitment = commitment_prefix(entry.commitment());
    for (EpochState& state : epochs) {
      if (state.commitment != commitment) continue;
      // One key announced again is as young as its last announcement: `install` pushes out by age.
      if (state.epoch < entry.epoch()) state.epoch = entry.epoch();
      return &state;
    }
    return nullptr;
  }
};

struct Links::Grave {
  struct Mark {
    std::uint64_t commitment = 0;
    Epoch epoch;
    std::uint64_t high_water = 0;
  };
  SessionPublicKey session_key{};
  std::size_t count = 0;
  std::array<Mark, kReadableEpochsMax> all{};

  std::span<Mark> marks() noexcept { return std::span{all}.first(count); }
};

namespace {

// The ring's order, as far as a prefix shows it: by epoch, then by commitment read as a big number.
std::tuple<std::uint64_t, std::uint64_t> age(Epoch epoch, std::uint64_t commitment) noexcept {
  std::uint64_t swapped = 0;
  for (int i = 0; i < 8; ++i) swapped = (swapped << 8) | ((commitment >> (8 * i)) & 0xff);
  return {epoch.value, swapped};
}

bool holds(const Keyring& ring, std::uint64_t commitment) noexcept {
  const auto is_it = [&](const Keyring::Entry& entry) { return commitment_prefix(entry.commitment()) == commitment; };
  return std::any_of(ring.entries().begin(), ring.entries().end(), is_it) ||
         std::any_of(ring.retired().begin(), ring.retired().end(), is_it);
}

Suite suite_of(const Keyring::Entry& entry) noexcept { return entry.announcement.announcement.parameters.suite; }

}  // namespace

// --- tables ------------------------------------------------------------------------------------------------------

// The exchange of a session key with itself is known to nobody else (else Diffie-Hellman were broken), so the
// secret of the tables needs no randomness beyond the key's, and a simulated run stays a function of its seed.
Links::SecretHash Links::hash_from(const SessionKey& session) noexcept {
  SecretHash out{};
  const auto own = session.shared_with(session.public_key());
  QUORUMOR_ASSERT(own.has_value());
  keyed_hash(out.key, own->bytes(), "quorumor link table", {});
  return out;
}

std::size_t Links::SecretHash::operator()(std::uint64_t prefix) const noexcept {
  ByteArray<8> bytes;
  store_le(bytes.data(), prefix);
  return static_cast<std::size_t>(siphash(key, bytes));
}

std::size_t Links::SecretHash::operator()(const NodeId& id) const noexcept {
  return static_cast<std::size_t>(siphash(key, id));
}

Links::Links(const ClusterId& cluster, const NodeId& own_id, SessionKey session, std::size_t active_max)
    : cluster_(cluster),
      own_id_(own_id),
      session_(std::move(session)),
      active_max_(active_max),
      by_prefix_(0, hash_from(session_)),
      graves_(0, by_prefix_.hash_function()) {
  QUORUMOR_ASSERT(active_max > 0);
}

Links::~Links() = default;

Links::Link& Links::at(Handle peer) const noexcept {
  QUORUMOR_ASSERT(peer < links_.size() && links_[peer] != nullptr);
  return *links_[peer];
}

// --- the set of peers --------------------------------------------------------------------------------------------

Links::Handle Links::put(const NodeId& id, const SessionPublicKey& session_key) {
  if (id == own_id_) return kNone;
  if (const auto taken = by_prefix_.find(id_prefix(id)); taken != by_prefix_.end()) {
    Link& link = at(taken->second);
    if (link.id != id) return kNone;
    if (link.session_key != session_key) {
      reset(taken->second);
      link.session_key = session_key;
    }
    return taken->second;
  }
  if (by_prefix_.size() >= kLinksMax) return kNone;

  auto link = std::make_unique<Link>();
  link->id = id;
  link->session_key = session_key;
  if (const auto grave = take_grave(id); grave == nullptr) {
    // Once marks were lost, nobody can tell a newcomer from a peer whose marks they were.
    if (overflow_) link->first_floor = kCounterEnd;
  } else if (grave->session_key == session_key) {
    for (const Grave::Mark& mark : grave->marks()) {
      link->epochs.push_back(EpochState{mark.commitment, mark.epoch, {}, ReplayWindow(mark.high_water)});
    }
  }
  auto handle = static_cast<Handle>(links_.size());
  if (free_.empty()) {
    links_.push_back(std::move(link));
  } else {
    handle = free_.back();
    free_.pop_back();
    links_[handle] = std::move(link);
  }
  by_prefix_.emplace(id_prefix(id), handle);
  return handle;
}

void Links::remove(Handle peer) {
  Link& link = at(peer);
  if (link.is_active) detach(peer);
  auto grave = std::make_unique<Grave>();
  grave->session_key = link.session_key;
  for (const EpochState& state : link.epochs) {
    if (state.window.high_water() == 0) continue;
    grave->all[grave->count++] = {state.commitment, state.epoch, state.window.high_water()};
  }
  // A peer that never got a frame through left nothing that could be replayed.
  if (grave->count > 0) {
    if (graves_.size() < kGravesMax) {
      graves_.insert_or_assign(link.id, std::move(grave));
    } else {
      overflow_ = true;
    }
  }
  by_prefix_.erase(id_prefix(link.id));
  links_[peer].reset();
  free_.push_back(peer);
}

std::unique_ptr<Links::Grave> Links::take_grave(const NodeId& id) {
  const auto found = graves_.find(id);
  if (found == graves_.end()) return nullptr;
  auto grave = std::move(found->second);
  graves_.erase(found);
  return grave;
}

Links::Handle Links::find(const NodeId& id) const noexcept {
  const auto found = by_prefix_.find(id_prefix(id));
  return found != by_prefix_.end() && at(found->second).id == id ? found->second : kNone;
}

const NodeId& Links::id_of(Handle peer) const noexcept { return at(peer).id; }

void Links::set_session(SessionKey session) {
  QUORUMOR_ASSERT(session.public_key() != session_.public_key());  // the marks below are about to go
  session_ = std::move(session);
  for (Handle peer = 0; peer < links_.size(); ++peer) {
    if (links_[peer] != nullptr) reset(peer);
  }
  graves_.clear();
  overflow_ = false;
}

void Links::forget_epochs_not_in(const Keyring& ring) {
  for (Handle peer = 0; peer < links_.size(); ++peer) {
    if (links_[peer] == nullptr) continue;
    Link& link = *links_[peer];
    std::erase_if(link.epochs, [&](const EpochState& state) { return !holds(ring, state.commitment); });
    const bool has_keys = std::any_of(link.epochs.begin(), link.epochs.end(),
                                      [](const EpochState& state) { return static_cast<bool>(state.keys); });
    if (link.is_active && !has_keys) detach(peer);
  }
  boost::unordered::erase_if(graves_, [&](auto& item) {
    Grave& grave = *item.second;
    const auto kept = std::remove_if(grave.marks().begin(), grave.marks().end(),
                                     [&](const Grave::Mark& mark) { return !holds(ring, mark.commitment); });
    grave.count = static_cast<std::size_t>(kept - grave.marks().begin());
    return grave.count == 0;
  });
}

// --- keys and their age ------------------------------------------------------------------------------------------

// Nothing if the peer's session key is unusable. Of the link it changes only what is cached about that key.
PairKeys Links::derive(Link& link, const Keyring::Entry& entry) const {
  QUORUMOR_ASSERT(entry.has_key());
  if (link.is_unusable) return {};
  if (!link.shared) {
    auto shared = session_.shared_with(link.session_key);
    if (!shared) {
      link.is_unusable = true;
      return {};
    }
    link.shared = std::move(*shared);
  }
  return derive_pair_keys(link.shared, entry.secrets, cluster_, own_id_, session_.public_key(), link.id,
                          link.session_key);
}

// Requires: keys. Nothing if the link is full of newer epochs. Of entries with keys a ring has at most
// kReadableEpochsMax and drops the oldest first, so what is pushed out here has left the ring, and its marks guard
// nothing.
Links::EpochState* Links::install(Link& link, const Keyring::Entry& entry, PairKeys keys) {
  if (EpochState* const state = link.find(entry)) {
    state->keys = std::move(keys);
    return state;
  }
  const std::uint64_t commitment = commitment_prefix(entry.commitment());
  if (link.epochs.size() == kReadableEpochsMax) {
    const auto oldest =
        std::min_element(link.epochs.begin(), link.epochs.end(), [](const EpochState& a, const EpochState& b) {
          return age(a.epoch, a.commitment) < age(b.epoch, b.commitment);
        });
    if (age(entry.epoch(), commitment) < age(oldest->epoch, oldest->commitment)) return nullptr;
    link.epochs.erase(oldest);
  }
  link.epochs.push_back(EpochState{commitment, entry.epoch(), std::move(keys), ReplayWindow(link.first_floor)});
  return &link.epochs.back();
}

// Marks the link as the one used last; may strip the one used longest ago, which is another (active_max > 0).
void Links::touch(Handle peer) {
  if (newest_ == peer) return;
  Link& link = at(peer);
  if (link.is_active) detach(peer);
  link.older = newest_;
  (newest_ == kNone ? oldest_ : links_[newest_]->newer) = peer;
  newest_ = peer;
  link.is_active = true;
  if (++active_ > active_max_) strip(oldest_);
}

// Takes a link out of the list. Requires: it is active.
void Links::detach(Handle peer) {
  Link& link = at(peer);
  (link.newer == kNone ? newest_ : links_[link.newer]->older) = link.older;
  (link.older == kNone ? oldest_ : links_[link.older]->newer) = link.newer;
  link.newer = link.older = kNone;
  link.is_active = false;
  --active_;
}

// Keys and windows go; marks stay, and so do the shared secret and the counter, which are small.
void Links::strip(Handle peer) {
  for (EpochState& state : at(peer).epochs) {
    state.keys = {};
    state.window = ReplayWindow(state.window.high_water());
  }
  detach(peer);
}

void Links::set_active_max(std::size_t active_max) {
  QUORUMOR_ASSERT(active_max > 0);
  active_max_ = active_max;
  while (active_ > active_max_) strip(oldest_);
}

// As a link just put; only the counter goes on.
void Links::reset(Handle peer) {
  Link& link = at(peer);
  if (link.is_active) detach(peer);
  link.epochs.clear();
  link.shared.reset();
  link.is_unusable = false;
  link.first_floor = 0;
}

// --- sealing and opening -----------------------------------------------------------------------------------------

MutableBytes Links::seal(Handle peer, const Keyring::Entry& entry, Bytes plain, MutableBytes out) {
  Link& link = at(peer);
  EpochState* state = link.find(entry);
  if (state == nullptr || !state->keys) {
    PairKeys keys = derive(link, entry);
    if (!keys) return {};
    state = install(link, entry, std::move(keys));
    if (state == nullptr) return {};
  }
  touch(peer);
  const auto counter = counters_.next(link.counter);
  if (!counter) return {};
  return seal_short(out, plain, {id_prefix(own_id_), *counter}, link.id, suite_of(entry), entry.secrets,
                    state->keys.send());
}

Result<Links::Opened, DropReason> Links::open(const Keyring& ring, Bytes frame, MutableBytes buffer) {
  const auto head = parse_head(frame);
  if (!head) return head.error();
  if (head.value().type != kShortType) return DropReason::unexpected;
  const Keyring::Entry* const entry = ring.find_tag(head.value().tag);
  if (entry == nullptr) return DropReason::unknown_epoch;
  const ShortHeader header = unmask_short(frame, own_id_, entry->secrets);
  const auto found = by_prefix_.find(header.sender_prefix);
  const Handle peer = found != by_prefix_.end() ? found->second
                      : directory_              ? directory_(header.sender_prefix)
                                                : kNone;
  if (peer == kNone) return DropReason::unknown_sender;

  Link& link = at(peer);
  EpochState* state = link.find(*entry);
  const bool is_fresh = state != nullptr ? state->window.would_accept(header.counter)
                                         : ReplayWindow(link.first_floor).would_accept(header.counter);
  if (!is_fresh) return DropReason::replayed;

  // Keys that are not held are derived for this frame alone, and kept once it has authenticated.
  const bool has_keys = state != nullptr && static_cast<bool>(state->keys);
  PairKeys derived;
  if (!has_keys) {
    derived = derive(link, *entry);
    if (!derived) return DropReason::forged;
  }
  const auto key = has_keys ? state->keys.receive() : derived.receive();
  QUORUMOR_ASSERT(buffer.size() + limits::kShortOverhead >= frame.size());
  const MutableBytes plain = buffer.first(frame.size() - limits::kShortOverhead);
  if (!open_short(plain, frame, header, own_id_, suite_of(*entry), key)) return DropReason::forged;

  if (!has_keys) {
    state = install(link, *entry, std::move(derived));
    if (state == nullptr) return DropReason::unknown_epoch;
  }
  state->window.accept(header.counter);
  touch(peer);
  return Opened{peer, entry->name(), plain};
}

std::size_t Links::memory_bound(std::size_t links, std::size_t active) noexcept {
  // An allocation's own cost; and what a flat map (load at least 7/16 after growth, one byte of metadata a slot)
  // and a vector (at most doubled) take for one element.
  constexpr std::size_t kAllocation = 16;
  constexpr std::size_t kPrefixSlot = (sizeof(std::pair<std::uint64_t, Handle>) + 2) * 16 / 7;
  constexpr std::size_t kGraveSlot = (sizeof(std::pair<NodeId, std::unique_ptr<Grave>>) + 2) * 16 / 7;
  constexpr std::size_t kWindow = 8 * (limits::kReplayWindow / 64 + 1) + kAllocation;
  constexpr std::size_t kShared = 32;
  constexpr std::size_t kKeys = 64;
  constexpr std::size_t kOneLink = sizeof(Link) + kAllocation + kShared + kReadableEpochsMax * sizeof(EpochState) +
                                   kAllocation + kPrefixSlot + 2 * sizeof(void*) + 2 * sizeof(Handle);
  constexpr std::size_t kFixed = sizeof(Links) + 4096;  // the smallest tables; a list that outgrows its minimum
  return kFixed + links * kOneLink + active * kReadableEpochsMax * (kWindow + kKeys) +
         kGravesMax * (sizeof(Grave) + kAllocation + kGraveSlot);
}

}  // namespace quorumor
