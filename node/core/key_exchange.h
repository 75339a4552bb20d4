// Epoch keys between members, in pair-sealed frames (PROTOCOL section 3): who lacks one asks whoever states that it
// holds it; who holds one gives it to members that are still entitled. Nothing is pushed: an epoch reaches as far as
// its announcement does, one question behind it.
//
// Asking. Every frame states the newest epoch that its sender holds. If its announcement is held here without a key,
// the sender is asked at once; then, with ever longer pauses, whoever states it next, or a random one of those who
// have. If the announcement is unknown too, that is asked for first; if asking does not help (the chain between has
// gone), a sync with that member is wished for.
// Granting. To a member that is not evicted, by a credential that is valid now, with the hour's tolerance; and only if
// this node knows every revocation that the chain up to that epoch names: else it could let in who was thrown out.
// kGrantBurst keys at once, then one in kGrantEvery, for each member.
#pragma once

#include "node/core/sender.h"

namespace quorumor {

// Does this node know every revocation that the announcement names?
bool holds_revocations(const CoreState& state, const Announcement& announcement) noexcept;
// May this member be given keys now?
bool is_entitled_to_keys(const CoreState& state, const Member& member);

// content || signature of each epoch held from this number on, and of the retirement, for whoever Wants them.
std::vector<ByteVector> announcements_since(const Keyring& ring, Epoch epoch);

class KeyExchange {
 public:
  static constexpr Duration kAskAgain = 100ms;       // and as much longer each time, up to
  static constexpr Duration kAskAgainMost = 10s;
  static constexpr Duration kWantAgain = 200ms;
  static constexpr unsigned kVainWants = 5;          // then a sync is wished for
  static constexpr Duration kGrantEvery = 1s;
  static constexpr unsigned kGrantBurst = 8;

  KeyExchange(CoreState& state, Sender& sender) : s_(state), sender_(sender) {}

  // A frame of its was applied: what it states may be news.
  void on_stated(Member& from, const Endpoint& endpoint);
  // False if it is not granted.
  bool on_request(Member& from, const Endpoint& endpoint, Epoch epoch);
  // False if it was not of use.
  bool on_key(Epoch epoch, Bytes key);
  void on_ring();
  void on_timer();
  std::optional<Instant> next_deadline() const;
  // Takes a member with which a sync would help.
  std::optional<NodeId> take_wish() { return std::exchange(wish_, std::nullopt); }

 private:
  void ask(Member& whom, const std::optional<Endpoint>& endpoint, Epoch epoch);
  void want_announcements(Member& from, const Endpoint& endpoint);
  bool lacks_keys() const noexcept;
  bool ask_a_holder(const Keyring::Entry& entry);

  CoreState& s_;
  Sender& sender_;
  Instant ask_at_;                // the next question may be asked
  Duration pause_ = kAskAgain;
  Instant look_at_;               // holders of what is lacking are looked for
  Duration look_pause_ = kAskAgain;
  Instant want_at_;
  unsigned vain_wants_ = 0;  // since the ring last changed
  std::optional<NodeId> wish_;
};

}  // namespace quorumor
