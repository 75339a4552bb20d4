// The world's wires: what is sent, what of it is lost, doubled or late, and streams between two ends. A stream is TLS
// over TCP as the core sees it: two round trips to connect, then bytes in order, and both ends hear of its end.
#include "sim/world_parts.h"

#include <algorithm>

namespace quorumor::sim {

void World::set_latency(Duration least, Duration most) {
  latency_least_ = least;
  latency_most_ = most;
}

void World::set_loss(Index from, Index to, std::uint32_t ppm) { link_loss_[{from, to}] = ppm; }

void World::set_censor(Index node, std::function<bool(const Sent&)> censor) {
  nodes_[node]->censor = std::move(censor);
}

std::uint64_t World::add_meddler(Index node, Meddler meddler) {
  nodes_[node]->meddlers.emplace(++next_meddler_, std::move(meddler));
  return next_meddler_;
}

void World::remove_meddler(Index node, std::uint64_t meddler) { nodes_[node]->meddlers.erase(meddler); }

Duration World::draw_latency() {
  const auto span = static_cast<std::uint64_t>((latency_most_ - latency_least_).count()) + 1;
  return latency_least_ + Duration{static_cast<std::int64_t>(rng_.below(span))};
}

World::Index World::node_at(const Endpoint& endpoint) const {
  const auto found = by_endpoint_.find(endpoint);
  return found == by_endpoint_.end() ? kNobody : found->second;
}

bool World::connected(Index from, Index to) const { return !reachable_ || reachable_(from, to); }

bool World::is_lost(Index from, Index to) {
  std::uint32_t ppm = loss_ppm_;
  if (!link_loss_.empty()) {
    const auto link = link_loss_.find({from, to});
    if (link != link_loss_.end()) ppm = link->second;
  }
  return ppm != 0 && rng_.below(kAll) < ppm;
}

void World::inject(Index to, const Endpoint& from, Bytes datagram) {
  const Slot slot = new_slot(to);
  slots_[slot]->from = from;
  slots_[slot]->data.assign(datagram.begin(), datagram.end());
  schedule(slot, now_);
}

void World::deliver_later(Index from, Index to, Bytes datagram) {
  const Instant at = now_ + draw_latency();
  const Slot slot = new_slot(to);
  slots_[slot]->from = nodes_[from]->endpoint;
  slots_[slot]->data.assign(datagram.begin(), datagram.end());
  schedule(slot, at);
}

void World::transmit(Index node, const Transmit& t) {
  ++datagrams_;
  mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  mix(load_le<std::uint64_t>(t.datagram.data() + t.datagram.size() - 8));
  if (capturing_) captured_.push_back({now_, nodes_[node]->endpoint, t.to, to_vector(t.datagram)});
  if (tap_) tap_(node, t);
  const Index to = node_at(t.to);
  if (is_lost(node, to) || to == kNobody || !connected(node, to)) return;
  deliver_later(node, to, t.datagram);
  if (duplication_ppm_ != 0 && rng_.below(kAll) < duplication_ppm_) deliver_later(node, to, t.datagram);
}

void World::to_stream(Index node, StreamId id, StreamEvent::Kind kind, Bytes data, Duration after) {
  const Slot slot = new_slot(node);
  Happening& h = *slots_[slot];
  h.is_stream = true;
  h.stream = id;
  h.kind = kind;
  h.data.assign(data.begin(), data.end());
  schedule(slot, now_ + after);
}

void World::dial(Index node, const StreamRequest& r) {
  const Index to = node_at(r.to);
  if (to == kNobody || !nodes_[to]->core || nodes_[to]->paused || !connected(node, to) || !connected(to, node)) {
    return to_stream(node, r.id, StreamEvent::Kind::closed, {}, 2 * latency_most_);
  }
  const StreamId inbound = ++next_inbound_;
  pipes_[{node, r.id}] = {to, inbound, inbound, true};
  pipes_[{to, inbound}] = {node, r.id, inbound, false};
  ByteArray<32> exporter{};
  rng_.fill(exporter);
  for (const bool client : {true, false}) {
    const Index end = client ? node : to;
    const Slot slot = new_slot(end);
    Happening& h = *slots_[slot];
    h.is_stream = true;
    h.stream = client ? r.id : inbound;
    h.kind = StreamEvent::Kind::connected;
    h.from = nodes_[client ? to : node]->endpoint;
    h.exporter = exporter;
    h.data.clear();
    schedule(slot, now_ + 4 * latency_most_);  // TCP and TLS: two round trips
  }
}

void World::stream(Index node, const StreamRequest& r) {
  if (r.action == StreamRequest::Action::dial) return dial(node, r);
  const auto found = pipes_.find({node, r.id});
  if (found == pipes_.end()) return;
  const PipeEnd end = found->second;
  if (!connected(node, end.other) || !connected(end.other, node)) {
    // Nothing gets through any more; each end finds out by its own deadline.
    pipes_.erase(found);
    pipes_.erase({end.other, end.other_id});
  } else if (r.action == StreamRequest::Action::send) {
    mix(r.bytes.size());
    to_stream(end.other, end.other_id, StreamEvent::Kind::data, r.bytes, latency_most_);
    to_stream(node, r.id, StreamEvent::Kind::drained, {}, latency_least_);
  } else {
    pipes_.erase(found);
    pipes_.erase({end.other, end.other_id});
    to_stream(end.other, end.other_id, StreamEvent::Kind::closed, {}, latency_most_);
  }
}

void World::close_pipes_of(Index node) {
  std::vector<PipeEnd> ends;
  auto at = pipes_.lower_bound({node, 0});
  while (at != pipes_.end() && at->first.first == node) {
    ends.push_back(at->second);
    at = pipes_.erase(at);
  }
  std::sort(ends.begin(), ends.end(), [](const PipeEnd& a, const PipeEnd& b) { return a.order < b.order; });
  for (const PipeEnd& end : ends) {
    pipes_.erase({end.other, end.other_id});
    to_stream(end.other, end.other_id, StreamEvent::Kind::closed, {}, draw_latency());
  }
}

}  // namespace quorumor::sim
