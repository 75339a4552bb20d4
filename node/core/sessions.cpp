#include "node/core/sessions.h"

#include "node/core/handshake.h"
#include "node/core/ring_exchange.h"

#include <algorithm>

namespace quorumor {

namespace {

constexpr std::size_t kChunk = limits::kStreamMessage / 2;

}  // namespace

struct Sessions::Session {
  ~Session() { wipe(out); }  // a ring that was sent holds epoch keys

  StreamId id = 0;
  bool inbound = false;
  Purpose purpose = Purpose::join;
  Endpoint endpoint;          // dialled, or where the peer came from
  ByteArray<32> exporter{};
  StreamReader reader{limits::kStreamUnauthenticated};
  ByteVector out;             // what the driver is sending
  bool connected = false;
  bool authenticated = false;
  NodeId peer{};
  std::size_t verdicts_sent = 0;  // before anything but the ring
  std::vector<NodeId> to_send;  // members still to be told of, last first
  std::vector<NodeId> accused;  // then the accusations of these: whoever hears them knows their accusers by then
  std::vector<Events::LiveKey> events_to_send;  // after them, last first
  bool telling = false;         // it is our turn
  bool begun = false;           // own part has begun
  bool told = false;            // own `done` is queued
  bool heard = false;           // the peer's `done` came
  bool draining = false;
  bool over = false;
  std::size_t records = 0;
  Instant deadline;
};

Sessions::Sessions(CoreState& state, Intake& intake) : s_(state), intake_(intake) {}
Sessions::~Sessions() = default;

bool Sessions::dial(const Endpoint& to, Purpose purpose, std::optional<Duration> deadline) {
  const std::size_t most = purpose == Purpose::probe ? s_.config.streams_max / 2 : s_.config.streams_max;
  if (s_.silent || sessions_.size() >= most) return false;
  for (const auto& [id, session] : sessions_) {
    if (!session->inbound && session->endpoint == to) return false;
  }
  auto session = std::make_unique<Session>();
  session->id = next_outbound_++;
  session->endpoint = to;
  session->purpose = purpose;
  session->deadline = s_.now + std::min(deadline.value_or(s_.config.stream_deadline), s_.config.stream_deadline);
  StreamRequest request;
  request.action = StreamRequest::Action::dial;
  request.id = session->id;
  request.to = to;
  s_.out.push(request);
  ++s_.counters.streams_out;
  sessions_.emplace(session->id, std::move(session));
  return true;
}

void Sessions::on_stream(StreamId id, const StreamEvent& event) {
  finished_.clear();
  auto found = sessions_.find(id);
  if (event.kind == StreamEvent::Kind::connected && found == sessions_.end() && (id & kInboundStream) != 0) {
    auto session = std::make_unique<Session>();
    session->id = id;
    session->inbound = true;
    session->endpoint = event.peer;
    session->deadline = s_.now + s_.config.stream_deadline;
    ++s_.counters.streams_in;
    found = sessions_.emplace(id, std::move(session)).first;
  }
  if (found == sessions_.end()) return;
  Session& session = *found->second;
  switch (event.kind) {
    case StreamEvent::Kind::connected:
      if (session.connected) return;
      session.connected = true;
      session.exporter = event.exporter;
      if (session.inbound && (s_.silent || sessions_.size() > s_.config.streams_max)) {
        return refuse(session, Refusal::busy);
      }
      if (!session.inbound) {
        append_stream_message(make_hello(s_, false, session.exporter, session.purpose == Purpose::probe), session.out);
        send(session);
      }
      return;
    case StreamEvent::Kind::data: return on_data(session, event.data);
    case StreamEvent::Kind::drained:
      session.draining = false;
      wipe(session.out);
      session.out.clear();
      if (session.telling && !session.told) session.begun ? send_next_chunk(session) : send_own_part(session);
      return finish_if_over(session);
    case StreamEvent::Kind::closed:
      session.over = true;  // the driver knows: no close request
      return finish(session, session.told && session.heard && !session.draining, std::nullopt);
  }
}

void Sessions::on_data(Session& session, Bytes data) {
  for (;;) {
    const StreamReader::Next next = session.reader.next(data);
    switch (next.status) {
      case StreamReader::Status::need_more: return;
      case StreamReader::Status::bad_length: return refuse(session, Refusal::malformed);
      case StreamReader::Status::refusal: return finish(session, false, next.refusal);
      case StreamReader::Status::frame: break;
    }
    if (!on_frame(session, next.frame)) return;
  }
}

// False once the session has ended: it must not be touched again.
bool Sessions::on_frame(Session& session, Bytes frame) {
  if (!decode_stream_message(frame, message_)) return refuse(session, Refusal::malformed), false;
  if (message_.kind == StreamKind::hello) return on_hello(session, message_.hello);
  if (!session.authenticated && take_shown_revocation(session)) return true;
  const bool told_all = session.heard || (session.purpose == Purpose::probe && session.inbound);
  if (!session.authenticated || told_all) return refuse(session, Refusal::malformed), false;
  // Its revocation may have come a moment ago, by this very stream.
  const Member* peer = s_.table.find(session.peer);
  if (peer != nullptr && s_.is_revoked(*peer)) return refuse(session, Refusal::revoked), false;
  switch (message_.kind) {
    case StreamKind::hello: break;
    case StreamKind::ring:
      if (!take_ring(s_, message_.ring, session.peer)) return refuse(session, Refusal::malformed), false;
      return true;
    case StreamKind::rumors:
      if (!on_rumors(session, message_.rumors)) return false;
      if (session.purpose == Purpose::probe) return finish(session, true, std::nullopt), false;
      return true;
    case StreamKind::done: return on_done(session);
  }
  return false;
}

bool Sessions::on_hello(Session& session, const Hello& hello) {
  if (session.authenticated) return refuse(session, Refusal::malformed), false;
  // Without them the credential may mean nothing. They bear an authority's signature themselves, so they are taken
  // whatever becomes of the rest.
  if (hello.cluster == s_.cluster) {
    for (const Bytes record : hello.endorsements) intake_.take({RumorKind::endorsement, record, {}});
  }
  const auto credential = check_hello(s_, hello, !session.inbound, session.exporter);
  if (!credential) {
    if (session.inbound && credential.error() == Refusal::revoked) {
      const auto shown = show_revocation(s_, hello, session.exporter);
      if (shown) append_stream_message(*shown, session.out);
    }
    return refuse(session, credential.error()), false;
  }
  if (session.inbound && s_.ring.newest_with_key() == nullptr) return refuse(session, Refusal::no_ring), false;
  session.authenticated = true;
  session.peer = credential.value().credential.id;
  session.reader.set_cap(limits::kStreamMessage);
  session.deadline = s_.now + s_.config.sync_deadline;
  intake_.take({RumorKind::credential, hello.credential, {}});
  if (session.inbound) {
    append_stream_message(make_hello(s_, true, session.exporter, hello.probe), session.out);
    if (hello.probe) {
      answer_probe(session);
      return true;
    }
    send_own_part(session);
  }
  return true;
}

// From a server that has not said who it is: the one thing that needs no sender, once.
bool Sessions::take_shown_revocation(Session& session) {
  if (session.inbound || session.records > 0 || !is_shown_revocation(message_)) return false;
  session.records += message_.rumors.size();
  for (const Rumor& rumor : message_.rumors) intake_.take(rumor);
  return true;
}

// That it is there, and what it believes of the client, so that a client who is wrong about itself hears of it.
void Sessions::answer_probe(Session& session) {
  session.purpose = Purpose::probe;
  session.deadline = s_.now + s_.config.stream_deadline;
  StreamMessage belief;
  belief.kind = StreamKind::rumors;
  const Member* client = s_.table.find(session.peer);
  if (client != nullptr && client->core) belief.rumors.push_back({RumorKind::core, client->core->record, {}});
  append_stream_message(belief, session.out);
  send(session);  // it closes
}

void Sessions::send_own_part(Session& session) {
  session.telling = true;
  session.begun = true;
  std::vector<ByteVector> storage;
  append_stream_message(make_ring(s_, storage), session.out);
  StreamMessage retirement;
  retirement.kind = StreamKind::rumors;
  add_retirement(s_, storage, retirement);
  if (!retirement.rumors.empty()) append_stream_message(retirement, session.out);
  const auto& all = s_.table.all();
  session.to_send.reserve(all.size());
  for (auto it = all.rbegin(); it != all.rend(); ++it) session.to_send.push_back((*it)->id());
  session.events_to_send = intake_.events().live();
  send_next_chunk(session);
}

// Revocations and force-leaves; credential, core, body of as many members as fit one message; then accusations, then
// live events; then `done`. What does not fit waits for the next chunk: a full one ends each loop.
void Sessions::send_next_chunk(Session& session) {
  StreamMessage chunk;
  chunk.kind = StreamKind::rumors;
  std::size_t size = 0;
  const auto add = [&](RumorKind kind, Bytes record) {
    chunk.rumors.push_back({kind, record, {}});
    size += rumor_size(chunk.rumors.back());
  };
  const bool verdicts_told = add_verdicts(session, chunk, size);
  while (!session.to_send.empty() && size < kChunk && chunk.rumors.size() + 3 < limits::kStreamRumors) {
    const Member* member = s_.table.find(session.to_send.back());
    session.to_send.pop_back();
    if (member == nullptr) continue;
    add(RumorKind::credential, member->credential->record);
    if (s_.is_revoked(*member)) continue;  // all that it has signed is refused
    if (member->core) add(RumorKind::core, member->core->record);
    if (member->body) add(RumorKind::body, member->body->record);
    if (!member->evidence().witnesses().empty()) session.accused.push_back(member->id());
  }
  if (session.to_send.empty()) add_accusations(session, chunk, size);
  if (session.to_send.empty() && session.accused.empty()) add_events(session, chunk, size);
  if (!chunk.rumors.empty()) append_stream_message(chunk, session.out);
  if (verdicts_told && session.to_send.empty() && session.accused.empty() && session.events_to_send.empty()) {
    StreamMessage done;
    done.kind = StreamKind::done;
    append_stream_message(done, session.out);
    session.told = true;
  }
  send(session);
}

// True once all are told. What is learned meanwhile is told as well: they are counted, not listed.
bool Sessions::add_verdicts(Session& session, StreamMessage& chunk, std::size_t& size) {
  while (session.verdicts_sent < s_.verdicts.size()) {
    if (size >= kChunk || chunk.rumors.size() == limits::kStreamRumors) return false;
    chunk.rumors.push_back(s_.verdicts.at(session.verdicts_sent++));
    size += rumor_size(chunk.rumors.back());
  }
  return true;
}

// A batch is told once for each of its subjects: the receiver drops what it holds unverified.
void Sessions::add_accusations(Session& session, StreamMessage& chunk, std::size_t& size) {
  while (!session.accused.empty()) {
    const Member* member = s_.table.find(session.accused.back());
    const std::size_t witnesses = member != nullptr ? member->evidence().witnesses().size() : 0;
    // All of one subject's in one chunk, as far as they fit: the rest is for the next sync.
    if (!chunk.rumors.empty() && (size >= kChunk || chunk.rumors.size() + witnesses > limits::kStreamRumors)) return;
    session.accused.pop_back();
    for (std::size_t i = 0; i < witnesses && size < kChunk + kChunk / 2; ++i) {
      if (chunk.rumors.size() == limits::kStreamRumors) break;
      chunk.rumors.push_back({RumorKind::accusation, *member->evidence().witnesses()[i].record, {}});
      size += rumor_size(chunk.rumors.back());
    }
  }
}

void Sessions::add_events(Session& session, StreamMessage& chunk, std::size_t size) {
  while (!session.events_to_send.empty() && size < kChunk && chunk.rumors.size() < limits::kStreamRumors) {
    const Events::LiveKey key = session.events_to_send.back();
    session.events_to_send.pop_back();
    const Rumor event = intake_.events().find(key.origin, key.sequence);
    if (event.record.empty()) continue;
    chunk.rumors.push_back(event);
    size += rumor_size(event);
  }
}

bool Sessions::on_rumors(Session& session, const std::vector<Rumor>& rumors) {
  session.records += rumors.size();
  if (session.records > kRecordsMax) return refuse(session, Refusal::malformed), false;
  for (const Rumor& rumor : rumors) intake_.take(rumor);  // an orphan here waits for gossip or the next sync
  return true;
}

bool Sessions::on_done(Session& session) {
  session.heard = true;
  note_peer_address(session);
  session.telling = true;
  if (!session.begun && !session.draining) send_own_part(session);
  finish_if_over(session);
  return false;  // nothing may follow a `done`
}

// A TLS session with its address proves an endpoint that the peer claims.
void Sessions::note_peer_address(Session& session) {
  Member* peer = s_.table.find(session.peer);
  if (peer == nullptr || !peer->body || peer->contact->proven) return;
  for (const Endpoint& claimed : peer->body->endpoints) {
    const bool same_address = claimed.family == session.endpoint.family && claimed.address == session.endpoint.address;
    if (session.inbound ? same_address : claimed == session.endpoint) {
      peer->contact.own().proven = claimed;
      return;
    }
  }
}

void Sessions::send(Session& session) {
  StreamRequest request;
  request.action = StreamRequest::Action::send;
  request.id = session.id;
  request.bytes = session.out;
  session.draining = true;
  s_.out.push(request);
}

void Sessions::finish_if_over(Session& session) {
  if (session.told && session.heard && !session.draining) finish(session, true, std::nullopt);
}

void Sessions::refuse(Session& session, Refusal reason) {
  if (session.inbound) {
    ++s_.counters.streams_refused;
    if (!session.draining) {
      append_refusal(reason, session.out);
      send(session);
    }
  }
  finish(session, false, session.inbound ? std::optional<Refusal>{} : reason);
}

void Sessions::finish(Session& session, bool succeeded, std::optional<Refusal> refusal) {
  if (!session.over) {
    StreamRequest request;
    request.action = StreamRequest::Action::close;
    request.id = session.id;
    s_.out.push(request);
  }
  if (session.purpose != Purpose::probe) {
    if (succeeded) ++s_.counters.syncs;
    if (succeeded) s_.note_synced(session.peer);
  }
  if (!session.inbound || (succeeded && session.purpose != Purpose::probe)) {
    ended_.push_back({session.endpoint, session.purpose, succeeded, refusal, session.peer});
  }
  const auto found = sessions_.find(session.id);
  finished_.push_back(std::move(found->second));
  sessions_.erase(found);
}

std::size_t Sessions::count_with(const NodeId& peer) const noexcept {
  std::size_t n = 0;
  for (const auto& [id, session] : sessions_) n += session->authenticated && session->peer == peer ? 1 : 0;
  return n;
}

void Sessions::drop(const NodeId& peer) {
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    Session& session = *it->second;
    ++it;  // finish erases the session's own entry
    if (peer == s_.id() || (session.authenticated && session.peer == peer)) finish(session, false, std::nullopt);
  }
}

void Sessions::on_timer() {
  finished_.clear();
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    Session& session = *it->second;
    ++it;  // finish erases the session's own entry
    if (s_.now >= session.deadline) finish(session, false, std::nullopt);
  }
}

std::optional<Instant> Sessions::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [id, session] : sessions_) {
    if (!next || session->deadline < *next) next = session->deadline;
  }
  return next;
}

}  // namespace quorumor
