#include "node/core/events.h"

#include <algorithm>

namespace quorumor {
const char* to_string(BroadcastError error) noexcept {
  switch (error) {
    case BroadcastError::bad_name: return "an event's name is 1 to 64 characters of a-z, 0-9, '.', '_' and '-'";
    case BroadcastError::too_large: return "an event's payload is at most 512 bytes";
    case BroadcastError::bad_ttl: return "an event's TTL is 1 ms to 1 hour";
    case BroadcastError::no_ring: return "this node has no epoch key yet; let it join a cluster first";
    case BroadcastError::not_joined: return "this node has not joined a cluster yet";
    case BroadcastError::ending: return "this node is about to end";
    case BroadcastError::too_fast: return "too many events; others take 10 a second of one node, and short bursts";
  }
  return "?";
}

// --- out ---

std::optional<BroadcastError> Events::check(std::string_view name, std::size_t payload,
                                            std::chrono::milliseconds ttl) const {
  static_assert(limits::kEventPayload == 512, "the message above says so");
  if (!is_valid_name(name)) return BroadcastError::bad_name;
  if (payload > limits::kEventPayload) return BroadcastError::too_large;
  if (ttl < kEventTtlMin || ttl > kEventTtlMax) return BroadcastError::bad_ttl;
  if (s_.ring.newest_with_key() == nullptr) return BroadcastError::no_ring;
  if (!s_.joined) return BroadcastError::not_joined;
  if (s_.leaving || s_.silent) return BroadcastError::ending;
  if (!has_quota(*s_.self, kOwnBurst) || !s_.next_event.next()) return BroadcastError::too_fast;
  return std::nullopt;
}

void Events::broadcast(std::string_view name, Bytes payload, std::chrono::milliseconds ttl) {
  QUORUMOR_ASSERT(!check(name, payload.size(), ttl));
  EventHeader event;
  event.origin = s_.id();
  event.serial = s_.self->credential->credential.serial;
  event.generation = s_.generation;
  event.sequence = s_.next_event;
  event.at = std::clamp(s_.wall_now(), WallTime{}, kRecordTimeMax);
  event.ttl = ttl;
  event.name = name;
  event.payload_size = static_cast<std::uint16_t>(payload.size());
  event.payload_digest = event_payload_digest(payload);
  const ByteVector content = encode_event(event);
  const ByteVector record = join_record(content, s_.identity.sign(SignDomain::event, s_.cluster, content));
  s_.next_event = *s_.next_event.next();
  ++s_.counters.events_sent;
  apply(*s_.self, event, {RumorKind::event, record, payload});
  if (s_.next_event.value - s_.self->core->core.next_event.value >= kReissueAfter) self_.advance();
}

// --- in ---

IntakeResult Events::orphan(RumorKind kind, const EventHeader& event) noexcept {
  missing_ = {kind, event.origin, 0};
  waiting_ = {RumorKind::event, event.origin, event.sequence.value};
  return IntakeResult::orphaned;
}

IntakeResult Events::take(const Rumor& rumor) {
  const auto decoded = decode_event(rumor.content());
  if (!decoded) return IntakeResult::refused;
  const EventHeader& event = decoded.value();
  // Corroborated events need k signers: nobody delivers one yet, so nobody passes one on.
  if (event.policy != EventPolicy::origin_signed) return IntakeResult::refused;
  if (rumor.payload.size() != event.payload_size) return IntakeResult::refused;

  // Thrown out: its forwarder may not know yet.
  if (s_.verdicts.is_revoked(event.origin, event.serial)) return IntakeResult::known;
  Member* origin = s_.table.find(event.origin);
  if (origin == nullptr || origin->credential->credential.serial < event.serial) {
    return orphan(RumorKind::credential, event);
  }
  // Signed under a superseded credential, or by somebody who was thrown out: its forwarder may not know yet.
  if (origin->credential->credential.serial > event.serial || origin->state == MemberState::evicted) {
    return IntakeResult::known;
  }
  if (!origin->core || origin->core->core.at.generation < event.generation) return orphan(RumorKind::core, event);
  if (origin->core->core.at.generation > event.generation) return IntakeResult::known;  // of its former life
  // Of ourselves nobody has news. Were it a clone's, it would take a sequence that we are about to use.
  if (origin == s_.self) return IntakeResult::known;
  const IntakeResult judged = judge(event, *origin, rumor);
  if (judged == IntakeResult::accepted) apply(*origin, event, rumor);
  return judged;
}

IntakeResult Events::judge(const EventHeader& event, const Member& origin, const Rumor& rumor) {
  switch (origin.judge_event(event.sequence)) {
    case EventWindow::Verdict::news: break;
    case EventWindow::Verdict::known: return meet_again(origin, rumor, {event.origin, event.sequence});
    case EventWindow::Verdict::too_old:
      ++s_.counters.events_too_old;
      return IntakeResult::known;
  }
  if (!in_time(event)) {
    ++s_.counters.events_out_of_time;
    return IntakeResult::known;
  }
  if (event_payload_digest(rumor.payload) != event.payload_digest) return IntakeResult::refused;
  // Looked at before the signature, used up only after it: else a forger could silence an origin.
  if (!has_quota(origin, kBurst)) {
    ++s_.counters.events_over_quota;
    return IntakeResult::known;
  }
  return verify_event(origin, rumor) ? IntakeResult::accepted : IntakeResult::refused;
}

// A sequence that was taken: the same event again, or a second story under its number.
IntakeResult Events::meet_again(const Member& origin, const Rumor& rumor, const LiveKey& key) {
  const Rumor held = find(key.origin, key.sequence);
  if (held.record.empty() || equal(held.content(), rumor.content())) return IntakeResult::known;
  if (!verify_event(origin, rumor)) return IntakeResult::refused;
  ++s_.counters.conflicts;  // what was delivered stays delivered
  return IntakeResult::known;
}

bool Events::in_time(const EventHeader& event) const noexcept {
  const WallTime now = s_.wall_now();
  return event.at <= now + kSkew && now <= event.at + event.ttl + kSkew;
}

// GCRA: `quota` is when the next event would be due if they came evenly.
bool Events::has_quota(const Member& origin, unsigned burst) const noexcept {
  return origin.dossier->events->quota <= s_.now + kEvery * (burst - 1);
}

bool Events::verify_event(const Member& origin, const Rumor& rumor) {
  ++s_.counters.signature_checks;
  const PublicKey& key = origin.credential->credential.identity;
  const bool good = verify(key, SignDomain::event, s_.cluster, rumor.content(), rumor.signature());
  if (!good) ++s_.counters.rumors_bad_signature;
  return good;
}

void Events::apply(Member& origin, const EventHeader& event, const Rumor& rumor) {
  EventsTaken& taken = origin.own_events();
  taken.window.accept(event.sequence);
  gaps_.on_taken(origin, event.sequence);
  taken.quota = std::max(taken.quota, s_.now) + kEvery;
  s_.snapshot_dirty = true;
  ++s_.counters.events_delivered;

  Event out;
  out.kind = Event::Kind::user_event;
  out.id = event.origin;
  out.name = origin.credential->credential.name;
  out.generation = event.generation;
  out.incarnation = origin.core->core.at.incarnation;
  out.topic = event.name;
  out.payload = to_vector(rumor.payload);
  out.sequence = event.sequence;
  out.sent_at = event.at;
  out.ttl = event.ttl;
  s_.out.push(std::move(out));

  s_.queue.push(key_of(event), rumor);
  keep(event, rumor);
}

void Events::restore(const SnapshotWindow& window) {
  Member* origin = s_.table.find(window.origin);
  if (origin == nullptr || !origin->core || origin->core->core.at.generation != window.generation) return;
  origin->own_events().begin(EventWindow::restore(window.window));
}

// --- live events ---

void Events::keep(const EventHeader& event, const Rumor& rumor) {
  Live live{to_vector(rumor.record), to_vector(rumor.payload), event.at + event.ttl + kSkew, next_age_++};
  live_bytes_ += live.size();
  // A sequence that another generation of this origin used as well gives way: nobody would take that any more.
  const LiveKey key{event.origin, event.sequence};
  if (const auto former = live_.find(key); former != live_.end()) erase(former);
  live_.emplace(key, std::move(live));
  if (live_.size() > kLiveMax || live_bytes_ > kLiveBytes) drop_ended();
  while (live_.size() > kLiveMax || live_bytes_ > kLiveBytes) drop_one();
}

Events::Store::iterator Events::erase(Store::iterator at) {
  live_bytes_ -= at->second.size();
  return live_.erase(at);
}

void Events::drop_ended() {
  const WallTime now = s_.wall_now();
  for (auto at = live_.begin(); at != live_.end();) at = at->second.ends < now ? erase(at) : std::next(at);
}

// The oldest of the origin that has most. Those of one origin lie together.
void Events::drop_one() {
  auto victim = live_.begin();
  std::size_t most = 0;
  for (auto at = live_.begin(); at != live_.end();) {
    const auto first = at;
    auto oldest = at;
    std::size_t count = 0;
    for (; at != live_.end() && at->first.origin == first->first.origin; ++at, ++count) {
      if (at->second.age < oldest->second.age) oldest = at;
    }
    if (count > most) {
      most = count;
      victim = oldest;
    }
  }
  erase(victim);
}

std::vector<Events::LiveKey> Events::live() {
  drop_ended();
  std::vector<Store::const_iterator> order;
  for (auto at = live_.cbegin(); at != live_.cend(); ++at) order.push_back(at);
  std::sort(order.begin(), order.end(), [](auto a, auto b) { return a->second.age > b->second.age; });
  std::vector<LiveKey> out;
  for (const auto at : order) out.push_back(at->first);
  return out;
}

Rumor Events::find(const NodeId& origin, Sequence sequence) const {
  const auto found = live_.find({origin, sequence});
  if (found == live_.end() || found->second.ends < s_.wall_now()) return {RumorKind::event, {}, {}};
  return {RumorKind::event, found->second.record, found->second.payload};
}

}  // namespace quorumor
