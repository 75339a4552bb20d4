#include "node/core/intake.h"

#include "membership/precedence.h"

#include <algorithm>

namespace quorumor {

IntakeResult Intake::take(const Rumor& rumor) {
  switch (rumor.kind) {
    case RumorKind::credential: return count(credential(rumor));
    case RumorKind::core: return count(core(rumor));
    case RumorKind::body: return count(body(rumor));
    case RumorKind::accusation: return count(accusation(rumor));
    case RumorKind::event: return count(event(rumor));
    case RumorKind::announcement: return count(announcement(rumor));
    case RumorKind::revocation:
    case RumorKind::endorsement:
    case RumorKind::force_leave: return count(revocations_.take(rumor));
    case RumorKind::proof: break;
  }
  return count(IntakeResult::refused);
}

IntakeResult Intake::count(IntakeResult result) noexcept {
  switch (result) {
    case IntakeResult::accepted: ++s_.counters.rumors_accepted; break;
    case IntakeResult::known: ++s_.counters.rumors_known; break;
    case IntakeResult::orphaned: ++s_.counters.rumors_orphaned; break;
    case IntakeResult::refused: ++s_.counters.rumors_refused; break;
  }
  return result;
}

IntakeResult Intake::orphan(RumorKind kind, const NodeId& id) noexcept {
  missing_ = WantItem{kind, id, 0};
  return IntakeResult::orphaned;
}

IntakeResult Intake::event(const Rumor& rumor) {
  const IntakeResult result = events_.take(rumor);
  if (result == IntakeResult::orphaned) missing_ = events_.missing();
  return result;
}

IntakeResult Intake::announcement(const Rumor& rumor) {
  const IntakeResult result = epochs_.take(rumor);
  if (result == IntakeResult::orphaned) missing_ = epochs_.missing();
  return result;
}

bool Intake::verify_record(const Member& signer, SignDomain domain, const Rumor& rumor) {
  ++s_.counters.signature_checks;
  const bool good = verify(signer.credential->credential.identity, domain, s_.cluster, rumor.content(),
                           rumor.signature());
  if (!good) ++s_.counters.rumors_bad_signature;
  return good;
}

// A whole list is told in every sync, and nearly all of it is known: what is held to the byte need not be decoded,
// which would cost a check that its key is a point of the curve. (Its id lies behind the version.)
bool Intake::is_held(const Rumor& credential) const {
  NodeId id;
  const Bytes content = credential.content();
  if (content.size() < 1 + id.size()) return false;
  std::memcpy(id.data(), content.data() + 1, id.size());
  const Member* held = s_.table.find(id);
  return held != nullptr && equal(held->credential->record, credential.record);
}

IntakeResult Intake::credential(const Rumor& rumor) {
  if (is_held(rumor)) return IntakeResult::known;
  const auto peek = decode_credential(rumor.content());
  if (!peek) return IntakeResult::refused;
  Member* held = s_.table.find(peek.value().id);
  if (held != nullptr && held->credential->credential.serial >= peek.value().serial) return IntakeResult::known;
  if (held == nullptr && s_.table.full()) return IntakeResult::refused;

  ++s_.counters.signature_checks;
  auto verified = verify_credential(s_.authorities, rumor.content(), rumor.signature());
  if (!verified) {
    if (verified.error() == CredentialError::bad_signature) ++s_.counters.rumors_bad_signature;
    return IntakeResult::refused;
  }
  if (held == s_.self) return IntakeResult::known;  // a renewal of our own is put in place by the operator
  if (held != nullptr) {
    held->credential = HeldCredential(verified.value().credential, to_vector(rumor.record));
  } else if (s_.table.insert(std::move(verified.value()), to_vector(rumor.record)) == nullptr) {
    return IntakeResult::refused;
  }
  s_.snapshot_dirty = true;
  // Of a revoked id it is held and not passed on: its name is for operators, its key checks what it once announced.
  Member& member = *s_.table.find(peek.value().id);
  revocations_.on_credential(member, restoring_);
  if (!restoring_ && !s_.is_revoked(member)) s_.queue.push({RumorKind::credential, peek.value().id, {}}, rumor);
  return IntakeResult::accepted;
}

IntakeResult Intake::core(const Rumor& rumor) {
  const auto decoded = decode_core(rumor.content());
  if (!decoded) return IntakeResult::refused;
  const Core& offered = decoded.value();
  // Whatever is signed under a revoked serial is nothing to us. Our own past is one exception, floors are another.
  if (!restoring_ && offered.id != s_.id() && s_.verdicts.is_revoked(offered.id, offered.at.serial)) {
    return IntakeResult::refused;
  }
  Member* member = s_.table.find(offered.id);
  if (member == nullptr) return orphan(RumorKind::credential, offered.id);

  if (member->core) {
    if (equal(rumor.record, member->core->record)) {
      if (!restoring_) transitions_.on_confirmed(*member);
      return IntakeResult::known;
    }
    const Digest digest = core_digest(rumor.content());
    const CoreVerdict verdict = judge_core(member->core->core.at, member->core->digest(), offered.at, digest);
    if (verdict == CoreVerdict::older || verdict == CoreVerdict::duplicate) return IntakeResult::known;
  }
  const Serial held_serial = member->credential->credential.serial;
  if (offered.at.serial > held_serial) return orphan(RumorKind::credential, offered.id);
  if (offered.at.serial < held_serial) return IntakeResult::refused;  // signed under a superseded credential
  if (!verify_record(*member, SignDomain::core, rumor)) return IntakeResult::refused;
  if (member == s_.self) {
    if (!restoring_) self_.meet_own(offered);
    return IntakeResult::known;
  }
  return apply_core(*member, rumor, offered, core_digest(rumor.content()));
}

IntakeResult Intake::apply_core(Member& member, const Rumor& rumor, const Core& core, const Digest& digest) {
  const std::optional<Coordinate> before = member.core ? std::optional(member.core->core.at) : std::nullopt;
  if (before == core.at) {
    // Two signed stories at one coordinate. Until that is a proof, all keep the same one of the two.
    ++s_.counters.conflicts;
    if (!conflict_prefers_offered(member.core->digest(), digest)) return IntakeResult::known;
  }
  // What was sealed to its former session key opens no more. (A link keeps its place.)
  if (member.contact->link != Links::kNone) s_.links.put(core.id, core.session_key);
  if (member.contact && member.core && member.core->core.at.generation != core.at.generation) {
    Contact& contact = member.contact.own();
    // A new process: nothing that it said or did earlier about epochs holds.
    contact.stated = contact.used = contact.last_frame = {};
    contact.acked_epoch = Epoch{};
    contact.answered_last_ping = false;
  }

  const bool refutes = before != core.at && !member.evidence().witnesses().empty();
  if (refutes) s_.queue.erase_about(core.id, RumorKind::accusation);
  // Whoever accused it at a coordinate that it itself has moved on from was refuted. A new generation refutes nobody:
  // that process did end.
  if (before && before->generation == core.at.generation && before != core.at) note_refuted(s_, member);
  s_.table.set_core(member, HeldCore(rumor.record));
  s_.snapshot_dirty = true;
  if (restoring_) return IntakeResult::accepted;
  s_.queue.push({RumorKind::core, core.id, {}}, rumor,
                refutes ? RumorQueue::Purpose::refutation : RumorQueue::Purpose::news);
  transitions_.on_new_core(member);
  return IntakeResult::accepted;
}

IntakeResult Intake::body(const Rumor& rumor) {
  const auto id = peek_body_id(rumor.record);
  if (!id) return IntakeResult::refused;
  Member* member = s_.table.find(*id);
  if (member == nullptr) return orphan(RumorKind::credential, *id);
  if (!member->core) return orphan(RumorKind::core, *id);
  if (member->body && equal(rumor.record, member->body->record)) return IntakeResult::known;
  if (body_digest(rumor.record) != member->core->whole().body_digest) {
    // Of an older claim, or of one that we have not seen; the core that it belongs to will bring it.
    return IntakeResult::known;
  }
  auto decoded = decode_body(rumor.record);
  if (!decoded || member == s_.self) return IntakeResult::refused;
  const auto& endpoints = decoded.value().endpoints;
  const auto& proven = member->contact->proven;
  if (proven && std::find(endpoints.begin(), endpoints.end(), *proven) == endpoints.end()) {
    member->contact.own().proven.reset();
  }
  const bool update = member->state_since != s_.now && member->is_live();
  member->body = HeldBody(to_vector(rumor.record), std::move(decoded.value()));
  s_.snapshot_dirty = true;
  if (restoring_) return IntakeResult::accepted;
  s_.queue.push({RumorKind::body, *id, {}}, rumor);
  if (update) s_.event(Event::Kind::member_updated, *member, "new endpoints or metadata");
  return IntakeResult::accepted;
}

namespace {

Witness witness_of(const Accusation& a, Instant now) {
  Witness w;
  w.accuser = a.accuser;
  w.generation = a.generation;
  w.epochs.assign(a.epochs.begin(), a.epochs.end());
  w.heard_at = now;
  return w;
}

}  // namespace

bool Intake::is_news(const Witness& witness, const AccusedSubject& subject) const {
  const Member* member = s_.table.find(subject.id);
  if (member == nullptr || !member->core) return false;
  const Coordinate& at = member->core->core.at;
  if (at.generation != subject.generation || at.incarnation != subject.incarnation) return false;
  if (member == s_.self ? s_.leaving : member->state == MemberState::left || member->state == MemberState::evicted) {
    return false;
  }
  const auto& held = member->evidence().witnesses();
  // Of the dead, only what replaces evidence that has lapsed.
  if (member->state == MemberState::dead && transitions_.judge(*member).condemned) return false;
  const auto same =
      std::find_if(held.begin(), held.end(), [&](const Witness& w) { return w.accuser == witness.accuser; });
  if (same != held.end() ? !(*same < witness) : held.size() >= kWitnessesHeld) return false;
  return s_.policy->is_worth_holding(subject.id, witness);
}

IntakeResult Intake::accusation(const Rumor& rumor) {
  const auto decoded = decode_accusation(rumor.content());
  if (!decoded) return IntakeResult::refused;
  const Accusation& a = decoded.value();
  if (s_.verdicts.is_revoked(a.accuser, a.serial)) return IntakeResult::refused;
  const Member* accuser = s_.table.find(a.accuser);
  if (accuser == nullptr || accuser->credential->credential.serial < a.serial) {
    return orphan(RumorKind::credential, a.accuser);
  }
  if (accuser->credential->credential.serial > a.serial || accuser->state == MemberState::evicted) {
    return IntakeResult::refused;
  }
  if (!accuser->core) return orphan(RumorKind::core, a.accuser);
  const Witness witness = witness_of(a, s_.now);
  const bool news = std::any_of(a.subjects.begin(), a.subjects.end(),
                                [&](const AccusedSubject& subject) { return is_news(witness, subject); });
  if (!news) return IntakeResult::known;
  if (!verify_record(*accuser, SignDomain::accusation, rumor)) return IntakeResult::refused;
  return apply_accusation(*accuser, a, rumor);
}

// The record is kept once for all of its subjects, and queued once.
IntakeResult Intake::apply_accusation(const Member& accuser, const Accusation& a, const Rumor& rumor) {
  Witness witness = witness_of(a, s_.now);
  witness.record = std::make_shared<const ByteVector>(to_vector(rumor.record));
  bool news = false;
  for (const AccusedSubject& subject : a.subjects) {
    if (!is_news(witness, subject)) continue;
    Member& member = *s_.table.find(subject.id);
    if (&member == s_.self) {
      apply_to_self(witness);
      continue;
    }
    s_.table.learn_witness(member, witness);
    news = true;
    if (&accuser != s_.self) {
      s_.health.take_back(subject.id);
      if (accused_.size() < kLinksMax) accused_.push_back(subject.id);
    }
    transitions_.on_accused(member, accuser);
  }
  if (news) s_.queue.push(key_of(a, rumor.record), rumor);  // a batch once, however many it names
  return IntakeResult::accepted;
}

void Intake::apply_to_self(const Witness& witness) {
  s_.table.learn_witness(*s_.self, witness);
  on_doubted();
}

// Whether an accuser counts, or is muted, is for others to say: after a partition we hold for dead whoever accused us
// across it, and they are the ones that must hear of us; and who has missed an earlier refutation has muted nobody.
// That one liar cannot spin our incarnation is refute's care.
void Intake::on_doubted() {
  if (!s_.self->evidence().witnesses().empty()) self_.refute(transitions_.window_min());
}

void Intake::accuse(const Accusation& accusation, const ByteVector& record) {
  ++s_.counters.accusations_signed;
  apply_accusation(*s_.self, accusation, {RumorKind::accusation, record, {}});
}

std::optional<NodeId> Intake::take_accused() {
  if (accused_.empty()) return std::nullopt;
  const NodeId out = accused_.back();
  accused_.pop_back();
  return out;
}

void Intake::restore(const SnapshotRecord& record) {
  restoring_ = true;
  const auto signed_size = [](const ByteVector& r) { return r.size() > limits::kSignature; };
  if (signed_size(record.credential)) credential({RumorKind::credential, record.credential, {}});
  if (signed_size(record.core)) core({RumorKind::core, record.core, {}});
  if (!record.body.empty()) body({RumorKind::body, record.body, {}});
  restoring_ = false;
}

}  // namespace quorumor
