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
  return to_prove_.empty() ? period_at_ : std::min(period_at_, prove_at_);
}

void Prober::on_timer() {
  if (!started_) return;
  if (s_.now >= period_at_) begin_period();
  if (!to_prove_.empty() && s_.now >= prove_at_) prove_one();
}

void Prober::on_gap() {
  if (started_ && period_at_ < s_.now) period_at_ = s_.now;
}

// A look that local health has stretched over several periods is waited for: one target at a time.
void Prober::begin_period() {
  const auto behind = s_.now - period_at_;
  period_at_ = behind > s_.config.probe_interval ? s_.now + s_.config.probe_interval
                                                  : period_at_ + s_.config.probe_interval;
  ping_a_lost_one();
  ask_for_bodies();
  if (looks_.is_running(target_, LookKind::cycle)) return;
  const auto target = transitions_.schedule().next(s_.secret_rng, [this](Member::Slot slot) {
    const Member& m = s_.table.at(slot);
    return &m != s_.self && m.is_live() && endpoint_of(s_, m).has_value();
  });
  if (!target) return;
  Member& member = s_.table.at(*target);
  target_ = member.id();
  if (looks_.begin(member, LookKind::cycle)) ++s_.counters.probes;
}

void Prober::ping_a_lost_one() {
  if (s_.secret_rng.below(10) != 0) return;
  const auto& open = s_.table.unsettled();
  std::size_t lost = 0;
  for (const Member* m : open) lost += m->state == MemberState::dead || m->state == MemberState::unreachable ? 1 : 0;
  if (lost == 0) return;
  std::size_t pick = static_cast<std::size_t>(s_.secret_rng.below(lost));
  for (Member* m : open) {
    if (m->state != MemberState::dead && m->state != MemberState::unreachable) continue;
    if (pick-- != 0) continue;
    Sender::Options options;
    options.introduce = looks_.may_introduce(*m);
    looks_.ping(*m, options);
    return;
  }
}

bool Prober::ask_somebody(Message& question) {
  Member* whom = nullptr;
  std::uint64_t seen = 0;
  for (const auto& m : s_.table.all()) {  // one of those that can be asked, each with the same chance
    if (m != s_.self && m->is_live() && m->contact->proven && s_.secret_rng.below(++seen) == 0) whom = m;
  }
  if (whom == nullptr) return false;
  Sender::Options options;
  options.gossip = false;
  return sender_.send(*whom, question, options);
}

void Prober::ask_for_bodies() {
  Message& question = sender_.blank(MessageKind::want);
  for (const Member* m : s_.table.unsettled()) {
    if (question.wants.size() == question.wants.capacity()) break;
    if (m->is_live() && m->core && !m->body) question.wants.push_back({RumorKind::body, m->id(), 0});
  }
  if (!question.wants.empty()) ask_somebody(question);
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
    if (member == nullptr || member == s_.self || member->contact->proven || !member->is_live()) continue;
    Sender::Options options;
    options.introduce = looks_.may_introduce(*member);
    if (looks_.ping(*member, options)) return;
  }
}

}  // namespace quorumor
