// How the core is put together: the shared state and the machines over it, in the order in which they need one another.
// Private to this room, and to who owns a process: a member that lies can do to its own node whatever it likes, so
// the simulator's adversaries and the tests that play them get in by CoreAccess, and so do its checkers, who only look.
// Nothing else includes this.
#pragma once

#include "node/core/gossiper.h"
#include "node/core/joiner.h"
#include "node/core/keymaster.h"
#include "node/core/receiver.h"
#include "node/core/revocations.h"

namespace quorumor {

struct NodeCore::Impl {
  Impl(CoreOptions&& options, const Config& config, Instant now, WallTime wall)
      : state(std::move(options), config, now, wall) {}

  CoreState state;
  SelfClaim self{state};
  Transitions transitions{state};
  Revocations revocations{state, self, transitions};
  Sender sender{state};
  EventGaps gaps{state, sender};
  Events events{state, self, gaps};
  Epochs epochs{state, transitions};
  Intake intake{state, self, transitions, revocations, events, epochs};
  KeyExchange keys{state, sender};
  Sessions sessions{state, intake};
  Looks looks{state, sender, sessions};
  HolderPoll poll{state, looks};
  Keymaster keymaster{state, epochs, poll};
  Prober prober{state, sender, looks, transitions};
  Accuser accuser{state, intake};
  Watch watch{state, sender, looks, prober, accuser, transitions, intake};
  Gossiper gossiper{state, sender};
  Relayer relayer{state, sender, intake, looks};
  Receiver receiver{state, sender, intake, looks, relayer, watch, epochs, keys};
  Joiner joiner{state, sessions, prober};
  std::optional<Instant> due;  // when on_timer was to be called next, as of the last call
  std::uint64_t ring_version = 0;
  Instant snapshot_at;
  Instant verdicts_at;
  bool writes_snapshots = true;  // a simulated node without a disk writes none: it would be n * 600 bytes, n times
  std::optional<Instant> leave_until;
  Instant leave_ping_at;
  bool left = false;

  void begin(Instant now);
  void on_gap();
  std::span<const Output> end();
  void note_due();
  void persist();
  void persist_verdicts(bool before_sending);
  Snapshot snapshot() const;
  void drive_leave();
  Result<std::span<const Output>, VerdictError> bring(Instant now, RumorKind kind, Bytes record);
  Result<std::span<const Output>, VerdictError> settle_order();
  std::optional<RenewError> check_renewal(const SignedCredential& offered) const;
  std::optional<Instant> earliest() const;
};

struct CoreAccess {
  using Impl = NodeCore::Impl;
  static NodeCore::Impl& impl(NodeCore& core) noexcept { return *core.impl_; }
  static const NodeCore::Impl& impl(const NodeCore& core) noexcept { return *core.impl_; }
};

}  // namespace quorumor
