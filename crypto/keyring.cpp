#include "crypto/keyring.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/assert.h"

namespace quorumor {
namespace {

bool is_first(const Announcement& a) noexcept { return a.epoch == Epoch{1}; }

// The first epoch has no predecessor and a seed that the cluster's name fixes.
bool is_sound_first(const Announcement& a, const Digest& seed, const ClusterId& cluster) noexcept {
  return a.predecessor == Digest{} && seed == first_seed(cluster);
}

// Is `next` signed no sooner than its predecessor lets it be?
bool is_spaced(WallTime signed_at, std::uint32_t min_interval_s, const Announcement& next) noexcept {
  return next.signed_at >= signed_at + std::chrono::seconds{min_interval_s};
}

}  // namespace

// By (epoch, commitment), and then by digest: one key may be announced twice in different words.
bool Keyring::Entry::stands_before(const Entry& other) const noexcept {
  const Digest own_digest = announcement.digest();
  const Digest other_digest = other.announcement.digest();
  return std::forward_as_tuple(epoch(), commitment(), own_digest) <
         std::forward_as_tuple(other.epoch(), other.commitment(), other_digest);
}

void Keyring::bootstrap(SignedAnnouncement first, EpochKey key, ByteVector signer) {
  QUORUMOR_ASSERT(entries_.empty() && floor_ == Epoch{});
  QUORUMOR_ASSERT(key.key && key.commitment(cluster_) == first.announcement.commitment);
  QUORUMOR_ASSERT(is_first(first.announcement));
  const auto adopted = adopt(std::move(first), first_seed(cluster_), std::move(signer));
  QUORUMOR_ASSERT(adopted);
  const auto set = set_key(Epoch{1}, std::move(key));
  QUORUMOR_ASSERT(set);
}

Keyring::Link Keyring::link_of(const Entry& entry) noexcept {
  const Announcement& a = entry.announcement.announcement;
  return {a.epoch,       entry.announcement.digest(),    entry.seed,
          a.signed_at,   a.parameters.min_interval_s,    entry.announcement.content};
}

std::optional<Keyring::Link> Keyring::predecessor_of(const Announcement& next) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.epoch().next() == next.epoch && entry.announcement.digest() == next.predecessor) return link_of(entry);
  }
  for (const Link& link : links_) {
    if (link.precedes(next)) return link;
  }
  return std::nullopt;
}

// Seeds follow from one another by number alone, so any one that is known gives those after it.
std::optional<Digest> Keyring::seed_at(Epoch epoch) const noexcept {
  Epoch from;
  Digest seed{};
  const auto take = [&](Epoch at, const Digest& known) {
    if (at <= epoch && from <= at) {
      from = at;
      seed = known;
    }
  };
  for (const Link& link : links_) take(link.epoch, link.seed);
  for (const Entry& entry : entries_) take(entry.epoch(), entry.seed);
  if (from == Epoch{} || epoch.value - from.value > kGraftDistanceMax) return std::nullopt;
  while (from < epoch) {
    from = *from.next();
    seed = next_seed(seed, from);
  }
  return seed;
}

bool Keyring::is_held(const Digest& digest) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.announcement.digest() == digest; });
}

Result<void, RingError> Keyring::check_offer(const Announcement& a, const Digest& digest) const {
  if (a.kind != AnnouncementKind::begin) return RingError::wrong_predecessor;
  if (entries_.empty()) return RingError::gap;
  if (is_held(digest)) return RingError::known;
  if (a.epoch < entries_.front().epoch()) return RingError::buried;  // every entry stands above the floor

  const std::optional<Link> predecessor = predecessor_of(a);
  if (!predecessor) {
    // A fork at epoch 1 has no predecessor that could be held: its place in the chain is beyond doubt all the same.
    if (is_first(a) && a.predecessor == Digest{}) return success();
    const bool has_previous = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.epoch().next() == a.epoch;
    });
    return has_previous || is_first(a) ? RingError::wrong_predecessor : RingError::gap;
  }
  if (!is_spaced(predecessor->signed_at, predecessor->min_interval_s, a)) return RingError::too_soon;
  return success();
}

Result<void, RingError> Keyring::offer(SignedAnnouncement signed_announcement, ByteVector signer) {
  const Announcement& a = signed_announcement.announcement;
  BOOST_OUTCOME_TRY(check_offer(a, signed_announcement.digest()));
  const std::optional<Link> predecessor = predecessor_of(a);
  const Digest seed = predecessor ? next_seed(predecessor->seed, a.epoch) : first_seed(cluster_);
  return insert(Entry{std::move(signed_announcement), seed, {}, {}, std::move(signer)});
}

Result<void, RingError> Keyring::adopt(SignedAnnouncement signed_announcement, const Digest& seed, ByteVector signer) {
  const Announcement& a = signed_announcement.announcement;
  if (!entries_.empty()) return RingError::known;
  if (a.kind != AnnouncementKind::begin) return RingError::wrong_predecessor;
  if (a.epoch <= floor_) return RingError::buried;
  if (is_first(a) && !is_sound_first(a, seed, cluster_)) return RingError::wrong_predecessor;
  return insert(Entry{std::move(signed_announcement), seed, {}, {}, std::move(signer)});
}

Result<void, RingError> Keyring::graft(SignedAnnouncement signed_announcement, const Digest& seed, ByteVector signer) {
  const Announcement& a = signed_announcement.announcement;
  if (a.kind != AnnouncementKind::begin) return RingError::wrong_predecessor;
  if (entries_.empty()) return RingError::gap;
  if (is_held(signed_announcement.digest())) return RingError::known;
  if (a.epoch < entries_.front().epoch()) return RingError::buried;
  const auto expected = seed_at(a.epoch);
  if (!expected) return RingError::gap;
  if (*expected != seed) return RingError::wrong_predecessor;
  return insert(Entry{std::move(signed_announcement), seed, {}, {}, std::move(signer)});
}

Result<void, RingError> Keyring::bridge(SignedAnnouncement signed_announcement, std::span<const Bytes> chain,
                                        ByteVector signer) {
  const Announcement& a = signed_announcement.announcement;
  if (a.kind != AnnouncementKind::begin) return RingError::wrong_predecessor;
  if (entries_.empty()) return RingError::gap;
  if (is_held(signed_announcement.digest())) return RingError::known;
  if (a.epoch < entries_.front().epoch()) return RingError::buried;
  // Backwards from the announcement, each found by the digest that its successor names.
  std::vector<Link> between;
  Announcement next = a;
  std::optional<Link> known = predecessor_of(next);
  while (!known) {
    if (between.size() == kRememberedLinksMax) return RingError::gap;
    const auto found = std::find_if(chain.begin(), chain.end(),
                                    [&](Bytes content) { return announcement_digest(content) == next.predecessor; });
    if (found == chain.end()) return RingError::gap;
    auto decoded = decode_announcement(*found);
    if (!decoded || decoded.value().kind != AnnouncementKind::begin) return RingError::wrong_predecessor;
    Announcement& link = decoded.value();
    if (link.epoch.next() != next.epoch) return RingError::wrong_predecessor;
    if (!is_spaced(link.signed_at, link.parameters.min_interval_s, next)) return RingError::too_soon;
    between.push_back({link.epoch, next.predecessor, {}, link.signed_at, link.parameters.min_interval_s,
                       to_vector(*found)});
    next = std::move(link);
    known = predecessor_of(next);
  }
  if (!is_spaced(known->signed_at, known->min_interval_s, next)) return RingError::too_soon;
  Digest seed = known->seed;
  for (auto link = between.rbegin(); link != between.rend(); ++link) {
    link->seed = seed = next_seed(seed, link->epoch);
    remember(std::move(*link));
  }
  return insert(Entry{std::move(signed_announcement), next_seed(seed, a.epoch), {}, {}, std::move(signer)});
}

Result<void, RingError> Keyring::insert(Entry entry) {
  const auto place = std::upper_bound(entries_.begin(), entries_.end(), entry,
                                      [](const Entry& a, const Entry& b) { return a.stands_before(b); });
  const auto index = place - entries_.begin();
  entries_.insert(place, std::move(entry));
  if (entries_.size() > kLiveEpochsMax) {
    // The newest key is what this node speaks under until a newer one arrives.
    const Entry* newest_key = newest_with_key();
    auto victim = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return newest_key != nullptr && !e.has_key() && e.epoch() < newest_key->epoch();
    });
    if (victim == entries_.end()) victim = entries_.begin() + (&entries_.front() == newest_key ? 1 : 0);
    const bool is_newcomer = victim - entries_.begin() == index;
    Entry out = std::move(*victim);
    entries_.erase(victim);
    if (is_newcomer) return RingError::buried;
    lay_aside(std::move(out));
  }
  ++version_;
  return success();
}

// Out of the live ones: its place in the chain is remembered, and its key stays readable.
void Keyring::lay_aside(Entry entry) {
  remember(link_of(entry));
  if (!entry.has_key()) return;
  if (retired_.size() == kRetiredEpochsMax) retired_.erase(retired_.begin());
  const auto place = std::upper_bound(retired_.begin(), retired_.end(), entry,
                                      [](const Entry& a, const Entry& b) { return a.stands_before(b); });
  retired_.insert(place, std::move(entry));
}

void Keyring::remember(Link link) {
  const auto same = [&](const Link& held) { return held.digest == link.digest; };
  if (std::any_of(links_.begin(), links_.end(), same)) return;
  if (links_.size() == kRememberedLinksMax) links_.erase(links_.begin());
  links_.push_back(std::move(link));
}

boost::container::static_vector<Bytes, kRememberedLinksMax> Keyring::remembered() const {
  boost::container::static_vector<Bytes, kRememberedLinksMax> out;
  for (const Link& link : links_) {
    if (!link.content.empty()) out.push_back(link.content);
  }
  return out;
}

void Keyring::start_over(Keyring fresh) {
  fresh.version_ = version_ + 1;
  for (Entry& entry : entries_) {
    if (!fresh.is_held(entry.announcement.digest())) fresh.lay_aside(std::move(entry));
  }
  *this = std::move(fresh);
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

Result<void, RingError> Keyring::check_retirement(const Announcement& a) const {
  if (a.kind != AnnouncementKind::retire) return RingError::wrong_predecessor;
  if (a.epoch <= floor_) return RingError::buried;
  if (retirement_ && a.epoch <= retirement_->through()) return RingError::known;
  if (entries_.empty() || entries_.back().epoch() <= a.epoch) return RingError::gap;
  bool has_number = false;
  for (const Entry& entry : entries_) {
    if (entry.epoch() != a.epoch) continue;
    if (entry.announcement.digest() == a.predecessor) return success();
    has_number = true;
  }
  // Who never held that epoch has nothing to hold the digest against, and nothing to lose.
  if (has_number) return RingError::wrong_predecessor;
  return success();
}

Result<void, RingError> Keyring::hold_retirement(SignedAnnouncement announcement, ByteVector signer) {
  BOOST_OUTCOME_TRY(check_retirement(announcement.announcement));
  retirement_ = Retirement{std::move(announcement), std::move(signer)};
  ++version_;
  return success();
}

Result<void, RingError> Keyring::retire_through(Epoch epoch) {
  if (epoch <= floor_) return success();
  const Entry* newest_key = newest_with_key();
  if (newest_key == nullptr || newest_key->epoch() <= epoch) return RingError::unknown_epoch;
  while (!entries_.empty() && entries_.front().epoch() <= epoch) {
    Entry out = std::move(entries_.front());
    entries_.erase(entries_.begin());
    lay_aside(std::move(out));
  }
  floor_ = epoch;
  ++version_;
  return success();
}

void Keyring::wipe_retired(const Commitment& commitment) {
  const auto wiped =
      std::erase_if(retired_, [&](const Entry& entry) { return entry.commitment() == commitment; });
  if (wiped > 0) ++version_;
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

const Keyring::Entry* Keyring::find(Epoch epoch, std::uint64_t prefix) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.epoch() == epoch && commitment_prefix(entry.commitment()) == prefix) return &entry;
  }
  return nullptr;
}

const Keyring::Entry* Keyring::find_readable(const EntryName& name) const noexcept {
  const Entry* live = find(name.epoch, name.commitment);
  if (live != nullptr && live->has_key()) return live;
  const auto found = std::find_if(retired_.begin(), retired_.end(), [&](const Entry& e) { return e.name() == name; });
  return found == retired_.end() ? nullptr : &*found;
}

const Keyring::Entry* Keyring::find_tag(const EpochTag4& tag) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.has_key() && entry.secrets.tag == tag) return &entry;
  }
  for (const Entry& entry : retired_) {
    if (entry.secrets.tag == tag) return &entry;
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

}  // namespace quorumor
