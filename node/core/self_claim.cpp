#include "node/core/self_claim.h"

#include <algorithm>

namespace quorumor {

void SelfClaim::begin() {
  rebuild(Incarnation{1}, false);
  s_.table.set_state(*s_.self, MemberState::alive, s_.now);
  s_.policy->on_state(s_.id(), MemberState::alive);
  announce();
}

void SelfClaim::rebuild(Incarnation incarnation, bool leaving) {
  Body body;
  body.id = s_.id();
  body.endpoints = s_.advertise;
  body.metadata = s_.metadata;
  const ByteVector body_record = encode_body(body);

  Core core;
  core.id = s_.id();
  core.at = {s_.self->credential->credential.serial, s_.generation, incarnation};
  core.session_key = s_.links.session_key();
  core.leaving = leaving;
  core.next_event = s_.next_event;
  core.body_digest = body_digest(body_record);
  const auto content = encode_core(core);
  const Signature signature = s_.identity.sign(SignDomain::core, s_.cluster, content);

  s_.table.set_core(*s_.self, HeldCore(join_record(content, signature)));
  s_.self->body = HeldBody(body_record, std::move(body));
  s_.snapshot_dirty = true;
}

void SelfClaim::announce(RumorQueue::Purpose purpose) {
  const NodeId& id = s_.id();
  s_.queue.push({RumorKind::credential, id, {}}, {RumorKind::credential, s_.self->credential->record, {}});
  s_.queue.push({RumorKind::core, id, {}}, {RumorKind::core, s_.self->core->record, {}}, purpose);
  s_.queue.push({RumorKind::body, id, {}}, {RumorKind::body, s_.self->body->record, {}});
}

void SelfClaim::advance(RumorQueue::Purpose purpose) {
  const auto next = s_.self->core->core.at.incarnation.next();
  if (!next) return;
  rebuild(*next, s_.self->core->core.leaving);
  announce(purpose);
}

Duration SelfClaim::pause(Duration longest) const noexcept {
  unsigned least = Muting::kRefutationsCounted;
  for (const Witness& w : s_.self->evidence().witnesses()) {
    least = std::min(least, s_.self->dossier->muting ? s_.self->dossier->muting->refutations(w.accuser, s_.now) : 0);
  }
  const Duration doubled = least > 1 ? Duration{1s} * (1 << (least - 1)) : 1s;
  return std::min<Duration>(doubled, std::max<Duration>(longest, 1s));
}

void SelfClaim::reassure() {
  if (s_.leaving || !s_.joined || !s_.self->evidence().witnesses().empty()) return;
  const auto& live = s_.ring.entries();
  if (live.empty() || live.front().epoch() == Epoch{1}) return;  // nothing has lapsed
  if (reassured_at_ && s_.now < *reassured_at_ + kReassurePause) return;
  reassured_at_ = s_.now;
  advance(RumorQueue::Purpose::refutation);
}

void SelfClaim::refute(Duration longest) {
  if (s_.leaving || s_.self->evidence().witnesses().empty()) return;
  const Instant at = refuted_at_ ? *refuted_at_ + pause(longest) : s_.now;
  if (at <= s_.now) return refute_now();
  refute_at_ = refute_at_ ? std::min(*refute_at_, at) : at;
}

void SelfClaim::refute_now() {
  refute_at_.reset();
  if (s_.leaving || s_.self->evidence().witnesses().empty()) return;
  refuted_at_ = s_.now;
  ++s_.counters.refutations;
  const Member* accuser = s_.table.find(s_.self->evidence().witnesses().front().accuser);
  const std::string who(accuser != nullptr ? accuser->credential->credential.name : "?");
  // One accuser may be wrong about us, or a liar; two mean that we were slow.
  const std::size_t accusers = s_.self->evidence().accusers();
  if (accusers >= 2) s_.health.apply(+1);
  note_refuted(s_, *s_.self);
  advance(RumorQueue::Purpose::refutation);
  s_.event(Event::Kind::refuted, *s_.self,
           "accused by " + who + (accusers > 1 ? " and " + std::to_string(accusers - 1) + " more" : ""));
}

void SelfClaim::on_timer() {
  if (refute_at_ && s_.now >= *refute_at_) refute_now();
}

void note_refuted(CoreState& state, Member& member) {
  const NodeId* last = nullptr;
  for (const Witness& w : member.evidence().witnesses()) {
    if (last != nullptr && *last == w.accuser) continue;  // they are ascending
    last = &w.accuser;
    std::unique_ptr<Muting>& muting = member.dossier.own().muting;
    if (!muting) muting = std::make_unique<Muting>();
    muting->refuted(w.accuser, state.now);
  }
}

void SelfClaim::leave() {
  const auto next = s_.self->core->core.at.incarnation.next();
  if (!next) return;
  rebuild(*next, true);
  s_.table.set_state(*s_.self, MemberState::left, s_.now);
  s_.policy->on_state(s_.id(), MemberState::left);
  announce();
}

void SelfClaim::set_metadata(Bytes metadata) {
  s_.metadata = to_vector(metadata);
  advance();
}

void SelfClaim::meet_own(const Core& other) {
  if (other.at.generation <= s_.generation) {
    // Our own past, or our own present from a claim that we have since moved on from.
    if (other.at.generation == s_.generation && other.at.incarnation >= s_.self->core->core.at.incarnation) {
      s_.silent = true;  // somebody else signs at our coordinates
      s_.event(Event::Kind::clone_alarm, *s_.self, "another process uses this identity and generation");
    }
    return;
  }
  if (s_.joined && ++met_higher_ >= 2) {
    s_.silent = true;
    s_.event(Event::Kind::clone_alarm, *s_.self, "another process uses this identity");
    return;
  }
  move_past(other.at.generation);
}

void SelfClaim::outlive(Generation through) { move_past(through); }

void SelfClaim::move_past(Generation generation) {
  const std::uint64_t upper = generation.value >> 16;
  if (upper >= (std::uint64_t{1} << 48) - 1) return;  // the end of the range: only a new credential serial helps
  s_.generation = Generation{((upper + 1) << 16) | s_.public_rng.below(1 << 16)};
  ByteVector bytes(8);
  store_le<std::uint64_t>(bytes.data(), s_.generation.value);
  s_.out.push(Persist{Persist::What::generation, true, std::move(bytes)});
  rebuild(Incarnation{1}, s_.leaving);
  announce();
}

}  // namespace quorumor
