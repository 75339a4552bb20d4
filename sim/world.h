// A deterministic world around the core: virtual time that jumps to the next event, a network with latency, loss and
// cuts, abstract streams, disks that survive crashes. The same seed gives the same trace, to the byte; `trace_hash`
// proves it. Tests run in it; nodes here are the same object code as the daemon's.
//
// Order: what is due at one moment happens in the order in which it was sent; then the timers, by machine. A stopped
// process's datagrams wait in its socket (kSocketBuffer of them, later ones are lost); when it goes on, all of them
// arrive at once, and then its timers fire. A blocked process's timers run on (sim/blocking.cpp).
// Cost: an event costs O(log of what is in flight) beside the core's own work; nothing is done for each node.
// Not thread-safe. Memory grows with what is in flight, with the recorded events, and with n * n bytes of views.
#pragma once

#include "crypto/drbg.h"
#include "node/core/core.h"
#include "sim/net/network_model.h"
#include "sim/node_spec.h"
#include "sim/views.h"

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

namespace quorumor::sim {

class World {
 public:
  using Index = std::size_t;
  using Sent = std::array<std::uint64_t, kMessageKinds>;  // messages, by kind
  // Datagrams that wait for a process that is stopped or blocked, and as many that a blocked one would send; later ones
  // are lost. Linux's default buffer, 212,992 bytes, holds so many of 208 bytes; a kernel counts its own overhead too,
  // but grants twice to whoever asks for more, as the daemon does (node/driver/udp_socket.h).
  static constexpr std::size_t kSocketBuffer = 212'992 / 208;
  static constexpr std::uint32_t kAll = kAllPpm;
  static constexpr Index kNobody = NetworkModel::kNobody;  // no machine of this world
  static constexpr std::size_t kZoneMax = 250 * 250;       // machines
  static constexpr std::uint32_t kZonesMax = 100 * 250;

  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- the cast ---
  Index add(NodeSpec spec);             // makes an identity, a credential, an address; does not start
  Index add_clone_of(Index node);       // another machine with the same identity, credential and disk
  std::size_t size() const noexcept { return nodes_.size(); }
  void set_wall_offset(Index node, Duration offset);  // its wall clock, from its next start
  // And a running core is told of it now; a driver would tell it within 10 s.
  void set_wall_offset_now(Index node, Duration offset);
  void set_parameters(const ClusterParameters& parameters) { parameters_ = parameters; }  // of later bootstraps
  void set_roles(Index node, std::vector<std::string> roles);  // a new credential; requires: it does not run
  const SignedCredential& credential(Index node) const;
  void set_credential(Index node, SignedCredential credential);  // on its disk: its core learns by NodeCore::renew
  void set_endorsements(Index node, std::vector<ByteVector> records);  // the same of standby authorities (CoreOptions)
  void set_seeds(Index node, std::vector<Index> seeds);  // from its next start
  void start(Index node, bool bootstrap = false);
  void crash(Index node);               // without a word; the disk stays
  void restart(Index node);             // crashes first if it runs; with its disk
  void move(Index node, std::uint32_t zone);  // to another address there; requires: it does not run
  void wipe_disk(Index node);           // ring, snapshot and generation; not identity and credential
  void set_ring(Index node, ByteVector ring) { ring_of(node) = std::move(ring); }  // as if it had been on its disk
  void set_keep_snapshots(bool on) { keep_snapshots_ = on; }  // off: none is kept (n of them are n * n * 600 bytes)
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
  bool is_paused(Index node) const;
  std::uint64_t boot(Index node) const;  // another one after each start and each crash
  // A caller may do anything to it, so its deadline and views are read again before time goes on. Do not keep the
  // reference across a run.
  NodeCore& core(Index node);
  const NodeCore& peek(Index node) const;  // only looks: costs nothing
  // Something that a node does outside of its core's public face; its outputs are carried out.
  void act(Index node, const std::function<std::span<const Output>(NodeCore&)>& what);
  const NodeSpec& spec(Index node) const;
  const Endpoint& endpoint(Index node) const;
  const NodeId& id(Index node) const;
  std::optional<Index> find(const NodeId& id) const { return views_.find(id); }
  std::optional<Index> find(const Endpoint& endpoint) const;
  const ClusterId& cluster() const noexcept { return cluster_; }
  const SigningKey& authority() const noexcept { return authority_; }

  // --- the network ---
  NetworkModel& network() noexcept { return network_; }
  const NetworkModel& network() const noexcept { return network_; }
  // The network's `everywhere` in parts, its links and its reachability, for stories that need no more. A loss that is
  // set here is of datagrams alone: streams get through.
  void set_latency(Duration least, Duration most);        // uniform
  void set_loss(std::uint32_t ppm);
  void set_loss(Index from, Index to, std::uint32_t ppm);  // on this link instead
  void clear_link_losses() { network_.clear_links(); }
  void set_duplication(std::uint32_t ppm);
  // False keeps datagrams and streams from one node from reaching another; a stream in use falls silent for ever, a
  // new one is refused at once.
  void set_reachable(std::function<bool(Index from, Index to)> reachable) {
    network_.set_reachable(std::move(reachable));
  }
  void set_pause(Index node, bool paused);
  // While it is blocked, what it sends waits, and what arrives for it; its timers run on, and its core is unaware. At
  // the end of the block the one leaves and the other arrives, each in its order. A crash ends it. Requires, to block:
  // it runs.
  void set_block(Index node, bool blocked);
  bool is_blocked(Index node) const;
  // Of what one call into `node`'s core sent: true keeps all its datagrams back. For members that lie by silence.
  void set_censor(Index node, std::function<bool(const Sent&)> censor);
  // What `node`'s process makes of what a call into its core gave: what this returns is carried out instead, and lives
  // until the next call. For members that lie; several apply in the order of adding, also after restarts.
  using Meddler = std::function<std::span<const Output>(NodeCore&, std::span<const Output>)>;
  std::uint64_t add_meddler(Index node, Meddler meddler);
  void remove_meddler(Index node, std::uint64_t meddler);  // not from within it

  // --- attackers on the path, and outsiders ---
  // Asked of each datagram that is sent (`to` may be kNobody), after the tap and before the network's own faults. All
  // that are set are asked, in the order in which they came; delays add up. Not to be set or removed by one of them.
  using PathId = std::uint64_t;
  PathId set_path(std::function<PathVerdict(Index from, Index to, Bytes datagram)> path);
  void remove_path(PathId path) { paths_.erase(path); }
  bool has_paths() const noexcept { return !paths_.empty(); }
  // A datagram out of nowhere, or a captured one again.
  void inject(Index to, const Endpoint& from, Bytes datagram);
  // A stream by somebody who is no member, from an address of its own: TLS comes up with whoever asks, as the daemon's
  // does. `heard` gets what a core would (connected, data, closed); it may feed and close. Feed it once it is
  // connected.
  StreamId open_stream(Index to, const Endpoint& from, std::function<void(const StreamEvent&)> heard);
  void feed_stream(StreamId stream, Bytes data);
  void close_stream(StreamId stream);
  struct Captured {
    Instant at;
    Endpoint from, to;
    ByteVector datagram;
  };
  void set_capture(bool on) { capturing_ = on; }
  const std::vector<Captured>& captured() const noexcept { return captured_; }

  // Called for each datagram that is sent, whatever becomes of it.
  void set_tap(std::function<void(Index from, const Transmit&)> tap) { tap_ = std::move(tap); }
  // Called for each datagram that a core is handed: before it has it, and after what it sent because of it has been
  // tapped. `from` is who really sent it, kNobody if it was injected.
  using Handed = std::function<void(Index from, Index to, Bytes)>;
  void set_delivery(Handed before) { delivery_ = std::move(before); }
  void set_delivered(Handed after) { delivered_ = std::move(after); }

  // --- time ---
  Instant now() const noexcept { return now_; }
  void run_for(Duration duration);
  // Until `done` holds (checked after every event) or `limit` has passed; says which.
  bool run_until(const std::function<bool()>& done, Duration limit);
  // Calls `what` once when that moment comes.
  void call_at(Instant at, std::function<void()> what);

  // --- what was seen ---
  const std::vector<Recorded>& events() const noexcept { return events_; }
  void set_recording(bool on) { recording_ = on; }
  void clear_events() { events_.clear(); }
  // Called for each event, recorded or not.
  void set_listener(std::function<void(const Recorded&)> listener) { listener_ = std::move(listener); }
  std::size_t count(Event::Kind kind) const;
  MemberState state_of(Index subject, Index reader);   // unknown if the reader does not list it
  bool all_see(MemberState state, Index subject);      // every running node except the subject itself
  bool all_alive();                                    // every running node sees every running node Alive
  std::uint64_t trace_hash() const noexcept { return trace_; }
  std::uint64_t datagrams() const noexcept { return datagrams_; }
  std::uint64_t socket_overflows() const noexcept { return socket_overflows_; }
  std::uint64_t oversized() const noexcept { return oversized_; }  // sent, longer than limits::kDatagram

 private:
  struct Node;
  struct Happening;
  struct Streams;
  struct Waiting;
  using Slot = std::uint32_t;
  struct Due {  // in the queue: earliest first, then in order of arrival
    Instant at;
    std::uint64_t order;
    Slot slot;
    friend bool operator<(const Due& a, const Due& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
  };
  struct Deadline {  // of a node's core; stale unless the node still says so
    Instant at;
    Index node;
    friend bool operator<(const Deadline& a, const Deadline& b) { return a.at > b.at; }
  };
  Index make(NodeSpec spec, const Node* twin_of);
  Endpoint next_address(std::optional<std::uint32_t> zone);
  void carry_out(Index node, std::span<const Output> outputs);
  void transmit(Index node, const Transmit& t);
  void send(Index node, const Output& output);
  void let_go(Index node);
  void persist(Index node, const Persist& p);
  ByteVector& ring_of(Index node);
  Slot new_slot(Index node);
  void schedule(Slot slot, Instant at);
  void happen(Slot slot);
  void note_deadline(Index node);
  void refresh_touched();
  void step_timers();
  std::optional<Instant> next_time();
  Index node_at(const Endpoint& endpoint) const;  // kNobody if none
  void mix(std::uint64_t value) noexcept;
  WallTime wall(const Node& node) const;

  Drbg rng_;
  SigningKey authority_;
  SigningKey foreign_;
  ClusterId cluster_{};
  ClusterParameters parameters_;
  Instant now_;
  std::vector<std::unique_ptr<Node>> nodes_;
  boost::unordered_flat_map<Endpoint, Index, std::hash<Endpoint>> by_endpoint_;  // never iterated
  std::vector<std::unique_ptr<Happening>> slots_;  // reused, with their buffers
  std::vector<Slot> free_;
  std::priority_queue<Due> queue_;
  std::uint64_t next_order_ = 0;
  std::priority_queue<Deadline> deadlines_;
  std::vector<Index> due_, touched_;  // scratch
  std::uint64_t next_meddler_ = 0;
  NetworkModel network_;
  std::unique_ptr<Streams> streams_;
  std::map<std::optional<std::uint32_t>, std::size_t> machines_of_zone_;
  std::map<PathId, std::function<PathVerdict(Index, Index, Bytes)>> paths_;
  PathId next_path_ = 1;
  std::function<void(Index, const Transmit&)> tap_;
  Handed delivery_, delivered_;
  bool capturing_ = false, recording_ = true, keep_snapshots_ = true;
  std::vector<Captured> captured_;
  std::vector<Recorded> events_;
  std::function<void(const Recorded&)> listener_;
  Views views_;
  std::uint64_t trace_ = 0xcbf29ce484222325ULL;
  std::uint64_t datagrams_ = 0, socket_overflows_ = 0, oversized_ = 0;
};

}  // namespace quorumor::sim
