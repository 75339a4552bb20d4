#include "node/core/prober.h"

#include <algorithm>

namespace quorumor {

// The first period begins at a random moment of it, so that a mass start does not beat in step.
void Prober::start() {
  started_ = true;
  const auto period = static_cast<std::uint64_t>(s_.config.probe_interval.count());
  period_at_ = s_.now + Duration{static_cast<std::int64_t>(s_.secret_rng.below(period))};
}

std::optional<Instant> Prober::next_deadline() const {
  if (!started_) return std::nullopt;
  Instant next = period_at_;
  if (in_flight_) {
    const Instant due = in_flight_->second_sent ? in_flight_->fails_at : in_flight_->second_at;
    next = std::min(due, std::max(next, in_flight_->fails_at));
  }
  if (!to_prove_.empty()) next = std::min(next, prove_at_);
  return next;
}

// An introduction to a proven endpoint may follow every unanswered ping; to an unproven one, once in ten seconds.
bool Prober::may_introduce(const Member& to) const noexcept {
  if (!to.introduced_at) return true;
  return to.proven ? !to.answered_last_ping : s_.now - *to.introduced_at >= 10s;
}

bool Prober::ping(Member& to, const Sender::Options& options) {
  const auto sequence = last_sequence_.next();
  if (!sequence) return false;
  last_sequence_ = *sequence;
  const bool sent = sender_.send(to, sender_.blank(MessageKind::ping, *sequence), options);
  if (sent) to.answered_last_ping = false;
  return sent;
}

void Prober::on_timer() {
  if (!started_) return;
  if (in_flight_ && !in_flight_->second_sent && s_.now >= in_flight_->second_at) {
    second_try();
  }
  if (in_flight_ && s_.now >= in_flight_->fails_at) {
    Member* target = s_.table.find(in_flight_->target);
    in_flight_.reset();
    ++s_.counters.probes_failed;
    s_.health.apply(+1);
    if (target != nullptr && target->is_live() && s_.joined && !s_.leaving) intake_.accuse(*target);
  }
  if (s_.now >= period_at_ && !in_flight_) begin_period();
  if (!to_prove_.empty() && s_.now >= prove_at_) prove_one();
}

// All of these keep the first ping's sequence: any answer will do.
void Prober::second_try() {
  in_flight_->second_sent = true;
  Member* target = s_.table.find(in_flight_->target);
  if (target == nullptr) return;
  Sender::Options options;
  options.introduce = may_introduce(*target);
  sender_.send(*target, sender_.blank(MessageKind::ping, in_flight_->sequence), options);
  ask_relays(*target);
}

void Prober::ask_relays(Member& target) {
  relays_.clear();
  for (const auto& m : s_.table.all()) {
    if (m.get() != s_.self && m.get() != &target && m->is_live() && m->proven) relays_.push_back(m.get());
  }
  for (unsigned i = 0; i < s_.config.indirect_probes && !relays_.empty(); ++i) {
    const auto pick = static_cast<std::size_t>(s_.secret_rng.below(relays_.size()));
    const Bytes ping = sender_.seal_bare(target, sender_.blank(MessageKind::ping, in_flight_->sequence), sealed_);
    if (ping.empty()) return;
    Message& request = sender_.blank(MessageKind::relay);
    request.peer = target.id();
    request.sealed = ping;
    sender_.send(*relays_[pick], request, {});
    relays_[pick] = relays_.back();
    relays_.pop_back();
  }
}

void Prober::begin_period() {
  const auto behind = s_.now - period_at_;
  period_at_ = behind > s_.config.probe_interval ? s_.now + s_.config.probe_interval
                                                  : period_at_ + s_.config.probe_interval;
  ping_a_lost_one();
  ask_for_bodies();
  const auto target = transitions_.schedule().next(s_.secret_rng, [this](const NodeId& id) {
    const Member* m = s_.table.find(id);
    return m != nullptr && m != s_.self && m->is_live() && endpoint_of(s_, *m).has_value();
  });
  if (!target) return;
  Member& member = *s_.table.find(*target);
  const auto sequence = last_sequence_.next();
  if (!sequence) return;
  last_sequence_ = *sequence;
  Sender::Options options;
  options.introduce = may_introduce(member) && (!member.introduced_at || !member.answered_last_ping);
  if (!sender_.send(member, sender_.blank(MessageKind::ping, *sequence), options)) return;
  member.answered_last_ping = false;
  ++s_.counters.probes;
  const Duration timeout = s_.health.scale(s_.config.probe_timeout);
  in_flight_ = Probe{*target, *sequence, s_.now + timeout, s_.now + 2 * timeout, false};
}

void Prober::ping_a_lost_one() {
  if (s_.secret_rng.below(10) != 0) return;
  const auto& all = s_.table.all();
  std::size_t lost = 0;
  for (const auto& m : all) lost += m->state == MemberState::dead || m->state == MemberState::unreachable ? 1 : 0;
  if (lost == 0) return;
  std::size_t pick = static_cast<std::size_t>(s_.secret_rng.below(lost));
  for (const auto& m : all) {
    if (m->state != MemberState::dead && m->state != MemberState::unreachable) continue;
    if (pick-- != 0) continue;
    Sender::Options options;
    options.introduce = may_introduce(*m);
    ping(*m, options);
    return;
  }
}

void Prober::ask_for_bodies() {
  Message& question = sender_.blank(MessageKind::want);
  for (const auto& m : s_.table.all()) {
    if (question.wants.size() == question.wants.capacity()) break;
    if (m->is_live() && m->core && !m->body) question.wants.push_back({RumorKind::body, m->id(), 0});
  }
  if (question.wants.empty()) return;
  Member* whom = nullptr;
  std::uint64_t seen = 0;
  for (const auto& m : s_.table.all()) {  // one of those that can be asked, each with the same chance
    if (m.get() != s_.self && m->is_live() && m->proven && s_.secret_rng.below(++seen) == 0) whom = m.get();
  }
  if (whom == nullptr) return;
  Sender::Options options;
  options.gossip = false;
  sender_.send(*whom, question, options);
}

void Prober::on_ack(Member& from, Sequence sequence) {
  from.answered_last_ping = true;
  if (!in_flight_ || in_flight_->target != from.id() || in_flight_->sequence != sequence) return;
  in_flight_.reset();
  s_.health.apply(-1);
}

void Prober::prove(const NodeId& id) {
  if (to_prove_.empty()) prove_at_ = s_.now;
  if (to_prove_.size() < s_.table.size()) to_prove_.push_back(id);
}

void Prober::prove_one() {
  prove_at_ = s_.now + Duration{1s} / s_.config.proving_pings;
  while (!to_prove_.empty()) {
    Member* member = s_.table.find(to_prove_.front());
    to_prove_.pop_front();
    if (member == nullptr || member == s_.self || member->proven || !member->is_live()) continue;
    Sender::Options options;
    options.introduce = may_introduce(*member);
    if (ping(*member, options)) return;
  }
}

}  // namespace quorumor
