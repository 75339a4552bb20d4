// Links: the cryptographic state towards each known member, and the two operations that use it. A link knows the
// peer's id and current session key; pair keys and replay windows are derived when first needed.
//
// Rules:
//  * Ring entries are told apart by the prefix of their commitment alone. Two epochs may share a number while a
//    fork heals; and two that announce one key share one state, because they share pair keys.
//  * The send counter belongs to the link, not to an epoch, and only rises; a link made anew starts above the
//    highest value used with anybody (counter.h). So no (pair, session key, epoch, counter) ever repeats.
//  * A frame that does not authenticate changes nothing but a cached shared secret: it creates no state, moves no
//    window, strips nobody. Otherwise a thief of an epoch key, who can name any sender, could evict honest peers.
//  * The X25519 secret is computed once a peer and pair of session keys, and kept until either changes: forged
//    frames, which may name any link, cost one exchange a link, never one a frame.
//  * The tables hash ids under a secret: where identities are free, an attacker could else choose ids that
//    collide, and make every garbage datagram a long search.
//
// Bounds. At most `kLinksMax` links (the member table holds no more members). A link costs about 200 bytes idle
// and 32 of guarded memory once used; 64 guarded and 280 of window for each epoch in use, at most
// kReadableEpochsMax epochs. When more than `active_max` links hold keys, the one used longest ago is stripped: keys
// and windows go, high-water marks stay, so nothing replays into it. (Frames that were overtaken are lost.)
// A removed link leaves (session key, high-water marks) behind in a table of `kGravesMax`; when that overflows,
// `needs_new_session_key` turns true and stays so until `set_session`: with a new session key no old frame opens.
// Until then a peer that is put and has no grave is not heard (`replayed`), for it may be one that lost its marks.
//
// Not thread-safe; owned by the core. seal and open allocate only when they derive keys or open a window.
#pragma once

#include "crypto/counter.h"
#include "crypto/exchange.h"
#include "crypto/keyring.h"
#include "crypto/session.h"
#include "wire/frame.h"
#include "wire/replay_window.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace quorumor {

inline constexpr std::size_t kLinksMax = 16384;
inline constexpr std::size_t kGravesMax = 4096;

class Links {
 public:
  using Handle = std::uint32_t;  // dense; stays valid until `remove`, then is used again
  static constexpr Handle kNone = ~Handle{0};

  // Requires: active_max > 0.
  Links(const ClusterId& cluster, const NodeId& own_id, SessionKey session, std::size_t active_max = 4096);
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  // --- the set of peers ---
  // Asked for whoever a frame names that has no link yet, by prefix: puts it, or says kNone. So links are made for
  // those that are spoken with, however many are known. It must not call anything else here.
  using Directory = std::function<Handle(std::uint64_t prefix)>;
  void set_directory(Directory directory) { directory_ = std::move(directory); }
  // Adds a peer, or gives a known one a new session key (its keys and windows start afresh, its marks go: nothing
  // sealed for the old key opens under the new one). The same key again changes nothing.
  // Returns kNone if the table is full, the id is our own, or its prefix belongs to another id.
  // A session key must not return after another: the caller's order of cores (PROTOCOL section 2) rules that out.
  Handle put(const NodeId& id, const SessionPublicKey& session_key);
  void remove(Handle peer);
  Handle find(const NodeId& id) const noexcept;
  const NodeId& id_of(Handle peer) const noexcept;
  std::size_t size() const noexcept { return by_prefix_.size(); }
  // Strips what is too many. Requires: active_max > 0.
  void set_active_max(std::size_t active_max);
  // Links that hold keys; at most active_max.
  std::size_t active() const noexcept { return active_; }
  // Replaces our own session key: every pair starts afresh. Requires: a key that was never ours before.
  void set_session(SessionKey session);
  const SessionPublicKey& session_key() const noexcept { return session_.public_key(); }
  bool needs_new_session_key() const noexcept { return overflow_; }
  // Drops keys and marks of epochs that the ring no longer holds (call whenever the ring's version moved).
  void forget_epochs_not_in(const Keyring& ring);

  // --- sealing ---
  // Seals `plain` (may lie at out[kShortHeader]) for `peer` under `entry`. Empty if the peer's key is unusable, the
  // counter space is used up, or the entry is older than all of the kReadableEpochsMax that the link already uses.
  // Requires: entry has a key; plain <= kPlain; out.size() >= plain.size() + kShortOverhead.
  MutableBytes seal(Handle peer, const Keyring::Entry& entry, Bytes plain, MutableBytes out);

  // --- opening ---
  struct Opened {
    Handle peer = kNone;
    EntryName under;
    Bytes plain;
  };
  // One short frame (a long one is `unexpected`). `buffer` takes the plaintext and holds at least frame.size() -
  // kShortOverhead bytes; it is scratch if this fails. Order, cheapest first: size, type, tag, unmask, table, window,
  // AEAD; the window moves last.
  Result<Opened, DropReason> open(const Keyring& ring, Bytes frame, MutableBytes buffer);

  // Bytes of memory, guarded memory included, that `links` links, `active` of them with keys, may use at most.
  static std::size_t memory_bound(std::size_t links, std::size_t active) noexcept;

 private:
  struct EpochState;
  struct Link;
  struct Grave;
  struct SecretHash {
    using is_avalanching = void;
    ByteArray<16> key;
    std::size_t operator()(std::uint64_t prefix) const noexcept;
    std::size_t operator()(const NodeId& id) const noexcept;
  };
  static SecretHash hash_from(const SessionKey& session) noexcept;

  Link& at(Handle peer) const noexcept;
  PairKeys derive(Link& link, const Keyring::Entry& entry) const;
  EpochState* install(Link& link, const Keyring::Entry& entry, PairKeys keys);
  std::unique_ptr<Grave> take_grave(const NodeId& id);
  void touch(Handle peer);
  void detach(Handle peer);
  void strip(Handle peer);
  void reset(Handle peer);

  ClusterId cluster_;
  NodeId own_id_;
  SessionKey session_;
  CounterSource counters_;
  Directory directory_;
  std::size_t active_max_;
  std::size_t active_ = 0;
  Handle newest_ = kNone;  // ends of the list of active links, by last use
  Handle oldest_ = kNone;
  std::vector<std::unique_ptr<Link>> links_;  // by handle
  std::vector<Handle> free_;
  boost::unordered_flat_map<std::uint64_t, Handle, SecretHash> by_prefix_;
  boost::unordered_flat_map<NodeId, std::unique_ptr<Grave>, SecretHash> graves_;
  bool overflow_ = false;
};

}  // namespace quorumor
