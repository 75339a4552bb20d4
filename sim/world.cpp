#include "sim/world.h"

#include "crypto/drbg.h"

#include <algorithm>

namespace quorumor::sim {

struct World::Node {
  NodeSpec spec;
  Endpoint endpoint;
  Secret<32> identity_seed;
  SignedCredential credential;
  PublicKey authority{};
  ClusterId cluster{};
  // The disk.
  ByteVector ring, snapshot;
  std::uint64_t generation = 0;

  std::unique_ptr<NodeCore> core;
  std::uint64_t boot = 0;  // what happens for an earlier boot happens to nobody
  bool paused = false;
  Duration wall_offset{};
  std::vector<Happening> held;
};

struct World::Happening {
  Instant at;
  std::uint64_t order = 0;
  Index node = 0;
  std::uint64_t boot = 0;
  bool is_stream = false;
  Endpoint from;
  StreamId stream = 0;
  StreamEvent::Kind kind = StreamEvent::Kind::closed;
  ByteArray<32> exporter{};
  ByteVector data;
};

struct World::Later {
  bool operator()(const Happening& a, const Happening& b) const {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
};

namespace {

ByteArray<32> seed_bytes(std::uint64_t seed) {
  ByteArray<32> out{};
  store_le<std::uint64_t>(out.data(), seed);
  return out;
}

}  // namespace

World::World(std::uint64_t seed)
    : rng_(seed_bytes(seed), "world"),
      authority_(SigningKey::generate(rng_)),
      foreign_(SigningKey::generate(rng_)),
      cluster_(make_cluster_id(authority_.public_key(), "sim")),
      now_(Instant{1000s}) {}

World::~World() = default;

WallTime World::wall(const Node& node) const {
  return wall_from_seconds(1'700'000'000) +
         std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch() + node.wall_offset);
}

World::Index World::add(NodeSpec spec) {
  auto node = std::make_unique<Node>();
  const auto n = nodes_.size();
  node->endpoint = Endpoint::v4(10, static_cast<std::uint8_t>(n / 250), static_cast<std::uint8_t>(n % 250), 1, 7947);
  const SigningKey identity = SigningKey::generate(rng_);
  node->identity_seed = identity.seed();
  Credential c;
  rng_.fill(c.id);
  c.identity = identity.public_key();
  c.serial = Serial{1};
  c.not_before = spec.not_before;
  c.not_after = spec.not_after;
  c.name = spec.name;
  c.roles = spec.roles;
  const SigningKey& authority = spec.foreign_authority ? foreign_ : authority_;
  node->authority = authority.public_key();
  node->cluster = make_cluster_id(authority.public_key(), "sim");
  node->credential = issue_credential(authority, node->cluster, c);
  node->spec = std::move(spec);
  nodes_.push_back(std::move(node));
  return n;
}

World::Index World::add_clone_of(Index index) {
  const Node& original = *nodes_[index];
  const Index twin = add(original.spec);
  Node& node = *nodes_[twin];
  node.identity_seed = original.identity_seed.clone();
  node.credential = original.credential;
  node.ring = original.ring;
  node.snapshot = original.snapshot;
  node.generation = original.generation;
  return twin;
}

void World::set_wall_offset(Index node, Duration offset) { nodes_[node]->wall_offset = offset; }

void World::join(Index node, const std::vector<Endpoint>& endpoints) {
  carry_out(node, nodes_[node]->core->join(now_, endpoints));
}

void World::start(Index index, bool bootstrap) {
  Node& node = *nodes_[index];
  QUORUMOR_ASSERT(!node.core);
  CoreOptions options;
  options.cluster = node.cluster;
  options.authority = node.authority;
  options.identity = SigningKey::from_seed(node.identity_seed.bytes());
  options.credential = node.credential;
  const auto millis = static_cast<std::uint64_t>(unix_millis(wall(node)));
  node.generation = (std::max((node.generation >> 16) + 1, millis) << 16) | rng_.below(1 << 16);
  options.generation = Generation{node.generation};
  if (!node.ring.empty()) {
    auto ring = Keyring::deserialize(node.cluster, node.ring);
    QUORUMOR_ASSERT(ring.has_value());
    options.ring = std::move(ring.value());
  }
  if (!node.snapshot.empty()) {
    auto snapshot = decode_snapshot(node.cluster, node.snapshot);
    QUORUMOR_ASSERT(snapshot.has_value());
    options.snapshot = std::move(snapshot.value());
  }
  options.advertise = {node.endpoint};
  for (const Index seed : node.spec.seeds) options.seeds.push_back(nodes_[seed]->endpoint);
  rng_.fill(options.entropy);
  ++node.boot;
  const auto config = ValidatedConfig::validate(node.spec.config);
  QUORUMOR_ASSERT(config.has_value());
  const bool fresh = !options.ring.has_value();
  node.core = std::make_unique<NodeCore>(std::move(options), config.value(), now_, wall(node));
  carry_out(index, node.core->start(now_));
  if (bootstrap && fresh) carry_out(index, node.core->bootstrap(now_, ClusterParameters{}));
}

void World::crash(Index index) {
  Node& node = *nodes_[index];
  node.core.reset();
  node.held.clear();
  node.paused = false;
  ++node.boot;
  // The operating system closes its connections.
  for (Pipe& pipe : pipes_) {
    if (!pipe.open || (pipe.client != index && pipe.server != index)) continue;
    pipe.open = false;
    const bool client = pipe.client == index;
    to_stream(client ? pipe.server : pipe.client, client ? pipe.server_id : pipe.client_id,
              StreamEvent::Kind::closed, {}, draw_latency());
  }
}

void World::wipe_disk(Index index) {
  nodes_[index]->ring.clear();
  nodes_[index]->snapshot.clear();
  nodes_[index]->generation = 0;
}

void World::leave(Index index) { carry_out(index, nodes_[index]->core->leave(now_)); }
bool World::is_running(Index index) const { return nodes_[index]->core != nullptr; }
NodeCore& World::core(Index index) { return *nodes_[index]->core; }
const Endpoint& World::endpoint(Index index) const { return nodes_[index]->endpoint; }
const NodeId& World::id(Index index) const { return nodes_[index]->credential.credential.id; }

void World::set_latency(Duration least, Duration most) {
  latency_least_ = least;
  latency_most_ = most;
}

void World::set_pause(Index index, bool paused) {
  Node& node = *nodes_[index];
  node.paused = paused;
  if (paused) return;
  for (Happening& h : std::exchange(node.held, {})) {
    h.at = now_;
    schedule(std::move(h));
  }
}

Duration World::draw_latency() {
  const auto span = static_cast<std::uint64_t>((latency_most_ - latency_least_).count()) + 1;
  return latency_least_ + Duration{static_cast<std::int64_t>(rng_.below(span))};
}

World::Index World::node_at(const Endpoint& endpoint) const {
  for (Index i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]->endpoint == endpoint) return i;
  }
  return kNobody;
}

bool World::connected(Index from, Index to) const { return !reachable_ || reachable_(from, to); }

void World::mix(std::uint64_t value) noexcept { trace_ = (trace_ ^ value) * 0x100000001b3ULL; }

void World::inject(Index to, const Endpoint& from, Bytes datagram) {
  Happening h;
  h.at = now_;
  h.node = to;
  h.boot = nodes_[to]->boot;
  h.from = from;
  h.data = to_vector(datagram);
  schedule(std::move(h));
}

void World::schedule(Happening happening) {
  happening.order = next_order_++;
  queue_.push_back(std::move(happening));
  std::push_heap(queue_.begin(), queue_.end(), Later{});
}

void World::carry_out(Index node, std::span<const Output> outputs) {
  for (const Output& output : outputs) {
    if (const auto* t = std::get_if<Transmit>(&output)) transmit(node, *t);
    if (const auto* r = std::get_if<StreamRequest>(&output)) stream(node, *r);
    if (const auto* p = std::get_if<Persist>(&output)) persist(node, *p);
    if (const auto* e = std::get_if<Event>(&output)) {
      mix(static_cast<std::uint64_t>(e->kind) + 17 * node);
      events_.push_back({now_, node, *e});
    }
  }
}

void World::transmit(Index node, const Transmit& t) {
  ++datagrams_;
  mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  mix(load_le<std::uint64_t>(t.datagram.data() + t.datagram.size() - 8));
  if (capturing_) captured_.push_back({now_, nodes_[node]->endpoint, t.to, to_vector(t.datagram)});
  const Index to = node_at(t.to);
  const bool lost = loss_ppm_ != 0 && rng_.below(1'000'000) < loss_ppm_;
  if (lost || to == kNobody || !connected(node, to)) return;
  Happening h;
  h.at = now_ + draw_latency();
  h.node = to;
  h.boot = nodes_[to]->boot;
  h.from = nodes_[node]->endpoint;
  h.data = to_vector(t.datagram);
  schedule(std::move(h));
}

void World::persist(Index node, const Persist& p) {
  Node& n = *nodes_[node];
  switch (p.what) {
    case Persist::What::generation: n.generation = load_le<std::uint64_t>(p.bytes.data()); return;
    case Persist::What::ring: n.ring = p.bytes; return;
    case Persist::What::members: n.snapshot = p.bytes; return;
  }
}

void World::to_stream(Index node, StreamId id, StreamEvent::Kind kind, ByteVector data, Duration after) {
  Happening h;
  h.at = now_ + after;
  h.node = node;
  h.boot = nodes_[node]->boot;
  h.is_stream = true;
  h.stream = id;
  h.kind = kind;
  h.data = std::move(data);
  schedule(std::move(h));
}

void World::stream(Index node, const StreamRequest& r) {
  if (r.action == StreamRequest::Action::dial) {
    const Index to = node_at(r.to);
    if (to == kNobody || !nodes_[to]->core || nodes_[to]->paused || !connected(node, to) || !connected(to, node)) {
      return to_stream(node, r.id, StreamEvent::Kind::closed, {}, 2 * latency_most_);
    }
    const Pipe pipe{node, to, r.id, ++next_inbound_, true};
    pipes_.push_back(pipe);
    Happening h;
    h.at = now_ + 4 * latency_most_;  // TCP and TLS: two round trips
    h.is_stream = true;
    h.kind = StreamEvent::Kind::connected;
    rng_.fill(h.exporter);
    for (const bool client : {true, false}) {
      h.node = client ? node : to;
      h.boot = nodes_[h.node]->boot;
      h.stream = client ? pipe.client_id : pipe.server_id;
      h.from = nodes_[client ? to : node]->endpoint;
      schedule(h);
    }
    return;
  }
  for (Pipe& pipe : pipes_) {
    const bool client = pipe.client == node && pipe.client_id == r.id;
    if (!pipe.open || (!client && !(pipe.server == node && pipe.server_id == r.id))) continue;
    const Index other = client ? pipe.server : pipe.client;
    const StreamId other_id = client ? pipe.server_id : pipe.client_id;
    if (r.action == StreamRequest::Action::send) {
      mix(r.bytes.size());
      to_stream(other, other_id, StreamEvent::Kind::data, to_vector(r.bytes), latency_most_);
      to_stream(node, r.id, StreamEvent::Kind::drained, {}, latency_least_);
    } else {
      pipe.open = false;
      to_stream(other, other_id, StreamEvent::Kind::closed, {}, latency_most_);
    }
  }
}

void World::happen(Happening& h) {
  Node& node = *nodes_[h.node];
  if (!node.core || node.boot != h.boot) return;
  if (node.paused) {
    node.held.push_back(std::move(h));
    return;
  }
  if (!h.is_stream) return carry_out(h.node, node.core->on_datagram(now_, h.from, h.data));
  StreamEvent event;
  event.kind = h.kind;
  event.peer = h.from;
  event.exporter = h.exporter;
  event.data = h.data;
  carry_out(h.node, node.core->on_stream(now_, h.stream, event));
}

std::optional<Instant> World::next_time() {
  std::optional<Instant> next;
  if (!queue_.empty()) next = queue_.front().at;
  for (const auto& node : nodes_) {
    if (!node->core || node->paused) continue;
    const auto deadline = node->core->next_deadline();
    if (deadline && (!next || *deadline < *next)) next = std::max(*deadline, now_);
  }
  return next;
}

void World::step_timers() {
  for (Index i = 0; i < nodes_.size(); ++i) {
    Node& node = *nodes_[i];
    if (!node.core || node.paused) continue;
    const auto deadline = node.core->next_deadline();
    if (deadline && *deadline <= now_) carry_out(i, node.core->on_timer(now_));
  }
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  while (!done()) {
    const auto next = next_time();
    if (!next || *next > end) {
      now_ = end;
      return done();
    }
    QUORUMOR_ASSERT(*next >= now_);
    now_ = *next;
    while (!queue_.empty() && queue_.front().at <= now_) {
      std::pop_heap(queue_.begin(), queue_.end(), Later{});
      Happening h = std::move(queue_.back());
      queue_.pop_back();
      happen(h);
    }
    step_timers();
  }
  return true;
}

void World::run_for(Duration duration) {
  run_until([] { return false; }, duration);
}

std::size_t World::count(Event::Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(events_.begin(), events_.end(), [&](const Recorded& r) { return r.event.kind == kind; }));
}

MemberState World::state_of(Index subject, Index reader) {
  MemberState out = MemberState::unknown;
  nodes_[reader]->core->for_each_member([&](const MemberView& m) {
    if (m.id == id(subject)) out = m.state;
  });
  return out;
}

bool World::all_see(MemberState state, Index subject) {
  for (Index i = 0; i < nodes_.size(); ++i) {
    if (i != subject && nodes_[i]->core && state_of(subject, i) != state) return false;
  }
  return true;
}

bool World::all_alive() {
  for (Index i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]->core && !all_see(MemberState::alive, i)) return false;
  }
  return true;
}

}  // namespace quorumor::sim
