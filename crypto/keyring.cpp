#include "crypto/keyring.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::string_view kMagic = "QRING1";
constexpr std::size_t kChecksumBytes = sizeof(Digest);

// By (epoch, commitment), and then by digest: one key may be announced twice in different words.
bool is_before(const Keyring::Entry& a, const Keyring::Entry& b) noexcept {
  const Digest a_digest = a.announcement.digest();
  const Digest b_digest = b.announcement.digest();
  return std::forward_as_tuple(a.epoch(), a.commitment(), a_digest) <
         std::forward_as_tuple(b.epoch(), b.commitment(), b_digest);
}

bool is_first(const Announcement& a) noexcept { return a.epoch == Epoch{1}; }

// The first epoch has no predecessor and a seed that the cluster's name fixes.
bool is_sound_first(const Announcement& a, const Digest& seed, const ClusterId& cluster) noexcept {
  return a.predecessor == Digest{} && seed == first_seed(cluster);
}

bool is_too_soon(const Announcement& predecessor, const Announcement& next) noexcept {
  return next.signed_at < predecessor.signed_at + std::chrono::seconds{predecessor.parameters.min_interval_s};
}

Digest checksum(Bytes bytes) noexcept { return hash("quorumor ring", {bytes}); }

void write_entry(Writer& w, const Keyring::Entry& entry) noexcept {
  w.bytes16(entry.announcement.content);
  w.raw(entry.announcement.signature);
  w.raw(entry.seed);
  w.u8(entry.has_key() ? 1 : 0);
  if (entry.has_key()) w.raw(entry.key.key.bytes());
}

// Ensures: an entry whose parts agree with each other; the chain is the caller's to check.
std::optional<Keyring::Entry> read_entry(Reader& r, const ClusterId& cluster) {
  Keyring::Entry out;
  out.announcement.content = to_vector(r.bytes16());
  out.announcement.signature = r.array<64>();
  out.seed = r.array<32>();
  const std::uint8_t has_key = r.u8();
  if (r.failed() || has_key > 1) return std::nullopt;
  auto announcement = decode_announcement(out.announcement.content);
  if (!announcement || announcement.value().kind != AnnouncementKind::begin) return std::nullopt;
  out.announcement.announcement = std::move(announcement).value();
  if (is_first(out.announcement.announcement) &&
      !is_sound_first(out.announcement.announcement, out.seed, cluster)) {
    return std::nullopt;
  }
  if (has_key == 0) return out;
  const Bytes key = r.raw(32);
  if (key.size() != 32) return std::nullopt;
  out.key.key = Secret<32>::copy_of(key.first<32>());
  if (out.key.commitment(cluster) != out.commitment()) return std::nullopt;
  out.secrets = EpochSecrets::derive(out.key, cluster);
  return out;
}

}  // namespace

void Keyring::bootstrap(SignedAnnouncement first, EpochKey key) {
  QUORUMOR_ASSERT(entries_.empty() && floor_ == Epoch{});
  QUORUMOR_ASSERT(key.key && key.commitment(cluster_) == first.announcement.commitment);
  QUORUMOR_ASSERT(is_first(first.announcement));
  const auto adopted = adopt(std::move(first), first_seed(cluster_));
  QUORUMOR_ASSERT(adopted);
  const auto set = set_key(Epoch{1}, std::move(key));
  QUORUMOR_ASSERT(set);
}

const Keyring::Entry* Keyring::predecessor_of(const Announcement& next) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.epoch().next() == next.epoch && entry.announcement.digest() == next.predecessor;
  });
  return found == entries_.end() ? nullptr : &*found;
}

Result<void, RingError> Keyring::offer(SignedAnnouncement signed_announcement) {
  const Announcement& a = signed_announcement.announcement;
  if (a.kind != AnnouncementKind::begin) return RingError::wrong_predecessor;
  if (entries_.empty()) return RingError::gap;
  const Digest digest = signed_announcement.digest();
  const bool known = std::any_of(entries_.begin(), entries_.end(),
                                 [&](const Entry& entry) { return entry.announcement.digest() == digest; });
  if (known) return RingError::known;
  if (a.epoch < entries_.front().epoch()) return RingError::buried;  // every entry stands above the floor

  const Entry* predecessor = predecessor_of(a);
  // A fork at epoch 1 has no predecessor that could be held: its place in the chain is beyond doubt all the
  // same.
  const bool is_sound_fork = is_first(a) && a.predecessor == Digest{};
  if (predecessor == nullptr && !is_sound_fork) {
    const bool has_previous = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.epoch().next() == a.epoch;
    });
    return has_previous || is_first(a) ? RingError::wrong_predecessor : RingError::gap;
  }
  if (predecessor != nullptr && is_too_soon(predecessor->announcement.announcement, a))
    return RingError::too_soon;
  const Digest seed = predecessor != nullptr ? next_seed(predecessor->seed, a.epoch) : first_seed(cluster_);
  return insert(Entry{std::move(signed_announcement), seed, {}, {}});
}

Result<void, RingError> Keyring::adopt(SignedAnnouncement signed_announcement, const Digest& seed) {
  const Announcement& a = signed_announcement.announcement;
  if (!entries_.empty()) return RingError::known;
  if (a.kind != AnnouncementKind::begin) return RingError::wrong_predecessor;
  if (a.epoch <= floor_) return RingError::buried;
  if (is_first(a) && !is_sound_first(a, seed, cluster_)) return RingError::wrong_predecessor;
  return insert(Entry{std::move(signed_announcement), seed, {}, {}});
}

Result<void, RingError> Keyring::insert(Entry entry) {
  const auto place = std::upper_bound(entries_.begin(), entries_.end(), entry, is_before);
  const auto index = place - entries_.begin();
  entries_.insert(place, std::move(entry));
  if (entries_.size() > kLiveEpochsMax) {
    // The newest key is what this node speaks under until a newer one arrives; the oldest other entry goes.
    const auto victim = &entries_.front() == newest_with_key() ? 1 : 0;
    entries_.erase(entries_.begin() + victim);
    if (victim == index) return RingError::buried;
  }
  ++version_;
  return success();
}

Result<void, RingError> Keyring::set_key(Epoch epoch, EpochKey key) {
  if (epoch <= floor_) return RingError::buried;
  if (find(epoch) == nullptr) return RingError::unknown_epoch;
  if (!key.key) return RingError::wrong_key;
  const Commitment commitment = key.commitment(cluster_);
  auto refusal = RingError::wrong_key;
  bool changed = false;
  for (Entry& entry : entries_) {
    if (entry.epoch() != epoch || entry.commitment() != commitment) continue;
    refusal = RingError::known;
    if (entry.has_key()) continue;
    entry.key.key = key.key.clone();
    entry.secrets = EpochSecrets::derive(entry.key, cluster_);
    changed = true;
  }
  if (!changed) return refusal;
  ++version_;
  return success();
}

Result<void, RingError> Keyring::retire_through(Epoch epoch) {
  if (epoch <= floor_) return success();
  const Entry* newest_key = newest_with_key();
  if (newest_key == nullptr || newest_key->epoch() <= epoch) return RingError::unknown_epoch;
  std::erase_if(entries_, [&](const Entry& entry) { return entry.epoch() <= epoch; });
  floor_ = epoch;
  ++version_;
  return success();
}

const Keyring::Entry* Keyring::find(Epoch epoch) const noexcept {
  const Entry* without_key = nullptr;
  for (const Entry& entry : entries_) {
    if (entry.epoch() != epoch) continue;
    if (entry.has_key()) return &entry;
    if (without_key == nullptr) without_key = &entry;
  }
  return without_key;
}

const Keyring::Entry* Keyring::find_tag(const EpochTag4& tag) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.has_key() && entry.secrets.tag == tag) return &entry;
  }
  return nullptr;
}

const Keyring::Entry* Keyring::newest() const noexcept {
  return entries_.empty() ? nullptr : &entries_.back();
}

const Keyring::Entry* Keyring::newest_with_key() const noexcept {
  const auto found =
      std::find_if(entries_.rbegin(), entries_.rend(), [](const Entry& e) { return e.has_key(); });
  return found == entries_.rend() ? nullptr : &*found;
}

const Keyring::Entry* Keyring::lowest_with_key() const noexcept {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [](const Entry& e) { return e.has_key(); });
  return found == entries_.end() ? nullptr : &*found;
}

ByteVector Keyring::serialize() const {
  ByteVector out(kRingBytesMax);  // at once: growing would leave copies of keys behind
  Writer w(out);
  w.raw(as_bytes(kMagic));
  w.raw(cluster_);
  w.u64(floor_.value);
  w.u8(static_cast<std::uint8_t>(entries_.size()));
  for (const Entry& entry : entries_) write_entry(w, entry);
  w.raw(checksum(w.finish()));
  QUORUMOR_ASSERT(!w.failed());
  out.resize(w.finish().size());
  return out;
}

Result<Keyring, RingError> Keyring::deserialize(const ClusterId& cluster, Bytes bytes) {
  if (bytes.size() < kChecksumBytes || bytes.size() > kRingBytesMax) return RingError::damaged;
  const Bytes body = bytes.first(bytes.size() - kChecksumBytes);
  if (!equal(checksum(body), bytes.last(kChecksumBytes))) return RingError::damaged;
  Reader r(body);
  if (!equal(r.raw(kMagic.size()), as_bytes(kMagic))) return RingError::damaged;
  const bool is_ours = r.array<32>() == cluster;
  Keyring out(cluster);
  out.floor_ = Epoch{r.u64()};
  const std::size_t count = r.u8();
  if (r.failed() || count > kLiveEpochsMax) return RingError::damaged;
  if (!is_ours) return RingError::wrong_cluster;

  for (std::size_t i = 0; i < count; ++i) {
    auto entry = read_entry(r, cluster);
    if (!entry || entry->epoch() <= out.floor_) return RingError::damaged;
    if (!out.entries_.empty() && !is_before(out.entries_.back(), *entry)) return RingError::damaged;
    const Entry* predecessor = out.predecessor_of(entry->announcement.announcement);
    if (predecessor != nullptr && entry->seed != next_seed(predecessor->seed, entry->epoch())) {
      return RingError::damaged;
    }
    out.entries_.push_back(std::move(*entry));
  }
  if (!r.finish()) return RingError::damaged;
  return out;
}

}  // namespace quorumor
