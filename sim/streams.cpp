#include "sim/streams.h"

#include "sim/world_parts.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

Duration backoff(unsigned tries) { return kRetransmission * (1 << tries); }

}  // namespace

void World::Streams::tell(const Key& key, Kind kind, Bytes data, Duration after) {
  const Slot slot = w.new_slot(key.first);
  Happening& h = *w.slots_[slot];
  h.is_stream = true;
  h.stream = key.second;
  h.kind = kind;
  h.data.assign(data.begin(), data.end());
  w.schedule(slot, w.now_ + after);
}

void World::Streams::carry_out(Index node, const StreamRequest& r) {
  const Key key{node, r.id};
  switch (r.action) {
    case StreamRequest::Action::dial: return dial(key, w.nodes_[node]->endpoint, w.node_at(r.to));
    case StreamRequest::Action::send: return send(key, r.bytes);
    case StreamRequest::Action::close: return close(key);
  }
}

// --- connecting ----------------------------------------------------------------------------------------------------

void World::Streams::dial(const Key& key, const Endpoint& from, Index to) {
  const bool is_reachable = w.network_.is_reachable(key.first, to) && w.network_.is_reachable(to, key.first);
  if (to == kNobody || !is_reachable) return tell(key, Kind::closed, {}, 2 * w.network_.latency_most());
  dials[key] = {from, to, ++next_inbound, 0, false};
  try_dial(key);
}

void World::Streams::try_dial(const Key& key) {
  Dial& dial = dials.at(key);
  const Node& target = *w.nodes_[dial.to];
  dial.waits = target.blocked;
  if (dial.waits) return;
  const int legs = target.core ? 4 : 2;  // TCP and TLS: two round trips; one until a reset
  std::optional<Duration> total = Duration{};
  if (target.paused) total.reset();
  for (int leg = 0; total && leg < legs; ++leg) {
    const Index from = leg % 2 == 0 ? key.first : dial.to, to = leg % 2 == 0 ? dial.to : key.first;
    const auto took = w.network_.stream_piece(w.now_ + *total, from, to, w.rng_);
    total = took ? std::optional{*total + *took} : std::nullopt;
  }
  if (total) {
    const Dial done = dial;
    dials.erase(key);
    return target.core ? connect(key, done, *total) : tell(key, Kind::closed, {}, *total);
  }
  if (dial.tries == kRetransmissionsMax) {
    dials.erase(key);
    return tell(key, Kind::closed, {}, Duration{});
  }
  w.call_at(w.now_ + backoff(dial.tries++), [this, key, order = dial.order] {
    const auto found = dials.find(key);
    if (found != dials.end() && found->second.order == order) try_dial(key);
  });
}

void World::Streams::accept(Index node) {
  std::vector<std::pair<std::uint64_t, Key>> waiting;
  for (const auto& [key, dial] : dials) {
    if (dial.waits && dial.to == node) waiting.emplace_back(dial.order, key);
  }
  std::sort(waiting.begin(), waiting.end());
  for (const auto& [order, key] : waiting) try_dial(key);
}

void World::Streams::connect(const Key& key, const Dial& dial, Duration after) {
  const Key inbound{dial.to, dial.order};
  ends[key] = {inbound, dial.order, w.now_ + after, {}, 0, 0, false};
  ends[inbound] = {key, dial.order, w.now_ + after, {}, 0, 0, false};
  ByteArray<32> exporter{};
  w.rng_.fill(exporter);
  for (const bool client : {true, false}) {
    const Slot slot = w.new_slot(client ? key.first : dial.to);
    Happening& h = *w.slots_[slot];
    h.is_stream = true;
    h.stream = client ? key.second : inbound.second;
    h.kind = Kind::connected;
    h.from = client ? w.nodes_[dial.to]->endpoint : dial.from;
    h.exporter = exporter;
    h.data.clear();
    w.schedule(slot, w.now_ + after);
  }
}

// --- sending -------------------------------------------------------------------------------------------------------

void World::Streams::send(const Key& key, Bytes data) {
  const auto found = ends.find(key);
  if (found == ends.end()) return;
  End& end = found->second;
  const Index other = end.other.first;
  // Nothing gets through any more; each end finds out by its own deadline.
  if (!w.network_.is_reachable(key.first, other) || !w.network_.is_reachable(other, key.first)) return erase_both(key);
  w.mix(data.size());
  push(key, end, {Kind::data, to_vector(data)});
  if (end.held_bytes > kSendBuffer) {
    end.owes_drained = true;
  } else {
    tell(key, Kind::drained, {}, w.network_.latency_least());
  }
}

void World::Streams::close(const Key& key) {
  dials.erase(key);
  const auto found = ends.find(key);
  if (found == ends.end()) return;
  const Index other = found->second.other.first;
  if (!w.network_.is_reachable(key.first, other) || !w.network_.is_reachable(other, key.first)) return erase_both(key);
  push(key, found->second, {Kind::closed, {}});
}

void World::Streams::push(const Key& key, End& end, Piece piece) {
  if (end.held.empty() && deliver(key, end, piece)) return;
  end.held_bytes += piece.data.size();
  end.held.push_back(std::move(piece));
  if (end.held.size() == 1) retry(key, end);
}

// False: the link is shut. True: it is on its way; if it was the last one, `end` is gone.
bool World::Streams::deliver(const Key& key, End& end, const Piece& piece) {
  const auto after = w.network_.stream_piece(w.now_, key.first, end.other.first, w.rng_);
  if (!after) return false;
  end.in_order = std::max(end.in_order, w.now_ + *after);
  tell(end.other, piece.kind, piece.data, end.in_order - w.now_);
  if (piece.kind == Kind::closed) erase_both(key);
  return true;
}

void World::Streams::retry(const Key& key, const End& end) {
  w.call_at(w.now_ + backoff(end.tries), [this, key, order = end.order] {
    const auto found = ends.find(key);
    if (found != ends.end() && found->second.order == order) flush(key);
  });
}

void World::Streams::flush(const Key& key) {
  End& end = ends.at(key);
  while (!end.held.empty()) {
    const Piece piece = std::move(end.held.front());
    end.held.pop_front();
    end.held_bytes -= piece.data.size();
    const bool is_last = piece.kind == Kind::closed;
    if (deliver(key, end, piece)) {
      if (is_last) return;
      end.tries = 0;
      continue;
    }
    end.held_bytes += piece.data.size();
    end.held.push_front(piece);
    if (end.tries++ < kRetransmissionsMax) return retry(key, end);
    tell(key, Kind::closed, {}, Duration{});
    return erase_both(key);
  }
  if (std::exchange(end.owes_drained, false)) tell(key, Kind::drained, {}, w.network_.latency_least());
}

void World::Streams::erase_both(const Key& key) {
  const auto found = ends.find(key);
  const Key other = found->second.other;
  ends.erase(found);
  ends.erase(other);
}

// --- the end of a process ------------------------------------------------------------------------------------------

void World::Streams::reset(Index node) {
  std::vector<std::pair<std::uint64_t, Key>> others;
  for (auto at = ends.lower_bound({node, 0}); at != ends.end() && at->first.first == node; at = ends.erase(at)) {
    others.emplace_back(at->second.order, at->second.other);
  }
  dials.erase(dials.lower_bound({node, 0}), dials.lower_bound({node + 1, 0}));
  std::sort(others.begin(), others.end());
  for (const auto& [order, other] : others) {
    ends.erase(other);
    const Duration after = w.network_.latency(node, other.first, w.rng_);
    if (w.network_.is_open(w.now_, node, other.first)) tell(other, Kind::closed, {}, after);
  }
}

// --- outsiders -----------------------------------------------------------------------------------------------------

StreamId World::open_stream(Index to, const Endpoint& from, std::function<void(const StreamEvent&)> heard) {
  const StreamId id = streams_->next_outsider++;
  streams_->outsiders[id] = std::move(heard);
  streams_->dial({kNobody, id}, from, to);
  return id;
}

void World::feed_stream(StreamId stream, Bytes data) { streams_->send({kNobody, stream}, data); }

void World::close_stream(StreamId stream) {
  streams_->outsiders.erase(stream);
  streams_->close({kNobody, stream});
}

void World::Streams::tell_outsider(Slot slot) {
  const Happening& h = *w.slots_[slot];
  const auto found = outsiders.find(h.stream);
  if (found != outsiders.end()) {
    const Heard heard = found->second;  // it may close its stream
    StreamEvent event;
    event.kind = h.kind;
    event.peer = h.from;
    event.exporter = h.exporter;
    event.data = h.data;
    if (h.kind == Kind::closed) outsiders.erase(found);
    heard(event);
  }
  w.free_.push_back(slot);
}

}  // namespace quorumor::sim
