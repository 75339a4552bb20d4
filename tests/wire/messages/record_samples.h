// Random valid records of every kind. No test framework here: the fuzz targets and their seed generator use it
// too.
#pragma once

#include "crypto/announcement.h"
#include "crypto/credential.h"
#include "crypto/drbg.h"
#include "wire/records.h"

namespace quorumor::test {

// A generator whose stream the label fixes, so that every run of a test is the same run.
inline Drbg test_rng(std::string_view label) {
  static constexpr ByteArray<32> kSeed{};
  return Drbg(kSeed, label);
}

inline std::size_t below(Rng& rng, std::size_t n) { return static_cast<std::size_t>(rng.below(n)); }
inline std::size_t between(Rng& rng, std::size_t low, std::size_t high) { return low + below(rng, high - low + 1); }

template <std::size_t N>
ByteArray<N> random_array(Rng& rng) {
  ByteArray<N> out;
  rng.fill(out);
  return out;
}

inline ByteVector random_bytes(Rng& rng, std::size_t size) {
  ByteVector out(size);
  rng.fill(out);
  return out;
}

inline std::string random_name(Rng& rng) {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  std::string out(between(rng, 1, kNameMax), 'a');
  for (char& c : out) c = kAlphabet[below(rng, kAlphabet.size())];
  return out;
}

inline WallTime random_time(Rng& rng) {
  return wall_from_millis(
      static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(unix_millis(kRecordTimeMax)) + 1)));
}

// A valid encoding with one to three bytes replaced, sometimes cut or lengthened: what fuzzers find first.
inline ByteVector mutated(Bytes valid, Rng& rng) {
  ByteVector out = to_vector(valid);
  for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) {
    out[below(rng, out.size())] = static_cast<std::byte>(rng.below(256));
  }
  if (rng.below(4) == 0) out.resize(below(rng, out.size() + 8));
  return out;
}

// --- records ---------------------------------------------------------------------------------------------------

inline Core random_core(Rng& rng) {
  Core core;
  core.id = random_array<16>(rng);
  core.at = {Serial{rng.next_u64()}, Generation{rng.next_u64()}, Incarnation{rng.next_u64()}};
  core.session_key = random_array<32>(rng);
  core.leaving = rng.below(2) == 1;
  core.next_event = Sequence{rng.next_u64()};
  core.body_digest = random_array<32>(rng);
  return core;
}

inline Endpoint random_endpoint(Rng& rng) {
  for (;;) {
    const auto port = static_cast<std::uint16_t>(rng.below(65536));
    const auto address = random_array<16>(rng);
    const auto octet = [&](std::size_t i) { return std::to_integer<std::uint8_t>(address[i]); };
    const Endpoint out =
        rng.below(2) == 1 ? Endpoint::v6(address, port) : Endpoint::v4(octet(0), octet(1), octet(2), octet(3), port);
    if (!out.is_unusable()) return out;
  }
}

inline Body random_body(Rng& rng) {
  Body body;
  body.id = random_array<16>(rng);
  body.protocol_min = static_cast<std::uint8_t>(between(rng, 1, 255));
  body.protocol_max = static_cast<std::uint8_t>(between(rng, body.protocol_min, 255));
  for (std::size_t n = between(rng, 1, limits::kEndpoints); n > 0; --n) {
    body.endpoints.push_back(random_endpoint(rng));
  }
  body.metadata = random_bytes(rng, below(rng, limits::kMetadata + 1));
  return body;
}

inline Accusation random_accusation(Rng& rng) {
  Accusation a;
  a.accuser = random_array<16>(rng);
  a.serial = Serial{rng.next_u64()};
  a.generation = Generation{rng.next_u64()};
  std::uint64_t epoch = 0;
  for (std::size_t n = between(rng, 1, limits::kAccusationEpochs); n > 0; --n) {
    epoch += 1 + rng.below(1000);
    a.epochs.push_back(Epoch{epoch});
  }
  const std::size_t subjects = between(rng, 1, limits::kAccusedSubjects);
  for (std::size_t i = 0; i < subjects; ++i) {
    AccusedSubject subject{random_array<16>(rng), Generation{rng.next_u64()}, Incarnation{rng.next_u64()}};
    subject.id[0] = static_cast<std::byte>(i * 10 + rng.below(10));  // ascending
    if (subject.id != a.accuser) a.subjects.push_back(subject);
  }
  return a;
}

inline Revocation random_revocation(Rng& rng) {
  Revocation r{random_array<16>(rng), Serial{rng.next_u64()}, random_time(rng), {}};
  r.reason.resize(below(rng, limits::kRevocationReason + 1));
  for (char& c : r.reason) c = static_cast<char>(' ' + below(rng, 95));
  return r;
}

inline ForceLeave random_force_leave(Rng& rng) {
  return {random_array<16>(rng), Generation{rng.next_u64()}, random_time(rng)};
}

inline EventHeader random_event(Rng& rng) {
  EventHeader e;
  e.origin = random_array<16>(rng);
  e.serial = Serial{rng.next_u64()};
  e.generation = Generation{rng.next_u64()};
  e.sequence = Sequence{rng.next_u64()};
  e.at = random_time(rng);
  e.ttl = std::chrono::milliseconds{between(rng, 1, 3'600'000)};
  e.policy = rng.below(2) == 1 ? EventPolicy::origin_signed : EventPolicy::corroborated;
  e.name = random_name(rng);
  e.payload_size = static_cast<std::uint16_t>(below(rng, limits::kEventPayload + 1));
  e.payload_digest = random_array<32>(rng);
  return e;
}

inline ByteVector with_signature(Bytes content, Rng& rng) {
  return join_record(content, random_array<64>(rng));
}

inline Proof random_proof(Rng& rng) {
  const auto statement = [&rng](RumorKind kind) {
    if (kind == RumorKind::event) return with_signature(encode_event(random_event(rng)), rng);
    return with_signature(encode_core(random_core(rng)), rng);
  };
  Proof p;
  p.kind = rng.below(2) == 1 ? RumorKind::core : RumorKind::event;
  p.first = statement(p.kind);
  p.second = statement(p.kind);
  if (!is_valid(p)) std::swap(p.first, p.second);
  return p;
}

inline Credential random_credential(Rng& rng) {
  Credential c;
  c.id = random_array<16>(rng);
  c.identity = SigningKey::generate(rng).public_key();
  c.serial = Serial{1 + rng.below(1000)};
  c.not_before = wall_from_seconds(1'700'000'000);
  c.not_after = wall_from_seconds(1'800'000'000);
  c.name = random_name(rng);
  c.zone = random_name(rng);
  if (rng.below(2) == 1) c.roles = {"keymaster"};
  return c;
}

inline Endorsement random_endorsement(Rng& rng) {
  return {SigningKey::generate(rng).public_key(), wall_from_millis(static_cast<std::int64_t>(rng.below(1'800'000'000'000)))};
}

inline Announcement random_announcement(Rng& rng) {
  Announcement a;
  a.signer = random_array<16>(rng);
  a.signer_serial = Serial{1 + rng.below(1000)};
  a.epoch = Epoch{2 + rng.below(1000)};
  a.predecessor = random_array<32>(rng);
  a.commitment = random_array<32>(rng);
  a.signed_at = wall_from_seconds(1'700'000'000);
  for (std::size_t n = below(rng, 3); n > 0; --n) a.revocations.push_back(random_array<32>(rng));
  return a;
}

inline ByteVector random_content(RumorKind kind, Rng& rng) {
  switch (kind) {
    case RumorKind::credential:
      return encode_credential(random_credential(rng));
    case RumorKind::core:
      return to_vector(encode_core(random_core(rng)));
    case RumorKind::body:
      return encode_body(random_body(rng));
    case RumorKind::accusation:
      return encode_accusation(random_accusation(rng));
    case RumorKind::announcement:
      return encode_announcement(random_announcement(rng));
    case RumorKind::revocation:
      return encode_revocation(random_revocation(rng));
    case RumorKind::force_leave:
      return encode_force_leave(random_force_leave(rng));
    case RumorKind::proof:
      return encode_proof(random_proof(rng));
    case RumorKind::event:
      return encode_event(random_event(rng));
    case RumorKind::endorsement:
      return encode_endorsement(random_endorsement(rng));
  }
  return {};
}

// What decoding and encoding again makes of a content; nothing if it does not decode.
inline std::optional<ByteVector> reencoded(RumorKind kind, Bytes content) {
  const auto again = [](const auto& decoded, auto encode) -> std::optional<ByteVector> {
    if (!decoded) return std::nullopt;
    return encode(decoded.value());
  };
  switch (kind) {
    case RumorKind::credential:
      return again(decode_credential(content), encode_credential);
    case RumorKind::core:
      return again(decode_core(content), [](const Core& core) { return to_vector(encode_core(core)); });
    case RumorKind::body:
      return again(decode_body(content), encode_body);
    case RumorKind::accusation:
      return again(decode_accusation(content), encode_accusation);
    case RumorKind::announcement:
      return again(decode_announcement(content), encode_announcement);
    case RumorKind::revocation:
      return again(decode_revocation(content), encode_revocation);
    case RumorKind::force_leave:
      return again(decode_force_leave(content), encode_force_leave);
    case RumorKind::proof:
      return again(decode_proof(content), encode_proof);
    case RumorKind::event:
      return again(decode_event(content), encode_event);
    case RumorKind::endorsement: {
      const auto decoded = decode_endorsement(content);
      return decoded ? std::optional(encode_endorsement(*decoded)) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace quorumor::test
