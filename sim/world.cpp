#include "sim/world.h"

#include "node/core/impl.h"
#include "sim/streams.h"
#include "sim/world_parts.h"

#include <algorithm>

namespace quorumor::sim {
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
      now_(Instant{1000s}),
      streams_(std::make_unique<Streams>(*this)) {}

World::~World() = default;

WallTime World::wall(const Node& node) const {
  return wall_from_seconds(1'700'000'000) +
         std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch() + node.wall_offset);
}

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
  options.endorsements = node.endorsements;
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
  if (!node.verdicts.empty()) {
    auto verdicts = decode_verdicts(node.cluster, node.verdicts);
    QUORUMOR_ASSERT(verdicts.has_value());
    options.verdicts = std::move(verdicts.value());
  }
  options.advertise = {node.endpoint};
  for (const Index seed : node.spec.seeds) options.seeds.push_back(nodes_[seed]->endpoint);
  rng_.fill(options.entropy);
  ++node.boot;
  const auto config = ValidatedConfig::validate(node.spec.config);
  QUORUMOR_ASSERT(config.has_value());
  const bool fresh = !options.ring.has_value();
  node.core = std::make_unique<NodeCore>(std::move(options), config.value(), now_, wall(node));
  CoreAccess::impl(*node.core).writes_snapshots = keep_snapshots_;
  node.sent = {};
  views_.on_start(index);
  carry_out(index, node.core->start(now_));
  if (bootstrap && fresh) carry_out(index, node.core->bootstrap(now_, parameters_));
}

void World::crash(Index index) {
  Node& node = *nodes_[index];
  QUORUMOR_ASSERT(node.core);
  node.core.reset();
  views_.on_stop(index);
  free_.insert(free_.end(), node.held.begin(), node.held.end());
  node.held.clear();
  node.outbox.clear();
  node.held_datagrams = node.outbox_datagrams = 0;
  node.paused = node.blocked = false;
  node.due.reset();
  ++node.boot;
  streams_->reset(index);  // as the operating system does
  streams_->accept(index);
}

void World::restart(Index index) {
  if (is_running(index)) crash(index);
  start(index);
}

void World::wipe_disk(Index index) {
  nodes_[index]->ring.clear();
  nodes_[index]->snapshot.clear();
  nodes_[index]->verdicts.clear();
  nodes_[index]->generation = 0;
}

void World::leave(Index index) { carry_out(index, nodes_[index]->core->leave(now_)); }
bool World::is_running(Index index) const { return nodes_[index]->core != nullptr; }
bool World::is_paused(Index index) const { return nodes_[index]->paused; }
std::uint64_t World::boot(Index index) const { return nodes_[index]->boot; }
const NodeCore& World::peek(Index index) const { return *nodes_[index]->core; }
const NodeSpec& World::spec(Index index) const { return nodes_[index]->spec; }
const Endpoint& World::endpoint(Index index) const { return nodes_[index]->endpoint; }
const NodeId& World::id(Index index) const { return nodes_[index]->credential.credential.id; }
ByteVector& World::ring_of(Index index) { return nodes_[index]->ring; }

NodeCore& World::core(Index index) {
  Node& node = *nodes_[index];
  if (!node.touched) {
    node.touched = true;
    touched_.push_back(index);
  }
  return *node.core;
}

void World::act(Index node, const std::function<std::span<const Output>(NodeCore&)>& what) {
  carry_out(node, what(*nodes_[node]->core));
}

void World::set_pause(Index index, bool paused) {
  Node& node = *nodes_[index];
  if (node.paused == paused) return;
  node.paused = paused;
  if (paused) return;
  let_go(index);
  node.due.reset();
  if (node.core) note_deadline(index);
}

void World::mix(std::uint64_t value) noexcept { trace_ = (trace_ ^ value) * 0x100000001b3ULL; }

void World::carry_out(Index index, std::span<const Output> outputs) {
  Node& node = *nodes_[index];
  bool mute = false;
  if (node.censor) {
    const Sent& total = CoreAccess::impl(*node.core).state.counters.messages_out;
    Sent sent{};
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = total[i] - node.sent[i];
    node.sent = total;
    mute = node.censor(sent);
  }
  for (auto& [id, meddler] : node.meddlers) outputs = meddler(*node.core, outputs);
  for (const Output& output : outputs) {
    if (std::holds_alternative<Transmit>(output)) {
      if (!mute) send(index, output);
    } else if (std::holds_alternative<StreamRequest>(output)) {
      send(index, output);
    } else if (const auto* p = std::get_if<Persist>(&output)) {
      persist(index, *p);
    } else if (const auto* e = std::get_if<Event>(&output)) {
      mix(static_cast<std::uint64_t>(e->kind) + 17 * index);
      views_.on_event(index, *e);
      if (recording_) events_.push_back({now_, index, *e});
      if (listener_) listener_({now_, index, *e});
    }
  }
  note_deadline(index);
}

void World::persist(Index node, const Persist& p) {
  Node& n = *nodes_[node];
  switch (p.what) {
    case Persist::What::generation: n.generation = load_le<std::uint64_t>(p.bytes.data()); return;
    case Persist::What::ring: n.ring = p.bytes; return;
    case Persist::What::verdicts: n.verdicts = p.bytes; return;
    case Persist::What::members:
      if (keep_snapshots_) n.snapshot = p.bytes;
      return;
  }
}

World::Slot World::new_slot(Index node) {
  Slot slot = static_cast<Slot>(slots_.size());
  if (free_.empty()) {
    slots_.push_back(std::make_unique<Happening>());
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Happening& h = *slots_[slot];
  h.node = node;
  h.boot = node == kNobody ? 0 : nodes_[node]->boot;
  h.is_stream = false;
  h.sender = kNobody;
  h.call = nullptr;
  return slot;
}

void World::schedule(Slot slot, Instant at) { queue_.push({at, next_order_++, slot}); }

void World::call_at(Instant at, std::function<void()> what) {
  const Slot slot = new_slot(kNobody);
  slots_[slot]->call = std::move(what);
  schedule(slot, std::max(at, now_));
}

void World::happen(Slot slot) {
  Happening& h = *slots_[slot];
  if (h.call) {
    const auto call = std::exchange(h.call, nullptr);
    free_.push_back(slot);
    return call();
  }
  if (h.node == kNobody) return streams_->tell_outsider(slot);
  Node& node = *nodes_[h.node];
  if (!node.core || node.boot != h.boot) return free_.push_back(slot);
  if (node.paused || node.blocked) {
    if (!h.is_stream && ++node.held_datagrams > kSocketBuffer) {
      ++socket_overflows_;
      return free_.push_back(slot);
    }
    return node.held.push_back(slot);
  }
  // The slot is free again only after the call: what the call sends must not land in the bytes that it reads.
  if (h.is_stream) {
    StreamEvent event;
    event.kind = h.kind;
    event.peer = h.from;
    event.exporter = h.exporter;
    event.data = h.data;
    carry_out(h.node, node.core->on_stream(now_, h.stream, event));
  } else {
    if (delivery_) delivery_(h.sender, h.node, h.data);
    carry_out(h.node, node.core->on_datagram(now_, h.from, h.data));
    if (delivered_) delivered_(h.sender, h.node, h.data);
  }
  free_.push_back(slot);
}

void World::note_deadline(Index index) {
  Node& node = *nodes_[index];
  if (node.paused) return;
  const auto deadline = node.core->next_deadline();
  if (deadline == node.due) return;
  node.due = deadline;
  if (deadline) deadlines_.push({*deadline, index});
}

void World::refresh_touched() {
  for (const Index index : touched_) {
    Node& node = *nodes_[index];
    node.touched = false;
    if (!node.core) continue;
    note_deadline(index);
    for (const Member* m : CoreAccess::impl(*node.core).state.table.all()) views_.set(index, m->id(), m->state);
  }
  touched_.clear();
}

std::optional<Instant> World::next_time() {
  refresh_touched();
  while (!deadlines_.empty() && nodes_[deadlines_.top().node]->due != deadlines_.top().at) deadlines_.pop();
  std::optional<Instant> next;
  if (!queue_.empty()) next = queue_.top().at;
  if (!deadlines_.empty() && (!next || deadlines_.top().at < *next)) next = std::max(deadlines_.top().at, now_);
  return next;
}

void World::step_timers() {
  refresh_touched();
  due_.clear();
  while (!deadlines_.empty() && deadlines_.top().at <= now_) {
    const Deadline deadline = deadlines_.top();
    deadlines_.pop();
    Node& node = *nodes_[deadline.node];
    if (node.due != deadline.at) continue;
    node.due.reset();
    due_.push_back(deadline.node);
  }
  std::sort(due_.begin(), due_.end());
  for (const Index index : due_) {
    Node& node = *nodes_[index];
    if (node.core && !node.paused) carry_out(index, node.core->on_timer(now_));
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
    while (!queue_.empty() && queue_.top().at <= now_) {
      const Slot slot = queue_.top().slot;
      queue_.pop();
      happen(slot);
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
  refresh_touched();
  if (!views_.is_same(subject, reader)) return views_.state(subject, reader);
  MemberState own = MemberState::unknown;
  nodes_[reader]->core->for_each_member([&](const MemberView& m) { own = m.self ? m.state : own; });
  return own;
}

bool World::all_see(MemberState state, Index subject) {
  refresh_touched();
  return views_.all_see(state, subject);
}

bool World::all_alive() {
  refresh_touched();
  return views_.all_alive();
}

}  // namespace quorumor::sim
