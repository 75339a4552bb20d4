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
    case RumorKind::announcement:  // epochs travel with the ring over streams (sessions.h)
    case RumorKind::revocation:
    case RumorKind::force_leave:
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

bool Intake::verify_record(const Member& signer, SignDomain domain, const Rumor& rumor) {
  ++s_.counters.signature_checks;
  const bool good = verify(signer.credential.credential.identity, domain, s_.cluster, rumor.content(),
                           rumor.signature());
  if (!good) ++s_.counters.rumors_bad_signature;
  return good;
}

IntakeResult Intake::credential(const Rumor& rumor) {
  const auto peek = decode_credential(rumor.content());
  if (!peek) return IntakeResult::refused;
  Member* held = s_.table.find(peek.value().id);
  if (held != nullptr && held->credential.credential.serial >= peek.value().serial) return IntakeResult::known;
  if (held == nullptr && s_.table.full()) return IntakeResult::refused;

  ++s_.counters.signature_checks;
  auto verified = verify_credential(s_.authority, s_.cluster, rumor.content(), rumor.signature());
  if (!verified) {
    if (verified.error() == CredentialError::bad_signature) ++s_.counters.rumors_bad_signature;
    return IntakeResult::refused;
  }
  if (held == s_.self) return IntakeResult::known;  // a renewal of our own is put in place by the operator
  if (held != nullptr) {
    held->credential = std::move(verified.value());
    held->credential_record = to_vector(rumor.record);
  } else if (s_.table.insert(std::move(verified.value()), to_vector(rumor.record)) == nullptr) {
    return IntakeResult::refused;
  }
  s_.snapshot_dirty = true;
  if (!restoring_) s_.queue.push({RumorKind::credential, peek.value().id, {}}, rumor);
  return IntakeResult::accepted;
}

IntakeResult Intake::core(const Rumor& rumor) {
  const auto decoded = decode_core(rumor.content());
  if (!decoded) return IntakeResult::refused;
  const Core& offered = decoded.value();
  Member* member = s_.table.find(offered.id);
  if (member == nullptr) return orphan(RumorKind::credential, offered.id);

  if (member->core) {
    if (equal(rumor.record, member->core->record)) {
      if (!restoring_) transitions_.on_confirmed(*member);
      return IntakeResult::known;
    }
    const Digest digest = core_digest(rumor.content());
    const CoreVerdict verdict = judge_core(member->core->core, member->core->digest, offered, digest);
    if (verdict == CoreVerdict::older || verdict == CoreVerdict::duplicate) return IntakeResult::known;
  }
  const Serial held_serial = member->credential.credential.serial;
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
  if (member.core && member.core->core.at == core.at) {
    // Two signed stories at one coordinate. Until that is a proof, all keep the same one of the two.
    ++s_.counters.conflicts;
    if (!conflict_prefers_offered(member.core->digest, digest)) return IntakeResult::known;
  }
  const Links::Handle link = s_.links.put(core.id, core.session_key);
  if (link == Links::kNone) return IntakeResult::refused;
  if (member.core && member.core->core.at.generation != core.at.generation) {
    member.stated_epoch = Epoch{};  // a new process: nothing it said earlier about epochs holds
    member.last_frame_epoch = Epoch{};
    member.answered_last_ping = false;
  }
  member.link = link;
  if (s_.by_link.size() <= link) s_.by_link.resize(link + 1, nullptr);
  s_.by_link[link] = &member;

  HeldCore held;
  held.record = to_vector(rumor.record);
  held.core = core;
  held.digest = digest;
  s_.table.set_core(member, std::move(held));
  s_.snapshot_dirty = true;
  if (restoring_) return IntakeResult::accepted;
  s_.queue.push({RumorKind::core, core.id, {}}, rumor);
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
  if (body_digest(rumor.record) != member->core->core.body_digest) {
    // Of an older claim, or of one that we have not seen; the core that it belongs to will bring it.
    return IntakeResult::known;
  }
  auto decoded = decode_body(rumor.record);
  if (!decoded || member == s_.self) return IntakeResult::refused;
  const auto& endpoints = decoded.value().endpoints;
  if (member->proven && std::find(endpoints.begin(), endpoints.end(), *member->proven) == endpoints.end()) {
    member->proven.reset();
  }
  const bool update = member->state_since != s_.now && member->is_live();
  member->body = HeldBody{to_vector(rumor.record), std::move(decoded.value())};
  s_.snapshot_dirty = true;
  if (restoring_) return IntakeResult::accepted;
  s_.queue.push({RumorKind::body, *id, {}}, rumor);
  if (update) s_.event(Event::Kind::member_updated, *member, "new endpoints or metadata");
  return IntakeResult::accepted;
}

bool Intake::is_news(const Accusation& accusation, const AccusedSubject& subject) const {
  const Member* member = s_.table.find(subject.id);
  if (member == nullptr || !member->core) return false;
  const Coordinate& at = member->core->core.at;
  if (at.generation != subject.generation || at.incarnation != subject.incarnation) return false;
  if (member == s_.self) return !s_.leaving;
  if (!member->is_live() && member->state != MemberState::unreachable && member->state != MemberState::unknown) {
    return false;
  }
  if (member->accusations.size() >= kAccusationsHeld) return false;
  return std::none_of(member->accusations.begin(), member->accusations.end(),
                      [&](const HeldAccusation& a) { return a.accuser == accusation.accuser; });
}

IntakeResult Intake::accusation(const Rumor& rumor) {
  const auto decoded = decode_accusation(rumor.content());
  if (!decoded) return IntakeResult::refused;
  const Accusation& a = decoded.value();
  const bool news = std::any_of(a.subjects.begin(), a.subjects.end(),
                                [&](const AccusedSubject& subject) { return is_news(a, subject); });
  if (!news) return IntakeResult::known;
  const Member* accuser = s_.table.find(a.accuser);
  if (accuser == nullptr || accuser->credential.credential.serial < a.serial) {
    return orphan(RumorKind::credential, a.accuser);
  }
  if (accuser->credential.credential.serial > a.serial || accuser->state == MemberState::evicted) {
    return IntakeResult::refused;
  }
  if (!accuser->core || accuser->core->core.at.generation < a.generation) return orphan(RumorKind::core, a.accuser);
  if (accuser->core->core.at.generation > a.generation) return IntakeResult::known;  // from its former life
  if (!verify_record(*accuser, SignDomain::accusation, rumor)) return IntakeResult::refused;
  return apply_accusation(*accuser, a, rumor);
}

IntakeResult Intake::apply_accusation(const Member& accuser, const Accusation& a, const Rumor& rumor) {
  for (const AccusedSubject& subject : a.subjects) {
    if (!is_news(a, subject)) continue;
    Member* member = s_.table.find(subject.id);
    if (member == s_.self) {
      self_.refute(accuser);
      continue;
    }
    member->accusations.push_back({a.accuser, a.generation, to_vector(rumor.record), a});
    transitions_.on_accused(*member);
    s_.queue.push({RumorKind::accusation, subject.id, a.accuser}, rumor);
  }
  return IntakeResult::accepted;
}

void Intake::accuse(Member& subject) {
  if (!subject.core || !s_.policy->may_accuse(subject.id())) return;
  Accusation a;
  a.accuser = s_.id();
  a.serial = s_.self->credential.credential.serial;
  a.generation = s_.generation;
  for (const Keyring::Entry& entry : s_.ring.entries()) {
    if (a.epochs.empty() || a.epochs.back() < entry.epoch()) a.epochs.push_back(entry.epoch());
  }
  if (a.epochs.empty()) return;
  a.subjects.push_back({subject.id(), subject.core->core.at.generation, subject.core->core.at.incarnation});
  if (!is_news(a, a.subjects.front())) return;
  const ByteVector content = encode_accusation(a);
  const ByteVector record =
      join_record(content, s_.identity.sign(SignDomain::accusation, s_.cluster, content));
  apply_accusation(*s_.self, a, {RumorKind::accusation, record, {}});
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
