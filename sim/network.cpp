// The world's datagrams: what is sent, what an attacker on the path and the network make of it, and what comes out of
// nowhere.
#include "sim/streams.h"
#include "sim/world_parts.h"

namespace quorumor::sim {

static_assert(kFullDatagram == limits::kDatagram);

void World::set_latency(Duration least, Duration most) {
  LinkProfile everywhere = network_.everywhere();
  everywhere.latency = Latency{Latency::Shape::uniform, least, most};
  network_.set_everywhere(everywhere);
}

void World::set_loss(std::uint32_t ppm) {
  LinkProfile everywhere = network_.everywhere();
  everywhere.loss_ppm = ppm;
  everywhere.stream_loss_ppm = 0;
  network_.set_everywhere(everywhere);
}

void World::set_loss(Index from, Index to, std::uint32_t ppm) {
  LinkProfile link = network_.link_profile(from, to);
  link.loss_ppm = ppm;
  link.stream_loss_ppm = 0;
  network_.set_link(from, to, link);
}

void World::set_duplication(std::uint32_t ppm) {
  LinkProfile everywhere = network_.everywhere();
  everywhere.duplication_ppm = ppm;
  network_.set_everywhere(everywhere);
}

void World::set_censor(Index node, std::function<bool(const Sent&)> censor) {
  nodes_[node]->censor = std::move(censor);
}

std::uint64_t World::add_meddler(Index node, Meddler meddler) {
  nodes_[node]->meddlers.emplace(++next_meddler_, std::move(meddler));
  return next_meddler_;
}

void World::remove_meddler(Index node, std::uint64_t meddler) { nodes_[node]->meddlers.erase(meddler); }

void World::move(Index index, std::uint32_t zone) {
  Node& node = *nodes_[index];
  QUORUMOR_ASSERT(!node.core);
  by_endpoint_.erase(node.endpoint);
  node.endpoint = next_address(zone);
  by_endpoint_.emplace(node.endpoint, index);
  network_.set_zone(index, zone);
}

World::PathId World::set_path(std::function<PathVerdict(Index from, Index to, Bytes datagram)> path) {
  paths_.emplace(next_path_, std::move(path));
  return next_path_++;
}

World::Index World::node_at(const Endpoint& endpoint) const {
  const auto found = by_endpoint_.find(endpoint);
  return found == by_endpoint_.end() ? kNobody : found->second;
}

std::optional<World::Index> World::find(const Endpoint& endpoint) const {
  const Index at = node_at(endpoint);
  return at == kNobody ? std::nullopt : std::optional{at};
}

void World::inject(Index to, const Endpoint& from, Bytes datagram) {
  const Slot slot = new_slot(to);
  slots_[slot]->from = from;
  slots_[slot]->data.assign(datagram.begin(), datagram.end());
  schedule(slot, now_);
}

void World::transmit(Index node, const Transmit& t) {
  ++datagrams_;
  if (t.datagram.size() > limits::kDatagram) ++oversized_;
  mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  mix(load_le<std::uint64_t>(t.datagram.data() + t.datagram.size() - 8));
  if (capturing_) captured_.push_back({now_, nodes_[node]->endpoint, t.to, to_vector(t.datagram)});
  if (tap_) tap_(node, t);
  const Index to = node_at(t.to);
  Duration delay{};
  bool dropped = false;
  for (const auto& [id, path] : paths_) {
    const PathVerdict verdict = path(node, to, t.datagram);
    dropped = dropped || verdict.drop;
    delay += verdict.delay;
  }
  if (dropped) return;
  for (const Duration after : network_.datagram(now_, node, to, t.datagram.size(), rng_)) {
    const Slot slot = new_slot(to);
    Happening& h = *slots_[slot];
    h.from = nodes_[node]->endpoint;
    h.sender = node;
    h.data.assign(t.datagram.begin(), t.datagram.end());
    schedule(slot, now_ + delay + after);
  }
}

}  // namespace quorumor::sim
