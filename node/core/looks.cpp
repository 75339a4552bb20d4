#include "node/core/looks.h"

#include <algorithm>

namespace quorumor {

namespace {

constexpr unsigned kLastLookRelays = 2;
constexpr unsigned kGroupDraws = 16;  // of relays for each, until one of a group that has been asked will do

}  // namespace

bool Looks::may_introduce(const Member& to) const noexcept {
  if (!to.contact->introduced_at) return true;
  return to.contact->proven ? !to.contact->answered_last_ping : s_.now - *to.contact->introduced_at >= 10s;
}

Duration Looks::first_timeout(const Member& to, bool scaled) const noexcept {
  const Duration timeout = to.contact->round_trips.timeout(s_.config.probe_timeout_min, s_.config.probe_timeout);
  return scaled ? s_.health.scale(timeout) : timeout;
}

std::optional<Sequence> Looks::next_sequence() {
  const auto sequence = last_sequence_.next();
  if (sequence) last_sequence_ = *sequence;
  return sequence;
}

bool Looks::ping(Member& to, const Sender::Options& options) {
  const auto sequence = next_sequence();
  if (!sequence) return false;
  const bool sent = sender_.send(to, sender_.blank(MessageKind::ping, *sequence), options);
  if (sent) to.contact.own().answered_last_ping = false;
  return sent;
}

bool Looks::is_running(const NodeId& target, LookKind kind) const noexcept {
  return std::any_of(looks_.begin(), looks_.end(),
                     [&](const Flight& l) { return l.target == target && l.kind == kind; });
}

bool Looks::begin(Member& target, LookKind kind) {
  if (!has_room() || is_running(target.id(), kind)) return false;
  const auto sequence = next_sequence();
  if (!sequence) return false;
  Sender::Options options;
  options.introduce = may_introduce(target) && (!target.contact->introduced_at || !target.contact->answered_last_ping);
  if (!sender_.send(target, sender_.blank(MessageKind::ping, *sequence), options)) return false;
  target.contact.own().answered_last_ping = false;
  if (!target.contact->unanswered_since) target.contact.own().unanswered_since = s_.now;

  const bool scaled = kind == LookKind::cycle;
  const Duration fixed = scaled ? s_.health.scale(s_.config.probe_timeout) : s_.config.probe_timeout;
  Flight look;
  look.kind = kind;
  look.target = target.id();
  look.at = target.core ? target.core->core.at : Coordinate{};
  look.sequence = *sequence;
  look.sent_at = s_.now;
  look.second_at = s_.now + first_timeout(target, scaled);
  look.fails_at = s_.now + (kind == LookKind::last ? fixed : 2 * fixed);
  // Relays come first; a handshake is dear, and has what is left of the time.
  look.stream_at = look.second_at + (look.fails_at - look.second_at) / 3;
  looks_.push_back(std::move(look));
  if (kind == LookKind::last) {
    Flight& last = looks_.back();
    last.second_sent = last.stream_tried = true;
    ask_relays(target, last, kLastLookRelays);
  }
  return true;
}

// All of these keep the first ping's sequence: any answer will do.
void Looks::second_try(Flight& look) {
  look.second_sent = true;
  Member* target = s_.table.find(look.target);
  if (target == nullptr) return;
  Sender::Options options;
  options.introduce = may_introduce(*target);
  sender_.send(*target, sender_.blank(MessageKind::ping, look.sequence), options);
  ask_relays(*target, look, s_.config.indirect_probes);
}

// From different network groups where there are several: the path that failed may be a group's.
void Looks::ask_relays(Member& target, Flight& look, unsigned count) {
  relays_.clear();
  for (const auto& m : s_.table.all()) {
    if (m != s_.self && m != &target && m->state == MemberState::alive && m->contact->proven) {
      relays_.push_back(m);
    }
  }
  boost::container::static_vector<std::uint64_t, 16> groups;
  const unsigned draws = kGroupDraws * count;
  for (unsigned tries = 0; look.asked.size() < count && tries < draws + count && !relays_.empty(); ++tries) {
    const auto pick = static_cast<std::size_t>(s_.secret_rng.below(relays_.size()));
    Member& relay = *relays_[pick];
    const std::uint64_t group = network_group(s_, *relay.contact->proven);
    // After enough draws there are not enough groups: any will do.
    const bool taken = std::find(groups.begin(), groups.end(), group) != groups.end();
    if (taken && tries < draws && relays_.size() > count - look.asked.size()) continue;
    relays_[pick] = relays_.back();
    relays_.pop_back();
    const Bytes ping = sender_.seal_bare(target, sender_.blank(MessageKind::ping, look.sequence), sealed_);
    if (ping.empty()) return;
    Message& request = sender_.blank(MessageKind::relay, look.sequence);
    request.peer = target.id();
    request.sealed = ping;
    if (!sender_.send(relay, request, {})) continue;
    groups.push_back(group);
    look.asked.push_back({relay.id(), false});
  }
}

void Looks::try_stream(Flight& look) {
  look.stream_tried = true;
  if (look.kind == LookKind::cycle) results_.push_back({look.kind, look.target, look.at, false, false});
  const Member* target = s_.table.find(look.target);
  if (!s_.config.stream_probe || target == nullptr) return;
  const auto endpoint = endpoint_of(s_, *target);
  if (endpoint) sessions_.dial(*endpoint, Sessions::Purpose::probe, look.fails_at - s_.now);
}

bool Looks::on_ack(Member& from, Sequence sequence, bool direct) {
  from.contact.own().answered_last_ping = true;
  from.contact.own().unanswered_since.reset();
  for (std::size_t i = 0; i < looks_.size(); ++i) {
    Flight& look = looks_[i];
    if (look.target != from.id() || look.sequence != sequence) continue;
    if (direct && !look.second_sent) from.contact.own().round_trips.add(s_.now - look.sent_at);
    if (look.kind == LookKind::cycle) s_.health.apply(-1);
    end(i, true);
    return true;
  }
  return false;
}

void Looks::on_stream_answer(const NodeId& from) {
  for (std::size_t i = looks_.size(); i-- > 0;) {
    if (looks_[i].target == from && looks_[i].stream_tried && looks_[i].kind != LookKind::last) end(i, true);
  }
}

void Looks::on_nack(const Member& relay, Sequence sequence) {
  for (Flight& look : looks_) {
    if (look.sequence != sequence) continue;
    for (Asked& a : look.asked) {
      if (a.relay == relay.id()) a.nacked = true;
    }
  }
}

// Lifeguard's rule: relays that say that they got no answer show that this node's own links work; those that say
// nothing put it in doubt. Without relays the missing ack itself does.
void Looks::fail(const Flight& look) {
  if (look.kind != LookKind::cycle) return;
  ++s_.counters.probes_failed;
  if (look.asked.empty()) return s_.health.blame(look.target);
  for (const Asked& a : look.asked) {
    if (!a.nacked) s_.health.blame(a.relay);
  }
}

void Looks::end(std::size_t at, bool answered) {
  results_.push_back({looks_[at].kind, looks_[at].target, looks_[at].at, answered, true});
  looks_[at] = std::move(looks_.back());
  looks_.pop_back();
}

void Looks::on_timer() {
  for (std::size_t i = 0; i < looks_.size(); ++i) {
    Flight& look = looks_[i];
    if (!look.second_sent && s_.now >= look.second_at) second_try(look);
    if (!look.stream_tried && s_.now >= look.stream_at) try_stream(look);
    if (s_.now < look.fails_at) continue;
    fail(look);
    end(i--, false);
  }
}

void Looks::on_gap() {
  looks_.clear();
}

std::optional<Instant> Looks::next_deadline() const {
  std::optional<Instant> next;
  for (const Flight& look : looks_) {
    const Instant due = !look.second_sent ? look.second_at : !look.stream_tried ? look.stream_at : look.fails_at;
    if (!next || due < *next) next = due;
  }
  return next;
}

std::optional<LookResult> Looks::take_result() {
  if (results_.empty()) return std::nullopt;
  const LookResult out = results_.back();
  results_.pop_back();
  return out;
}

}  // namespace quorumor
