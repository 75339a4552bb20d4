#include "node/core/self_claim.h"

namespace quorumor {

void SelfClaim::begin() {
  rebuild(Incarnation{1}, false);
  s_.self->state = MemberState::alive;
  s_.self->state_since = s_.now;
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
  core.at = {s_.self->credential.credential.serial, s_.generation, incarnation};
  core.session_key = s_.links.session_key();
  core.leaving = leaving;
  core.next_event = s_.next_event;
  core.body_digest = body_digest(body_record);
  const auto content = encode_core(core);
  const Signature signature = s_.identity.sign(SignDomain::core, s_.cluster, content);

  HeldCore held;
  held.record = join_record(content, signature);
  held.core = core;
  held.digest = core_digest(content);
  s_.table.set_core(*s_.self, std::move(held));
  s_.self->body = HeldBody{body_record, std::move(body)};
  s_.snapshot_dirty = true;
}

void SelfClaim::announce() {
  const NodeId& id = s_.id();
  s_.queue.push({RumorKind::credential, id, {}}, {RumorKind::credential, s_.self->credential_record, {}});
  s_.queue.push({RumorKind::core, id, {}}, {RumorKind::core, s_.self->core->record, {}});
  s_.queue.push({RumorKind::body, id, {}}, {RumorKind::body, s_.self->body->record, {}});
}

void SelfClaim::advance() {
  const auto next = s_.self->core->core.at.incarnation.next();
  if (!next) return;
  rebuild(*next, s_.self->core->core.leaving);
  announce();
}

void SelfClaim::refute(const Member& accuser) {
  if (refuted_at_ && s_.now - *refuted_at_ < 1s) return;
  refuted_at_ = s_.now;
  ++s_.counters.refutations;
  advance();
  s_.event(Event::Kind::refuted, *s_.self, "accused by " + accuser.credential.credential.name);
}

void SelfClaim::leave() {
  const auto next = s_.self->core->core.at.incarnation.next();
  if (!next) return;
  rebuild(*next, true);
  s_.self->state = MemberState::left;
  s_.self->state_since = s_.now;
  s_.table.set_terminal(*s_.self, true);
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
  const std::uint64_t upper = other.at.generation.value >> 16;
  if (upper >= (std::uint64_t{1} << 48) - 1) return;  // the end of the range: only a new credential serial helps
  s_.generation = Generation{((upper + 1) << 16) | s_.public_rng.below(1 << 16)};
  ByteVector bytes(8);
  store_le<std::uint64_t>(bytes.data(), s_.generation.value);
  s_.out.push(Persist{Persist::What::generation, true, std::move(bytes)});
  rebuild(Incarnation{1}, s_.leaving);
  announce();
}

}  // namespace quorumor
