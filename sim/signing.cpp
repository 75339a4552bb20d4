#include "sim/signing.h"

#include <algorithm>

namespace quorumor::sim {

ByteVector sign_core(const CoreState& own, const Core& core) {
  const auto content = encode_core(core);
  return join_record(content, own.identity.sign(SignDomain::core, own.cluster, content));
}

ByteVector sign_accusation(const CoreState& own, std::span<const NodeId> subjects, Generation generation) {
  Accusation a;
  a.accuser = own.id();
  a.serial = own.self->credential->credential.serial;
  a.generation = generation;
  for (const Keyring::Entry& entry : own.ring.entries()) {
    if (a.epochs.empty() || a.epochs.back() < entry.epoch()) a.epochs.push_back(entry.epoch());
  }
  for (const NodeId& id : subjects) {
    const Member* member = own.table.find(id);
    if (member == nullptr || !member->core || member == own.self) continue;
    a.subjects.push_back({id, member->core->core.at.generation, member->core->core.at.incarnation});
  }
  std::sort(a.subjects.begin(), a.subjects.end());
  const auto same = [](const AccusedSubject& x, const AccusedSubject& y) { return x.id == y.id; };
  a.subjects.erase(std::unique(a.subjects.begin(), a.subjects.end(), same), a.subjects.end());
  if (a.subjects.size() > limits::kAccusedSubjects) a.subjects.resize(limits::kAccusedSubjects);
  if (a.subjects.empty() || a.epochs.empty()) return {};
  const ByteVector content = encode_accusation(a);
  return join_record(content, own.identity.sign(SignDomain::accusation, own.cluster, content));
}

ByteVector sign_event(CoreState& own, Bytes payload, std::chrono::milliseconds ttl) {
  EventHeader event;
  event.origin = own.id();
  event.serial = own.self->credential->credential.serial;
  event.generation = own.generation;
  event.sequence = own.next_event;
  event.at = std::clamp(own.wall_now(), WallTime{}, kRecordTimeMax);
  event.ttl = ttl;
  event.name = "flood";
  event.payload_size = static_cast<std::uint16_t>(payload.size());
  event.payload_digest = event_payload_digest(payload);
  if (const auto next = own.next_event.next()) own.next_event = *next;
  const ByteVector content = encode_event(event);
  return join_record(content, own.identity.sign(SignDomain::event, own.cluster, content));
}

void publish_core(CoreState& own, const Core& core) {
  const ByteVector record = sign_core(own, core);
  if (!own.table.set_core(*own.self, HeldCore(record))) return;
  own.queue.push({RumorKind::core, own.id(), {}}, {RumorKind::core, own.self->core->record, {}});
  own.snapshot_dirty = true;
}

}  // namespace quorumor::sim
