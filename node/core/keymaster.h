// What a keymaster does: begins epochs and retires them, by command or by itself. Everybody else holds it to the rules
// (epochs.h); here it keeps to them.
//
// By itself (config rotate_interval): when the newest key is that old, plus a jitter of its own. Several keymasters
// stand in for one another: those that are alive are ranked by a hash under the newest epoch's seed, and who ranks r-th
// waits r steps longer, so that the next finds the new epoch there already, unless the one before is gone. It is still
// possible that two rotate at once: a fork, which heals.
// What its own rotation replaced it retires once every alive member holds the newer key, or after a time; a stand-in
// does it for one that is gone.
#pragma once

#include "node/core/epochs.h"
#include "node/core/holder_poll.h"

namespace quorumor {

class Keymaster {
 public:
  static constexpr unsigned kSteps = 10;            // an interval has so many steps
  static constexpr Duration kStepLeast = 1s;        // of a rank
  static constexpr Duration kStepMost = 10min;
  static constexpr Duration kRetireAfterMost = 1h;  // at most half an interval

  Keymaster(CoreState& state, Epochs& epochs, HolderPoll& poll) : s_(state), epochs_(epochs), poll_(poll) {}

  std::optional<KeysError> check() const;  // what both commands ask first
  std::optional<KeysError> rotate(const RotateOptions& options);
  std::optional<KeysError> retire(Epoch through);
  void on_ring();
  void on_timer();
  std::optional<Instant> next_deadline() const;
  // When this node rotates by itself, as things stand.
  std::optional<Instant> rotates_at() const;
  bool is_keymaster() const;
  // How long the cluster's minimum interval forbids a rotation yet, by the clock that judges it here.
  Duration forbidden_for() const;

 private:
  unsigned rank() const;
  Duration step() const noexcept;
  void plan();
  void rotate_if_due();
  void retire_if_due();

  CoreState& s_;
  Epochs& epochs_;
  HolderPoll& poll_;
  std::optional<Instant> rotate_at_;   // without the steps of a rank
  std::optional<Instant> look_at_;
  Instant newest_since_;
  std::uint64_t newest_ = 0;           // its commitment
};

// Of the alive members, how many hold this entry: they state it, or a newer one.
std::size_t holders_of(const CoreState& state, const Keyring::Entry& entry) noexcept;
bool states(const Member& member, const Keyring::Entry& entry) noexcept;

}  // namespace quorumor
