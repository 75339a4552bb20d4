// The ring: the epochs that this node knows of. A persisted retired floor and, above it, at most kLiveEpochsMax
// greatest (epoch, commitment) pairs, each with its announcement and, once somebody gave it, its key.
//
// Rules (PROTOCOL section 3):
//  * Merging is by union: floors by maximum, entries by (epoch, commitment); what is retired stays buried.
//  * A chain: an entry extends one that is held, or that is remembered (epoch + 1, its predecessor's digest), or is
//    the first into an empty ring. No jumps: `offer` refuses what leaves a gap, unless a giver proves the links
//    between (`bridge`). Who was away for longer than the chain is remembered `adopt`s (an empty ring) or `graft`s (a
//    used one) what members that it has authenticated hold; whom to believe there is the caller's to decide.
//  * Two announcements of one epoch (a fork, made by keymasters that did not know of each other) are both
//    held. `find` prefers the one with a key, then the lowest commitment. newest_with_key is the greatest (epoch,
//    commitment) whose key is held: the same everywhere once all keys are, and what the next rotation extends.
//  * A fifth entry pushes one out: first a key-less entry that nobody needs (older than the newest key), else the
//    oldest, but never the newest that has a key: this node speaks under it until a newer one arrives. Pushing out
//    does not raise the floor.
//  * What is retired or pushed out with a key stays readable until it is wiped (`wipe_retired`): at most
//    kRetiredEpochsMax, the oldest goes. Nothing is sealed under it but answers to who speaks under it.
//  * A retirement (announced by a keymaster) is held until a greater one comes; obeying it is the caller's decision.
//  * An epoch may have a key or not. Only epochs with a key seal or open frames.
//  * Nothing here reads a clock; spacing of announcements is judged by their signed times.
// Not thread-safe; owned by the core.
#pragma once

#include "base/result.h"
#include "crypto/announcement.h"
#include "crypto/credential.h"
#include "crypto/epoch.h"

#include <boost/container/static_vector.hpp>

#include <optional>
#include <span>
#include <vector>

namespace quorumor {

inline constexpr std::size_t kLiveEpochsMax = 4;
inline constexpr std::size_t kRetiredEpochsMax = 4;
inline constexpr std::size_t kReadableEpochsMax = kLiveEpochsMax + kRetiredEpochsMax;
// Links of the chain remembered by digest once their keys are gone: so far back may two sides of a partition have
// parted, each with its retirements, and still be one chain.
inline constexpr std::size_t kRememberedLinksMax = 16;
// Seeds are hashed forward to a graft at most so far: it bounds what one stream message can cost.
inline constexpr std::uint64_t kGraftDistanceMax = 4096;

enum class RingError : std::uint8_t { buried, gap, wrong_predecessor, too_soon, known, unknown_epoch, wrong_key,
                                      damaged, wrong_cluster };

class Keyring {
 public:
  struct Entry {
    SignedAnnouncement announcement;
    Digest seed{};  // observer seed of this epoch
    EpochKey key;   // may hold nothing yet
    EpochSecrets secrets;  // derived when the key is set
    ByteVector signer;     // the keymaster's credential as it was then (content || signature); may be unknown

    Epoch epoch() const noexcept { return announcement.announcement.epoch; }
    const Commitment& commitment() const noexcept { return announcement.announcement.commitment; }
    EntryName name() const noexcept { return {epoch(), commitment_prefix(commitment())}; }
    bool has_key() const noexcept { return static_cast<bool>(key.key); }
    bool stands_before(const Entry& other) const noexcept;  // the ring's order
  };
  struct Retirement {
    SignedAnnouncement announcement;
    ByteVector signer;
    Epoch through() const noexcept { return announcement.announcement.epoch; }
  };

  explicit Keyring(const ClusterId& cluster) noexcept : cluster_(cluster) {}

  // The first epoch of a cluster. Requires: empty ring; announcement of epoch 1 whose commitment is the key's.
  void bootstrap(SignedAnnouncement first, EpochKey key, ByteVector signer = {});
  // What `offer` would say, before a signature is checked. `digest` is the announcement's.
  Result<void, RingError> check_offer(const Announcement& announcement, const Digest& digest) const;
  // A verified, authorised announcement from anybody. On success it is held (without a key). On error:
  // wrong_predecessor (also for anything but a beginning), buried (retired, or older than what is kept), gap,
  // known, or too_soon (signed within its predecessor's minimum interval after it).
  Result<void, RingError> offer(SignedAnnouncement announcement, ByteVector signer = {});
  // Into an empty ring (else: known): the first entry, with the seed as the authenticated giver states it. The
  // giver's further entries are offered.
  Result<void, RingError> adopt(SignedAnnouncement announcement, const Digest& seed, ByteVector signer = {});
  // Into a used ring, an entry that a giver proves to follow, link by link, from one that is held or remembered here:
  // `chain` has contents of the announcements between (any order, others among them). Each is spaced as its
  // predecessor demands, so no keymaster goes further by this than time has let it. The seed follows. On error: gap if
  // the chain does not reach, wrong_predecessor, too_soon, buried, known.
  Result<void, RingError> bridge(SignedAnnouncement announcement, std::span<const Bytes> chain, ByteVector signer = {});
  // Into a used ring, an entry whose predecessor nobody here remembers. On error: buried, known; wrong_predecessor
  // unless the seed follows from ours; gap if that cannot be told.
  Result<void, RingError> graft(SignedAnnouncement announcement, const Digest& seed, ByteVector signer = {});
  // Replaces everything by what an authenticated giver has made of `fresh`: this ring was left behind. What had a key
  // stays readable until wiped.
  void start_over(Keyring fresh);
  // Sets the key of a held epoch if it matches the commitment. On error: buried, unknown_epoch, wrong_key,
  // known.
  Result<void, RingError> set_key(Epoch epoch, EpochKey key);
  // A verified, authorised retirement. On error: wrong_predecessor (no retirement, or of an epoch that is none of the
  // held ones of that number), buried (retired already), gap (not older than the newest epoch), known (as far or
  // farther is held).
  Result<void, RingError> check_retirement(const Announcement& announcement) const;
  Result<void, RingError> hold_retirement(SignedAnnouncement announcement, ByteVector signer = {});
  // Buries everything up to and including `epoch`; keys stay readable until wiped. Again is no error. The newest held
  // key is never buried: without a newer one this changes nothing and says unknown_epoch.
  Result<void, RingError> retire_through(Epoch epoch);
  // Wipes retired entries of this commitment.
  void wipe_retired(const Commitment& commitment);

  const std::vector<Entry>& entries() const noexcept { return entries_; }  // ascending by epoch
  const std::vector<Entry>& retired() const noexcept { return retired_; }  // readable, oldest first; each has a key
  const std::optional<Retirement>& retirement() const noexcept { return retirement_; }
  const Entry* find(Epoch epoch) const noexcept;
  const Entry* find(Epoch epoch, std::uint64_t commitment_prefix) const noexcept;
  const Entry* find_readable(const EntryName& name) const noexcept;  // with a key, live or retired
  const Entry* find_tag(const EpochTag4& tag) const noexcept;  // only entries with a key; retired ones too
  const Entry* newest() const noexcept;                        // nullptr if empty
  const Entry* newest_with_key() const noexcept;
  const Entry* lowest_with_key() const noexcept;
  // The announcements of which only the place in the chain is remembered: contents, oldest first, as far as known.
  boost::container::static_vector<Bytes, kRememberedLinksMax> remembered() const;
  Epoch retired_floor() const noexcept { return floor_; }
  const ClusterId& cluster() const noexcept { return cluster_; }
  // Increases whenever entries, keys, the retirement or the floor change: says when to persist.
  std::uint64_t version() const noexcept { return version_; }

  // For the state directory. Contains keys: the caller wipes it.
  //   "QRING3" | cluster 32 | floor u64 | live count u8 | retired count u8 | entry ... | link count u8 | link ...
  //   | has retirement u8 | {content bytes16 | signature 64 | signer bytes16} if it has | checksum 32
  //   entry: content bytes16 | signature 64 | signer bytes16 | seed 32 | has key u8 | key 32 if it has
  //   link:  epoch u64 | digest 32 | seed 32 | signed time i64 ms | minimum interval s u32 | content bytes16 (may be
  //          empty: not known)
  // Read as well: "QRING2", links without contents; "QRING1", live entries only, without signers, no links, no
  // retirement.
  // Deserialising checks the parts against each other; signatures are the caller's to verify where the giver
  // is not the own disk. On error: damaged (truncated, any bit flipped, inconsistent), wrong_cluster.
  ByteVector serialize() const;
  static Result<Keyring, RingError> deserialize(const ClusterId& cluster, Bytes bytes);

 private:
  struct Link {  // of the chain: what an announcement can extend
    Epoch epoch;
    Digest digest{};
    Digest seed{};
    WallTime signed_at;
    std::uint32_t min_interval_s = 0;
    ByteVector content;  // the announcement's, for whoever must be shown the chain; empty if not known
    bool precedes(const Announcement& next) const noexcept {
      return epoch.next() == next.epoch && digest == next.predecessor;
    }
  };
  static Link link_of(const Entry& entry) noexcept;
  std::optional<Link> predecessor_of(const Announcement& next) const noexcept;
  std::optional<Digest> seed_at(Epoch epoch) const noexcept;
  bool is_held(const Digest& digest) const noexcept;
  void remember(Link link);
  Result<void, RingError> insert(Entry entry);
  void lay_aside(Entry entry);
  friend struct KeyringCodec;  // keyring_codec.cpp

  ClusterId cluster_;
  Epoch floor_;
  std::vector<Entry> entries_;
  std::vector<Entry> retired_;
  std::vector<Link> links_;  // oldest first
  std::optional<Retirement> retirement_;
  std::uint64_t version_ = 0;
};
inline constexpr std::size_t kSignerBytesMax = kCredentialContentMax + 64;
inline constexpr std::size_t kRingBytesMax =
    6 + 32 + 8 + 2 +
    kReadableEpochsMax * (kAnnouncementContentMax + 64 + 2 + kSignerBytesMax + 2 + 32 + 1 + 32) + 1 +
    kRememberedLinksMax * (8 + 32 + 32 + 8 + 4 + 2 + kAnnouncementContentMax) + 1 +
    kAnnouncementContentMax + 64 + 2 + kSignerBytesMax + 2 + 32;

}  // namespace quorumor
