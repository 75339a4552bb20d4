// The ring: the epochs that this node knows of. A persisted retired floor and, above it, at most kLiveEpochsMax
// greatest (epoch, commitment) pairs, each with its announcement and, once somebody gave it, its key.
//
// Rules (PROTOCOL section 3):
//  * Merging is by union: floors by maximum, entries by (epoch, commitment); what is retired stays buried.
//  * A chain: an entry extends one that is held (epoch + 1, its predecessor's digest), or is the first into an
//    empty ring. No jumps: `offer` refuses what leaves a gap. A joiner, whose ring is empty, `adopt`s the ring
//    of a member that it has authenticated.
//  * Two announcements of one epoch (a fork, made by keymasters that did not know of each other) are both
//    held. `find` prefers the one with a key, then the lowest commitment.
//  * A fifth entry drops the oldest and wipes its key, except the newest that has a key: this node speaks
//    under it until a newer key arrives, so the oldest of the others goes instead. Dropping does not raise
//    the floor.
//  * An epoch may have a key or not. Only epochs with a key seal or open frames.
//  * Nothing here reads a clock; spacing of announcements is judged by their signed times.
// Not thread-safe; owned by the core.
#pragma once

#include "base/result.h"
#include "crypto/announcement.h"
#include "crypto/epoch.h"

#include <optional>
#include <vector>

namespace quorumor {

inline constexpr std::size_t kLiveEpochsMax = 4;

enum class RingError : std::uint8_t { buried, gap, wrong_predecessor, too_soon, known, unknown_epoch, wrong_key,
                                      damaged, wrong_cluster };

class Keyring {
 public:
  struct Entry {
    SignedAnnouncement announcement;
    Digest seed{};  // observer seed of this epoch
    EpochKey key;   // may hold nothing yet
    EpochSecrets secrets;  // derived when the key is set

    Epoch epoch() const noexcept { return announcement.announcement.epoch; }
    const Commitment& commitment() const noexcept { return announcement.announcement.commitment; }
    bool has_key() const noexcept { return static_cast<bool>(key.key); }
  };

  explicit Keyring(const ClusterId& cluster) noexcept : cluster_(cluster) {}

  // The first epoch of a cluster. Requires: empty ring; announcement of epoch 1 whose commitment is the key's.
  void bootstrap(SignedAnnouncement first, EpochKey key);
  // A verified, authorised announcement from anybody. On success it is held (without a key). On error:
  // wrong_predecessor (also for anything but a beginning), buried (retired, or older than what is kept), gap,
  // known, or too_soon (signed within its predecessor's minimum interval after it).
  Result<void, RingError> offer(SignedAnnouncement announcement);
  // Into an empty ring (else: known): the first entry, with the seed as the authenticated giver states it. The
  // giver's further entries are offered.
  Result<void, RingError> adopt(SignedAnnouncement announcement, const Digest& seed);
  // Sets the key of a held epoch if it matches the commitment. On error: buried, unknown_epoch, wrong_key,
  // known.
  Result<void, RingError> set_key(Epoch epoch, EpochKey key);
  // Buries everything up to and including `epoch`, wiping keys. Again is no error. The newest held key is never
  // buried: without a newer one this changes nothing and says unknown_epoch.
  Result<void, RingError> retire_through(Epoch epoch);

  const std::vector<Entry>& entries() const noexcept { return entries_; }  // ascending by epoch
  const Entry* find(Epoch epoch) const noexcept;
  const Entry* find_tag(const EpochTag4& tag) const noexcept;  // only entries with a key
  const Entry* newest() const noexcept;                        // nullptr if empty
  const Entry* newest_with_key() const noexcept;
  const Entry* lowest_with_key() const noexcept;
  Epoch retired_floor() const noexcept { return floor_; }
  const ClusterId& cluster() const noexcept { return cluster_; }
  // Increases whenever entries, keys or the floor change: says when to persist.
  std::uint64_t version() const noexcept { return version_; }

  // For the state directory and for a joiner over TLS. Contains keys: the caller wipes it.
  //   "QRING1" | cluster 32 | floor u64 | count u8 | entry ... | checksum 32
  //   entry: content bytes16 | signature 64 | seed 32 | has key u8 | key 32 if it has
  // Deserialising checks the parts against each other; signatures are the caller's to verify where the giver
  // is not the own disk. On error: damaged (truncated, any bit flipped, inconsistent), wrong_cluster.
  ByteVector serialize() const;
  static Result<Keyring, RingError> deserialize(const ClusterId& cluster, Bytes bytes);

 private:
  const Entry* predecessor_of(const Announcement& next) const noexcept;
  Result<void, RingError> insert(Entry entry);

  ClusterId cluster_;
  Epoch floor_;
  std::vector<Entry> entries_;
  std::uint64_t version_ = 0;
};
inline constexpr std::size_t kRingBytesMax =
    6 + 32 + 8 + 1 + 32 + kLiveEpochsMax * (kAnnouncementContentMax + 64 + 2 + 32 + 1 + 32);

}  // namespace quorumor
