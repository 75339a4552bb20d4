// A deterministic world around the core: virtual time that jumps to the next event, a network with latency, loss and
// cuts, abstract streams, disks that survive crashes. The same seed gives the same trace, to the byte; `trace_hash`
// proves it. Tests run in it; nodes here are the same object code as the daemon's.
// Not thread-safe. Memory grows with what is in flight and with the recorded events.
#pragma once

#include "node/core/core.h"

#include "crypto/drbg.h"

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

namespace quorumor::sim {

struct NodeSpec {
  std::string name;
  std::vector<std::string> roles;
  WallTime not_before = wall_from_seconds(1'700'000'000 - 86'400);
  WallTime not_after = wall_from_seconds(1'700'000'000 + 86'400 * 365);
  bool foreign_authority = false;      // a credential of somebody else's cluster
  std::vector<std::size_t> seeds;      // whom it joins by
  Config config;
};

struct Recorded {
  Instant at;
  std::size_t node;
  Event event;
};

class World {
 public:
  using Index = std::size_t;
  explicit World(std::uint64_t seed);
  ~World();

  // --- the cast ---
  Index add(NodeSpec spec);             // makes an identity, a credential, an address; does not start
  Index add_clone_of(Index node);       // another machine with the same identity, credential and disk
  void set_wall_offset(Index node, Duration offset);  // its wall clock, from its next start
  void start(Index node, bool bootstrap = false);
  void crash(Index node);               // without a word; the disk stays
  void wipe_disk(Index node);           // ring, snapshot and generation; not identity and credential
  void leave(Index node);
  void join(Index node, const std::vector<Endpoint>& endpoints);
  // What NodeCore::broadcast says; nothing if it was sent.
  std::optional<BroadcastError> broadcast(Index node, std::string_view name, std::string_view payload,
                                          std::chrono::milliseconds ttl = 60s) {
    const auto sent = core(node).broadcast(now_, name, as_bytes(payload), ttl);
    if (sent) carry_out(node, sent.value());
    return sent ? std::nullopt : std::optional{sent.error()};
  }
  bool is_running(Index node) const;
  NodeCore& core(Index node);
  const Endpoint& endpoint(Index node) const;
  const NodeId& id(Index node) const;
  const ClusterId& cluster() const noexcept { return cluster_; }
  const SigningKey& authority() const noexcept { return authority_; }

  // --- the network ---
  void set_latency(Duration least, Duration most);
  void set_loss(std::uint32_t ppm) { loss_ppm_ = ppm; }
  void set_pause(Index node, bool paused);  // a stopped process: its datagrams wait, its timers do not fire
  // False keeps datagrams and streams from one node from reaching another.
  void set_reachable(std::function<bool(Index from, Index to)> reachable) { reachable_ = std::move(reachable); }
  // A datagram out of nowhere, or a captured one again.
  void inject(Index to, const Endpoint& from, Bytes datagram);
  struct Captured {
    Instant at;
    Endpoint from, to;
    ByteVector datagram;
  };
  void set_capture(bool on) { capturing_ = on; }
  const std::vector<Captured>& captured() const noexcept { return captured_; }

  // --- time ---
  Instant now() const noexcept { return now_; }
  void run_for(Duration duration);
  // Until `done` holds (checked after every event) or `limit` has passed; says which.
  bool run_until(const std::function<bool()>& done, Duration limit);

  // --- what was seen ---
  const std::vector<Recorded>& events() const noexcept { return events_; }
  std::size_t count(Event::Kind kind) const;
  MemberState state_of(Index subject, Index reader);   // unknown if the reader does not list it
  bool all_see(MemberState state, Index subject);      // every running node except the subject itself
  bool all_alive();                                    // every running node sees every running node Alive
  std::uint64_t trace_hash() const noexcept { return trace_; }
  std::uint64_t datagrams() const noexcept { return datagrams_; }

 private:
  struct Node;
  struct Happening;
  struct Later;
  struct Pipe {
    Index client, server;
    StreamId client_id, server_id;
    bool open = true;
  };
  void carry_out(Index node, std::span<const Output> outputs);
  void transmit(Index node, const Transmit& t);
  void stream(Index node, const StreamRequest& r);
  void persist(Index node, const Persist& p);
  void schedule(Happening happening);
  void happen(Happening& happening);
  void step_timers();
  std::optional<Instant> next_time();
  void to_stream(Index node, StreamId id, StreamEvent::Kind kind, ByteVector data, Duration after);
  Index node_at(const Endpoint& endpoint) const;  // kNobody if none
  Duration draw_latency();
  bool connected(Index from, Index to) const;
  void mix(std::uint64_t value) noexcept;
  WallTime wall(const Node& node) const;

  static constexpr Index kNobody = ~Index{0};
  Drbg rng_;
  SigningKey authority_;
  SigningKey foreign_;
  ClusterId cluster_{};
  Instant now_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Happening> queue_;  // a heap: earliest first, then in order of arrival
  std::uint64_t next_order_ = 0;
  std::vector<Pipe> pipes_;
  StreamId next_inbound_ = kInboundStream;
  std::uint32_t loss_ppm_ = 0;
  Duration latency_least_ = 500us, latency_most_ = 2ms;
  std::function<bool(Index, Index)> reachable_;
  bool capturing_ = false;
  std::vector<Captured> captured_;
  std::vector<Recorded> events_;
  std::uint64_t trace_ = 0xcbf29ce484222325ULL;
  std::uint64_t datagrams_ = 0;
};

}  // namespace quorumor::sim
