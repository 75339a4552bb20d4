#include "wire/records.h"

#include "base/assert.h"
#include "base/codec.h"

#include <algorithm>

namespace quorumor {
namespace {

bool is_valid_time(WallTime at) noexcept { return at >= WallTime{} && at <= kRecordTimeMax; }

// What every encoder ends with: a valid value always fits, so anything else is our own mistake.
ByteVector finish(const Writer& out) {
  QUORUMOR_ASSERT(!out.failed());
  return to_vector(out.finish());
}

}  // namespace

// --- accusation ------------------------------------------------------------------------------------------------

bool is_valid(const Accusation& a) noexcept {
  if (a.epochs.empty() || a.epochs.size() > limits::kAccusationEpochs) return false;
  if (a.subjects.empty() || a.subjects.size() > limits::kAccusedSubjects) return false;
  Epoch last_epoch{0};  // no epoch: the first must be greater
  for (const Epoch epoch : a.epochs) {
    if (epoch <= last_epoch) return false;
    last_epoch = epoch;
  }
  const NodeId* last_subject = nullptr;
  for (const AccusedSubject& subject : a.subjects) {
    if (last_subject != nullptr && subject.id <= *last_subject) return false;
    if (subject.id == a.accuser) return false;
    last_subject = &subject.id;
  }
  return true;
}

ByteVector encode_accusation(const Accusation& a) {
  QUORUMOR_ASSERT(is_valid(a));
  ByteArray<kAccusationContentMax> buffer;
  Writer out(buffer);
  out.u8(kRecordVersion);
  out.raw(a.accuser);
  out.u64(a.serial.value);
  out.u64(a.generation.value);
  out.u8(static_cast<std::uint8_t>(a.epochs.size()));
  for (const Epoch epoch : a.epochs) out.u64(epoch.value);
  out.u8(static_cast<std::uint8_t>(a.subjects.size()));
  for (const AccusedSubject& subject : a.subjects) {
    out.raw(subject.id);
    out.u64(subject.generation.value);
    out.u64(subject.incarnation.value);
  }
  return finish(out);
}

Result<Accusation, RecordError> decode_accusation(Bytes content) {
  Reader in(content);
  Accusation a;
  const std::uint8_t version = in.u8();
  a.accuser = in.array<16>();
  a.serial.value = in.u64();
  a.generation.value = in.u64();
  const std::size_t epochs = in.u8();
  if (in.failed()) return RecordError::malformed;
  if (version != kRecordVersion || epochs > limits::kAccusationEpochs) return RecordError::bad_value;
  a.epochs.reserve(epochs);
  for (std::size_t i = 0; i < epochs; ++i) a.epochs.push_back(Epoch{in.u64()});
  const std::size_t subjects = in.u8();
  if (in.failed()) return RecordError::malformed;
  if (subjects > limits::kAccusedSubjects) return RecordError::bad_value;
  a.subjects.reserve(subjects);
  for (std::size_t i = 0; i < subjects; ++i) {
    AccusedSubject subject;
    subject.id = in.array<16>();
    subject.generation.value = in.u64();
    subject.incarnation.value = in.u64();
    a.subjects.push_back(subject);
  }
  if (!in.finish()) return RecordError::malformed;
  if (!is_valid(a)) return RecordError::bad_value;
  return a;
}

// --- what the authority signs ----------------------------------------------------------------------------------

bool is_valid_reason(std::string_view text) noexcept {
  return text.size() <= limits::kRevocationReason &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_valid(const Revocation& r) noexcept { return is_valid_time(r.at) && is_valid_reason(r.reason); }

ByteVector encode_revocation(const Revocation& r) {
  QUORUMOR_ASSERT(is_valid(r));
  ByteArray<kRevocationContentMax> buffer;
  Writer out(buffer);
  out.u8(kRecordVersion);
  out.raw(r.id);
  out.u64(r.serial.value);
  out.i64(unix_millis(r.at));
  out.bytes8(as_bytes(r.reason));
  return finish(out);
}

Result<Revocation, RecordError> decode_revocation(Bytes content) {
  Reader in(content);
  Revocation r;
  const std::uint8_t version = in.u8();
  r.id = in.array<16>();
  r.serial.value = in.u64();
  r.at = wall_from_millis(in.i64());
  const Bytes reason = in.bytes8();
  if (!in.finish()) return RecordError::malformed;
  if (version != kRecordVersion) return RecordError::bad_value;
  r.reason = as_text(reason);  // at most 255 bytes
  if (!is_valid(r)) return RecordError::bad_value;
  return r;
}

bool is_valid(const ForceLeave& f) noexcept { return is_valid_time(f.at); }

ByteVector encode_force_leave(const ForceLeave& f) {
  QUORUMOR_ASSERT(is_valid(f));
  ByteArray<kForceLeaveContent> buffer;
  Writer out(buffer);
  out.u8(kRecordVersion);
  out.raw(f.id);
  out.u64(f.generation.value);
  out.i64(unix_millis(f.at));
  return finish(out);
}

Result<ForceLeave, RecordError> decode_force_leave(Bytes content) {
  Reader in(content);
  ForceLeave f;
  const std::uint8_t version = in.u8();
  f.id = in.array<16>();
  f.generation.value = in.u64();
  f.at = wall_from_millis(in.i64());
  if (!in.finish()) return RecordError::malformed;
  if (version != kRecordVersion || !is_valid(f)) return RecordError::bad_value;
  return f;
}

// --- event -----------------------------------------------------------------------------------------------------

bool is_valid(const EventHeader& e) noexcept {
  if (e.policy != EventPolicy::origin_signed && e.policy != EventPolicy::corroborated) return false;
  return is_valid_time(e.at) && e.ttl >= kEventTtlMin && e.ttl <= kEventTtlMax && is_valid_name(e.name) &&
         e.payload_size <= limits::kEventPayload;
}

ByteVector encode_event(const EventHeader& e) {
  QUORUMOR_ASSERT(is_valid(e));
  ByteArray<kEventContentMax> buffer;
  Writer out(buffer);
  out.u8(kRecordVersion);
  out.raw(e.origin);
  out.u64(e.serial.value);
  out.u64(e.generation.value);
  out.u64(e.sequence.value);
  out.i64(unix_millis(e.at));
  out.u32(static_cast<std::uint32_t>(e.ttl.count()));
  out.u8(static_cast<std::uint8_t>(e.policy));
  out.bytes8(as_bytes(e.name));
  out.u16(e.payload_size);
  out.raw(e.payload_digest);
  return finish(out);
}

Result<EventHeader, RecordError> decode_event(Bytes content) {
  Reader in(content);
  EventHeader e;
  const std::uint8_t version = in.u8();
  e.origin = in.array<16>();
  e.serial.value = in.u64();
  e.generation.value = in.u64();
  e.sequence.value = in.u64();
  e.at = wall_from_millis(in.i64());
  e.ttl = std::chrono::milliseconds{in.u32()};
  e.policy = static_cast<EventPolicy>(in.u8());
  const Bytes name = in.bytes8();
  e.payload_size = in.u16();
  e.payload_digest = in.array<32>();
  if (!in.finish()) return RecordError::malformed;
  if (version != kRecordVersion) return RecordError::bad_value;
  e.name = as_text(name);  // at most 255 bytes
  if (!is_valid(e)) return RecordError::bad_value;
  return e;
}

// --- proof -----------------------------------------------------------------------------------------------------

bool is_valid(const Proof& p) noexcept {
  if (p.kind != RumorKind::core && p.kind != RumorKind::event) return false;
  if (!is_record_size(p.kind, p.first.size()) || !is_record_size(p.kind, p.second.size())) return false;
  // Strictly less: equal contents under two signatures are one statement made twice, and prove nothing.
  const Bytes first = content_of(p.first);
  const Bytes second = content_of(p.second);
  return std::lexicographical_compare(first.begin(), first.end(), second.begin(), second.end());
}

ByteVector encode_proof(const Proof& p) {
  QUORUMOR_ASSERT(is_valid(p));
  ByteArray<kProofContentMax> buffer;
  Writer out(buffer);
  out.u8(static_cast<std::uint8_t>(p.kind));
  out.bytes16(p.first);
  out.bytes16(p.second);
  return finish(out);
}

Result<Proof, RecordError> decode_proof(Bytes content) {
  Reader in(content);
  const auto kind = static_cast<RumorKind>(in.u8());
  const Bytes first = in.bytes16();
  const Bytes second = in.bytes16();
  if (!in.finish()) return RecordError::malformed;
  // Before they are copied: these lengths are the sender's.
  if (!is_valid(kind) || !is_record_size(kind, first.size()) || !is_record_size(kind, second.size())) {
    return RecordError::bad_value;
  }
  Proof p{kind, to_vector(first), to_vector(second)};
  if (!is_valid(p)) return RecordError::bad_value;
  return p;
}

}  // namespace quorumor
