#include "node/core/revocations.h"

namespace quorumor {

namespace {

std::string reason_of(const Rumor& record) {
  const auto decoded = decode_revocation(record.content());
  const std::string given = decoded ? decoded.value().reason : std::string();
  return given.empty() ? "revoked by the authority" : "revoked by the authority: " + given;
}

}  // namespace

// --- the boot ----------------------------------------------------------------------------------------------------

void Revocations::restore(const std::vector<VerdictRecord>& records, const std::vector<ByteVector>& endorsements) {
  s_.authorities.endorse_all(endorsements_of(records));
  s_.verdicts.note_endorsed(s_.authorities);
  Authorities then = s_.authorities;
  then.endorse_all(endorsements);
  for (const ByteVector& record : then.endorsements()) endorsement({RumorKind::endorsement, record, {}});
  for (const VerdictRecord& r : records) {
    const Rumor rumor{r.kind, r.record, {}};
    if (r.kind == RumorKind::endorsement) continue;
    if (r.kind == RumorKind::revocation) {
      const auto decoded = decode_revocation(rumor.content());
      const Digest digest = revocation_digest(rumor.content());
      if (!decoded || s_.verdicts.judge(decoded.value(), digest) != Verdicts::Fit::news) continue;
      if (verify_record(SignDomain::revocation, rumor)) s_.verdicts.add(decoded.value(), digest, r.record);
    } else {
      const auto decoded = decode_force_leave(rumor.content());
      if (!decoded || s_.verdicts.judge(decoded.value()) != Verdicts::Fit::news) continue;
      if (verify_record(SignDomain::force_leave, rumor)) s_.verdicts.add(decoded.value(), r.record);
    }
  }
}

void Revocations::start() {
  for (const Keyring::Entry& entry : s_.ring.entries()) note_announced(entry.announcement.announcement.revocations);
  for (const auto& m : s_.table.all()) {
    bind(*m);
    apply(*m);
  }
}

// --- rumors ------------------------------------------------------------------------------------------------------

IntakeResult Revocations::take(const Rumor& rumor) {
  full_ = false;
  switch (rumor.kind) {
    case RumorKind::revocation: return revocation(rumor);
    case RumorKind::force_leave: return force_leave(rumor);
    case RumorKind::endorsement: return endorsement(rumor);
    default: return IntakeResult::refused;
  }
}

bool Revocations::verify_record(SignDomain domain, const Rumor& rumor) {
  ++s_.counters.signature_checks;
  const bool good = s_.authorities.verify(domain, rumor.content(), rumor.signature());
  if (!good) ++s_.counters.rumors_bad_signature;
  return good;
}

IntakeResult Revocations::revocation(const Rumor& rumor) {
  const auto decoded = decode_revocation(rumor.content());
  if (!decoded) return IntakeResult::refused;
  const Digest digest = revocation_digest(rumor.content());
  const Verdicts::Fit fit = s_.verdicts.judge(decoded.value(), digest);
  if (fit == Verdicts::Fit::known) return IntakeResult::known;
  if (fit == Verdicts::Fit::full) return full_ = true, ++s_.counters.verdicts_over_limit, IntakeResult::refused;
  if (!verify_record(SignDomain::revocation, rumor)) return IntakeResult::refused;

  const NodeId id = decoded.value().id;
  s_.verdicts.add(decoded.value(), digest, to_vector(rumor.record));
  unwritten_ = true;
  if (Member* member = s_.table.find(id)) {
    bind(*member);
    apply(*member);
  }
  s_.queue.push(key_of(decoded.value(), digest), rumor);
  return IntakeResult::accepted;
}

IntakeResult Revocations::force_leave(const Rumor& rumor) {
  const auto decoded = decode_force_leave(rumor.content());
  if (!decoded) return IntakeResult::refused;
  const Verdicts::Fit fit = s_.verdicts.judge(decoded.value());
  if (fit == Verdicts::Fit::known) return IntakeResult::known;
  if (fit == Verdicts::Fit::full) return full_ = true, ++s_.counters.verdicts_over_limit, IntakeResult::refused;
  if (!verify_record(SignDomain::force_leave, rumor)) return IntakeResult::refused;

  const NodeId id = decoded.value().id;
  s_.verdicts.add(decoded.value(), to_vector(rumor.record));
  unwritten_ = true;
  s_.queue.push({RumorKind::force_leave, id, {}}, rumor);
  if (Member* member = s_.table.find(id)) {
    bind(*member);
    apply(*member);
  }
  return IntakeResult::accepted;
}

IntakeResult Revocations::endorsement(const Rumor& rumor) {
  const auto decoded = decode_endorsement(rumor.content());
  if (!decoded) return IntakeResult::refused;
  switch (s_.authorities.endorse(rumor.record)) {
    case Authorities::Fit::known: return IntakeResult::known;
    case Authorities::Fit::full: return full_ = true, ++s_.counters.verdicts_over_limit, IntakeResult::refused;
    case Authorities::Fit::refused:
      ++s_.counters.signature_checks;
      ++s_.counters.rumors_bad_signature;
      return IntakeResult::refused;
    case Authorities::Fit::news: break;
  }
  ++s_.counters.signature_checks;
  s_.verdicts.note_endorsed(s_.authorities);
  unwritten_ = true;
  s_.queue.push(key_of(*decoded), rumor);
  s_.event(Event::Kind::authority_endorsed, *s_.self, "key " + to_hex(decoded->key));
  return IntakeResult::accepted;
}

void Revocations::on_credential(Member& member, bool restoring) {
  bind(member);
  if (!restoring) apply(member);
}

Rumor Revocations::find(const WantItem& item) const noexcept {
  if (item.kind == RumorKind::force_leave) return s_.verdicts.force_leave_of(item.id);
  const Rumor of_id = s_.verdicts.revocation_of(item.id);
  return of_id.record.empty() ? s_.verdicts.revocation_by_digest(item.id) : of_id;
}

std::optional<VerdictError> Revocations::command(RumorKind kind, Bytes record) {
  if (s_.silent) return VerdictError::ending;
  if (!is_record_size(kind, record.size())) return VerdictError::malformed;
  const Rumor rumor{kind, record, {}};
  NodeId about{};
  RumorKey key{kind, {}, {}};
  if (kind == RumorKind::revocation) {
    const auto decoded = decode_revocation(rumor.content());
    if (!decoded || decoded.value().serial == Serial{}) return VerdictError::malformed;
    about = decoded.value().id;
    key = key_of(decoded.value(), revocation_digest(rumor.content()));
  } else {
    const auto decoded = decode_force_leave(rumor.content());
    if (!decoded || decoded.value().generation == Generation{}) return VerdictError::malformed;
    about = key.about = decoded.value().id;
  }
  if (about == s_.id()) return VerdictError::own;
  switch (take(rumor)) {
    case IntakeResult::accepted: ++s_.counters.rumors_accepted; return std::nullopt;
    case IntakeResult::known:
      if (!verify_record(kind == RumorKind::revocation ? SignDomain::revocation : SignDomain::force_leave, rumor)) {
        return VerdictError::wrong_signature;
      }
      s_.queue.push(key, rumor);
      return std::nullopt;
    case IntakeResult::orphaned:
    case IntakeResult::refused: break;
  }
  return full_ ? VerdictError::full : VerdictError::wrong_signature;
}

std::optional<VerdictError> Revocations::endorse(std::span<const ByteVector> records) {
  if (records.empty()) return std::nullopt;
  if (s_.silent) return VerdictError::ending;
  for (const ByteVector& record : records) {
    if (!is_record_size(RumorKind::endorsement, record.size())) return VerdictError::malformed;
  }
  Authorities then = s_.authorities;
  if (!then.endorse_all(records)) return then.full() ? VerdictError::full : VerdictError::wrong_signature;
  for (const ByteVector& record : then.endorsements()) take({RumorKind::endorsement, record, {}});
  return std::nullopt;
}

// --- what follows ------------------------------------------------------------------------------------------------

// What is held of the member's id becomes evidence about it.
void Revocations::bind(Member& member) {
  const Serial through = s_.verdicts.revoked_through(member.id());
  const Generation left = s_.verdicts.force_left_through(member.id());
  if (through != Serial{}) member.own_evidence().learn_eviction(through);
  if (left != Generation{}) member.own_evidence().learn_force_leave(left);
}

void Revocations::apply(Member& member) {
  if (&member == s_.self) return apply_to_self();
  if (s_.is_revoked(member)) {
    if (member.state == MemberState::evicted) return;
    // Nothing of it is told any more, before what evicts it is.
    s_.queue.erase_about(member.id());
    transitions_.on_verdict(member, reason_of(s_.verdicts.revocation_of(member.id())));
    transitions_.on_accuser_gone(member.id(), "its accuser is evicted");
    if (evicted_.size() < kLinksMax) evicted_.push_back(member.id());
    s_.snapshot_dirty = true;
  } else if (s_.is_force_left(member)) {
    transitions_.on_verdict(member, "declared gone by the authority");
  }
}

void Revocations::apply_to_self() {
  if (s_.silent) return;
  if (s_.is_revoked(*s_.self)) {
    s_.silent = true;
    evicted_.push_back(s_.id());
    s_.event(Event::Kind::revoked, *s_.self, reason_of(s_.verdicts.revocation_of(s_.id())));
  } else if (s_.is_force_left(*s_.self) && !s_.leaving) {
    self_.outlive(s_.verdicts.force_left_through(s_.id()));
  }
}

std::optional<NodeId> Revocations::take_evicted() {
  if (evicted_.empty()) return std::nullopt;
  const NodeId out = evicted_.back();
  evicted_.pop_back();
  return out;
}

// --- words -------------------------------------------------------------------------------------------------------

const char* to_string(VerdictError error) noexcept {
  switch (error) {
    case VerdictError::malformed: return "not such a record of the authority";
    case VerdictError::wrong_signature: return "not signed by this cluster's authority";
    case VerdictError::own: return "it is about this very node; give it to another member's agent";
    case VerdictError::full: return "this node holds as many as it ever will; a new cluster label begins afresh";
    case VerdictError::ending: return "this node is silenced; give it to another member's agent";
  }
  return "?";
}

const char* to_string(RenewError error) noexcept {
  switch (error) {
    case RenewError::malformed: return "not a credential";
    case RenewError::wrong_signature: return "not signed by this cluster's authority";
    case RenewError::other_node: return "it is another node's";
    case RenewError::other_key: return "it is for another identity key; install it and restart the agent";
    case RenewError::not_newer: return "its serial is not above the present one; have the authority issue a new one";
    case RenewError::expired: return "it has expired; have the authority issue a new one, or check the clock";
    case RenewError::revoked: return "it is revoked; have the authority issue a new one";
    case RenewError::ending: return "this node is silenced; restart it";
  }
  return "?";
}

}  // namespace quorumor
