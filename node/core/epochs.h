// Announcements in: which epochs begin, which retire (PROTOCOL section 3). A keymaster decides when; this machine holds
// it to the rules, so that one that lies, hurries or forks costs this node nothing but counters:
//
//  * Cheapest first: would it change anything, does it extend the chain that is held (no jumps, and not within its
//    predecessor's minimum interval, by their signed times), is its signer a keymaster by the credential that is held,
//    and only then the signature. Only what is taken is passed on.
//  * An epoch is taken only on top of one whose key is held, and of one signer only one at a time of a number whose key
//    nobody has given: who announces and withholds gets one place in the ring, which the next real epoch takes back.
//  * By this node's own clock, after a burst of kBurst, no more than one in the minimum interval: signed times can be
//    chosen, and a chain that was signed at once must not push the keys in use out of the ring.
//  * What is too early (more than kAhead of our clock, or for the rules above) waits, verified, in a pen: kHeldMax, of
//    one signer kHeldOfSigner, kPatience each. If it is our clock that is wrong, three members that hold it show so
//    (grafts.h).
//
// A retirement is held, and passed on, at once, whenever it was signed; it is obeyed when a newer key is held *and* own
// probes were acked under a newer one by min(half of the alive, 32) distinct members, whom nobody but this node has
// chosen. What retires stays readable for twice the longest suspicion window, then it is wiped.
#pragma once

#include "node/core/intake_result.h"
#include "node/core/keys.h"
#include "node/core/transitions.h"

#include <utility>

namespace quorumor {

class Epochs {
 public:
  static constexpr std::chrono::minutes kAhead{10};
  static constexpr unsigned kBurst = 3;
  static constexpr std::size_t kHeldMax = 8;
  static constexpr std::size_t kHeldOfSigner = 2;
  static constexpr std::chrono::minutes kPatience{15};
  static constexpr std::size_t kAckersMost = 32;

  Epochs(CoreState& state, Transitions& transitions) : s_(state), transitions_(transitions) {}

  // From gossip or a stream. If the result is `orphaned`, `missing()` names what to ask the sender for.
  IntakeResult take(const Rumor& rumor);
  const WantItem& missing() const noexcept { return missing_; }
  // An own announcement, of this call, signed. Requires: the ring takes it.
  void announce(SignedAnnouncement announcement, EpochKey key);
  void announce_retirement(SignedAnnouncement announcement);

  // A probe of this node was acked, in a frame under this epoch.
  void on_probe_acked(Member& from, Epoch under) noexcept;
  // The ring of this boot is as the disk has it.
  void begin();
  // The ring changed (by whomever): what waited for a key is tried again, what has retired gets its time to be wiped.
  void on_ring();
  void on_timer();
  std::optional<Instant> next_deadline() const;

  // The retirement that is held and not obeyed yet.
  std::optional<RetirementView> retirement() const;
  // Has this node announced an epoch since this was last asked?
  bool take_own_news() noexcept { return std::exchange(has_own_news_, false); }

 private:
  struct Held {
    ByteVector record;  // content || signature; verified
    Digest digest{};
    NodeId signer{};
    Instant retry_at;
    Instant until;
  };
  struct Wipe {
    Commitment commitment{};
    Instant at;
  };
  IntakeResult refuse(AnnouncementRefusal reason) noexcept;
  IntakeResult refuse(RingError error) noexcept;
  IntakeResult put_off(const Rumor& rumor, const Announcement& announcement, const Digest& digest, Duration wait);
  bool is_waiting(const Digest& digest) const noexcept;
  bool is_withheld_fork(const Announcement& announcement) const noexcept;
  std::optional<Duration> wait_of(const Announcement& announcement) const noexcept;
  Duration pace() const noexcept;
  IntakeResult hold(const Member& signer, const Rumor& rumor, Announcement announcement);
  void retry(bool all);
  void step_retirement();
  void tell_retirement_again();
  void plan_wipes();
  void tell_of_newest();

  CoreState& s_;
  Transitions& transitions_;
  WantItem missing_;
  std::vector<Held> held_;
  std::vector<Wipe> wipes_;
  Instant paced_until_;      // taken epochs have used the pace up to then
  Instant tell_at_;
  Instant judge_at_;         // a held retirement is judged again
  Epoch told_;               // the newest key that an event spoke of
  std::uint64_t told_commitment_ = 0;
  bool has_own_news_ = false;
};

}  // namespace quorumor
