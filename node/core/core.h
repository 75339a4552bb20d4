// The whole protocol as one value machine: datagrams, streams and time in; outputs out. No clock, socket, file or
// entropy: the daemon, the simulator and the fuzzers run this same object code.
//
// Contract of every call: `now` never goes back; the returned outputs and the spans in them are valid until the next
// call; at most kOutputsMax outputs a call (what does not fit is sent by the next timer). Not thread-safe.
// Receiving is one readable function (receiver.cpp): parse -> open -> decode -> authorize -> apply.
#pragma once

#include "crypto/keyring.h"
#include "node/core/authority_errors.h"
#include "node/core/config.h"
#include "node/core/keys.h"
#include "node/core/output.h"
#include "node/core/snapshot.h"
#include "node/core/stats.h"
#include "node/core/verdict_file.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace quorumor {

struct Explanation;  // explanation.h

inline constexpr std::size_t kOutputsMax = 256;

struct CoreOptions {
  ClusterId cluster{};
  PublicKey authority{};               // the root, that `cluster` is named by
  std::vector<ByteVector> endorsements; // of standby authorities, as the credential's bundle has them; verified
  SigningKey identity;
  SignedCredential credential;
  Generation generation;               // already on disk, greater than any used before
  std::optional<Keyring> ring;         // from disk; nothing for a new node
  Snapshot snapshot;                   // from disk; candidates and floors, each verified again before use
  std::vector<VerdictRecord> verdicts; // from disk; verified again
  std::vector<Endpoint> advertise;     // 1 to 4; what others are told
  std::vector<Endpoint> seeds;         // to join by; tried for ever
  ByteVector metadata;                 // at most limits::kMetadata
  ByteArray<32> entropy{};             // all randomness comes from this
};

class NodeCore {
 public:
  NodeCore(CoreOptions options, const ValidatedConfig& config, Instant now, WallTime wall);
  ~NodeCore();
  NodeCore(const NodeCore&) = delete;
  NodeCore& operator=(const NodeCore&) = delete;

  // --- inputs ---
  std::span<const Output> start(Instant now);
  std::span<const Output> on_datagram(Instant now, const Endpoint& from, Bytes datagram);
  std::span<const Output> on_stream(Instant now, StreamId stream, const StreamEvent& event);
  std::span<const Output> on_timer(Instant now);  // a spurious call changes nothing
  std::optional<Instant> next_deadline() const;   // the only timer that a driver needs
  // The wall clock, whenever the driver looks: only differences of a second and more matter.
  void set_wall_clock(Instant now, WallTime wall);

  // --- commands ---
  // The first epoch of a new cluster. Requires: ring() is empty; the credential has the keymaster role.
  std::span<const Output> bootstrap(Instant now, const ClusterParameters& parameters);
  std::span<const Output> join(Instant now, std::span<const Endpoint> endpoints);  // adds seeds
  std::span<const Output> leave(Instant now);                                      // ends in Event::left
  // The next epoch, on top of the newest whose key is held: generated, signed, announced. Others take it as they hear
  // of it, and ask for its key; nothing waits for anybody. On error nothing has changed.
  Result<std::span<const Output>, KeysError> rotate(Instant now, const RotateOptions& options = {});
  // Announces that every epoch up to `through` retires. Each member obeys by its own conditions (keys().retirement),
  // and wipes those keys later. On error nothing has changed.
  Result<std::span<const Output>, KeysError> retire(Instant now, Epoch through);
  // An event of this node for everybody's application, its own included (Event::user_event). On error nothing is sent.
  Result<std::span<const Output>, BroadcastError> broadcast(Instant now, std::string_view name, Bytes payload,
                                                            std::chrono::milliseconds ttl);
  // The authority's word that an operator brings (content || signature of wire/records.h): applied, persisted before
  // anything is sent, and spread. What was held already is spread again.
  Result<std::span<const Output>, VerdictError> revoke(Instant now, Bytes record);
  Result<std::span<const Output>, VerdictError> force_leave(Instant now, Bytes record);
  // Standby authorities of this cluster, in any order: each is held, persisted and spread as an order is. What stands
  // under one of them can be brought afterwards.
  Result<std::span<const Output>, VerdictError> endorse(Instant now, std::span<const ByteVector> records);
  // A newer credential of this node, in place of the present one: no restart, the same id and key, a higher serial.
  // The caller has it on disk.
  Result<std::span<const Output>, RenewError> renew(Instant now, const SignedCredential& credential);
  // At most limits::kMetadata bytes; false otherwise.
  bool set_metadata(Instant now, Bytes metadata);

  // --- queries ---
  // What broadcast would refuse as of the last call.
  std::optional<BroadcastError> check_broadcast(std::string_view name, std::size_t payload,
                                                std::chrono::milliseconds ttl) const;
  Stats stats() const;
  void for_each_member(const std::function<void(const MemberView&)>& visit) const;  // self first
  // Why a member, by name or id, is in its state; nothing if there is none of that name.
  std::optional<Explanation> explain(Instant now, std::string_view name) const;
  // What rotate and retire would refuse for any options and epoch, as of the last call: no ring, no role ...
  std::optional<KeysError> check_keymaster() const;
  KeysView keys() const;
  // At most `most` names of alive members that state less than this epoch, so that its predecessor is still needed.
  std::vector<std::string> laggards(Epoch epoch, std::size_t most) const;
  const NodeId& id() const noexcept;
  const Keyring& ring() const noexcept;
  Snapshot snapshot() const;
  const Verdicts& verdicts() const noexcept;
  const Authorities& authorities() const noexcept;

 private:
  struct Impl;
  friend struct CoreAccess;  // impl.h
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorumor
