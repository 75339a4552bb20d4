#include "wire/records.h"

#include <doctest/doctest.h>

#include <functional>

#include "record_samples.h"
#include "support/vectors.h"

namespace quorumor {
namespace {

template <std::size_t N>
ByteArray<N> filled(int first) {
  ByteArray<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::byte>(static_cast<std::size_t>(first) + i);
  return out;
}

Accusation sample_accusation() {
  Accusation a;
  a.accuser = filled<16>(0x10);
  a.serial = Serial{7};
  a.generation = Generation{0x0102030405060708};
  a.epochs = {Epoch{5}, Epoch{6}};
  a.subjects = {{filled<16>(0x20), Generation{1}, Incarnation{2}}, {filled<16>(0x30), Generation{3}, Incarnation{4}}};
  return a;
}

Revocation sample_revocation() {
  return {filled<16>(0x10), Serial{9}, wall_from_millis(1'700'000'000'123), "laptop stolen"};
}

ForceLeave sample_force_leave() {
  return {filled<16>(0x10), Generation{0x0102030405060708}, wall_from_millis(1'700'000'000'123)};
}

EventHeader sample_event() {
  EventHeader e;
  e.origin = filled<16>(0x10);
  e.serial = Serial{7};
  e.generation = Generation{8};
  e.sequence = Sequence{9};
  e.at = wall_from_millis(1'700'000'000'123);
  e.ttl = std::chrono::milliseconds{60'000};
  e.policy = EventPolicy::corroborated;
  e.name = "deploy.v2";
  e.payload_size = 5;
  e.payload_digest = event_payload_digest(as_bytes("hello"));
  return e;
}

// Two cores of one coordinate that differ in the `leaving` flag.
Proof sample_proof() {
  const test::Vectors v("wire/records.txt");
  const auto sign = [](ByteVector content, int fill) {
    content.resize(content.size() + limits::kSignature, static_cast<std::byte>(fill));
    return content;
  };
  return {RumorKind::core, sign(v.at("core"), 0xaa), sign(v.at("core_leaving"), 0x55)};
}

TEST_CASE("golden vectors: records") {
  const test::Vectors v("wire/records.txt");
  CHECK(to_hex(encode_accusation(sample_accusation())) == to_hex(v.at("accusation")));
  CHECK(decode_accusation(v.at("accusation")).value() == sample_accusation());
  CHECK(to_hex(encode_revocation(sample_revocation())) == to_hex(v.at("revocation")));
  CHECK(decode_revocation(v.at("revocation")).value() == sample_revocation());
  CHECK(to_hex(encode_force_leave(sample_force_leave())) == to_hex(v.at("force_leave")));
  CHECK(decode_force_leave(v.at("force_leave")).value() == sample_force_leave());
  CHECK(to_hex(encode_event(sample_event())) == to_hex(v.at("event")));
  CHECK(decode_event(v.at("event")).value() == sample_event());
  CHECK(to_hex(encode_proof(sample_proof())) == to_hex(v.at("proof")));
  CHECK(decode_proof(v.at("proof")).value() == sample_proof());
}

// --- what is refused: each row spoils a valid encoding ---------------------------------------------------------

struct Bad {
  RumorKind kind;
  const char* what;
  std::function<void(ByteVector&)> spoil;
  RecordError error = RecordError::bad_value;
};

const auto set = [](std::size_t at, int value) {
  return [at, value](ByteVector& bytes) { bytes[at] = static_cast<std::byte>(value); };
};
const auto set_u64 = [](std::size_t at, std::uint64_t value) {
  return [at, value](ByteVector& bytes) { store_le<std::uint64_t>(&bytes[at], value); };
};

constexpr std::size_t kEpochsAt = 1 + 16 + 8 + 8;        // accusation: the epochs' count
constexpr std::size_t kSubjectsAt = kEpochsAt + 1 + 16;  // with two epochs: the subjects' count
constexpr std::size_t kRevokedAt = 1 + 16 + 8;           // revocation: the time
constexpr std::size_t kReasonAt = kRevokedAt + 8;
constexpr std::size_t kForcedAt = 1 + 16 + 8;  // force-leave: the time
constexpr std::size_t kEventTimeAt = 1 + 16 + 24;
constexpr std::size_t kTtlAt = kEventTimeAt + 8;
constexpr std::size_t kPolicyAt = kTtlAt + 4;
constexpr std::size_t kNameAt = kPolicyAt + 1;
constexpr std::size_t kPayloadSizeAt = kNameAt + 1 + 9;
constexpr std::size_t kCoreRecord = limits::kCoreContent + limits::kSignature;
constexpr std::size_t kProofFirstAt = 1 + 2;
constexpr std::size_t kProofSecondAt = kProofFirstAt + kCoreRecord + 2;

const auto swap_subjects = [](ByteVector& b) {
  std::swap_ranges(&b[kSubjectsAt + 1], &b[kSubjectsAt + 33], &b[kSubjectsAt + 33]);
};
const auto repeat_subject = [](ByteVector& b) { std::memcpy(&b[kSubjectsAt + 33], &b[kSubjectsAt + 1], 16); };
const auto accuse_oneself = [](ByteVector& b) { std::memcpy(&b[kSubjectsAt + 1], &b[1], 16); };
const auto no_epochs = [](ByteVector& b) {
  b[kEpochsAt] = std::byte{};
  b.erase(b.begin() + kEpochsAt + 1, b.begin() + kSubjectsAt);
};
const auto no_subjects = [](ByteVector& b) {
  b[kSubjectsAt] = std::byte{};
  b.resize(kSubjectsAt + 1);
};
const auto no_name = [](ByteVector& b) {
  b[kNameAt] = std::byte{};
  b.erase(b.begin() + kNameAt + 1, b.begin() + kNameAt + 10);
};
const auto set_ttl = [](std::uint32_t ms) { return [ms](ByteVector& b) { store_le<std::uint32_t>(&b[kTtlAt], ms); }; };
const auto swap_statements = [](ByteVector& b) {
  std::swap_ranges(&b[kProofFirstAt], &b[kProofFirstAt] + kCoreRecord, &b[kProofSecondAt]);
};
// The same content under another signature: one statement, made twice.
const auto repeat_statement = [](ByteVector& b) {
  std::memcpy(&b[kProofSecondAt], &b[kProofFirstAt], limits::kCoreContent);
};
const auto short_statement = [](ByteVector& b) {
  store_le<std::uint16_t>(&b[1], kCoreRecord - 1);
  b.erase(b.begin() + kProofFirstAt);
};

constexpr std::uint64_t kTooLate = 7'258'118'400'001;
constexpr std::uint64_t kBefore1970 = ~std::uint64_t{0};

const Bad kBad[] = {
    {RumorKind::accusation, "version 2", set(0, 2)},
    {RumorKind::accusation, "no epochs", no_epochs},
    {RumorKind::accusation, "five epochs", set(kEpochsAt, 5)},
    {RumorKind::accusation, "epoch 0", set_u64(kEpochsAt + 1, 0)},
    {RumorKind::accusation, "an epoch twice", set_u64(kEpochsAt + 1, 6)},
    {RumorKind::accusation, "epochs descending", set_u64(kEpochsAt + 1, 7)},
    {RumorKind::accusation, "no subjects", no_subjects},
    {RumorKind::accusation, "25 subjects", set(kSubjectsAt, 25)},
    {RumorKind::accusation, "more subjects than bytes", set(kSubjectsAt, 3), RecordError::malformed},
    {RumorKind::accusation, "fewer subjects than bytes", set(kSubjectsAt, 1), RecordError::malformed},
    {RumorKind::accusation, "subjects descending", swap_subjects},
    {RumorKind::accusation, "a subject twice", repeat_subject},
    {RumorKind::accusation, "the accuser itself", accuse_oneself},
    {RumorKind::revocation, "version 0", set(0, 0)},
    {RumorKind::revocation, "too late a time", set_u64(kRevokedAt, kTooLate)},
    {RumorKind::revocation, "before 1970", set_u64(kRevokedAt, kBefore1970)},
    {RumorKind::revocation, "a line break in the reason", set(kReasonAt + 3, '\n')},
    {RumorKind::revocation, "an escape in the reason", set(kReasonAt + 3, 0x1b)},
    {RumorKind::revocation, "a delete in the reason", set(kReasonAt + 3, 0x7f)},
    {RumorKind::revocation, "not ASCII", set(kReasonAt + 3, 0xe4)},
    {RumorKind::revocation, "a longer reason than bytes", set(kReasonAt, 14), RecordError::malformed},
    {RumorKind::force_leave, "version 2", set(0, 2)},
    {RumorKind::force_leave, "too late a time", set_u64(kForcedAt, kTooLate)},
    {RumorKind::force_leave, "before 1970", set_u64(kForcedAt, kBefore1970)},
    {RumorKind::event, "version 2", set(0, 2)},
    {RumorKind::event, "too late a time", set_u64(kEventTimeAt, kTooLate)},
    {RumorKind::event, "before 1970", set_u64(kEventTimeAt, kBefore1970)},
    {RumorKind::event, "ttl 0", set_ttl(0)},
    {RumorKind::event, "ttl over an hour", set_ttl(3'600'001)},
    {RumorKind::event, "policy 0", set(kPolicyAt, 0)},
    {RumorKind::event, "policy 3", set(kPolicyAt, 3)},
    {RumorKind::event, "no name", no_name},
    {RumorKind::event, "upper case", set(kNameAt + 1, 'D')},
    {RumorKind::event, "payload of 513", [](ByteVector& b) { store_le<std::uint16_t>(&b[kPayloadSizeAt], 513); }},
    {RumorKind::proof, "kind 0", set(0, 0)},
    {RumorKind::proof, "kind body", set(0, 3)},
    {RumorKind::proof, "the greater first", swap_statements},
    {RumorKind::proof, "one statement twice", repeat_statement},
    {RumorKind::proof, "a core one byte short", short_statement},
};

ByteVector sample_content(RumorKind kind) {
  switch (kind) {
    case RumorKind::accusation:
      return encode_accusation(sample_accusation());
    case RumorKind::revocation:
      return encode_revocation(sample_revocation());
    case RumorKind::force_leave:
      return encode_force_leave(sample_force_leave());
    case RumorKind::event:
      return encode_event(sample_event());
    default:
      return encode_proof(sample_proof());
  }
}

std::optional<RecordError> error_of(RumorKind kind, Bytes content) {
  const auto error = [](const auto& result) -> std::optional<RecordError> {
    if (result) return std::nullopt;
    return result.error();
  };
  switch (kind) {
    case RumorKind::accusation:
      return error(decode_accusation(content));
    case RumorKind::revocation:
      return error(decode_revocation(content));
    case RumorKind::force_leave:
      return error(decode_force_leave(content));
    case RumorKind::event:
      return error(decode_event(content));
    default:
      return error(decode_proof(content));
  }
}

TEST_CASE("records that no honest member signs") {
  for (const Bad& bad : kBad) {
    ByteVector bytes = sample_content(bad.kind);
    REQUIRE_FALSE(error_of(bad.kind, bytes));
    bad.spoil(bytes);
    CAPTURE(bad.what);
    const auto error = error_of(bad.kind, bytes);
    REQUIRE(error);
    CHECK(*error == bad.error);
  }
}

// --- limits, met and passed ------------------------------------------------------------------------------------

TEST_CASE("a full accusation") {
  Accusation a = sample_accusation();
  a.epochs = {Epoch{1}, Epoch{2}, Epoch{3}, Epoch{~std::uint64_t{0}}};
  a.subjects.clear();
  for (int i = 0; i < 24; ++i) a.subjects.push_back({filled<16>(0x20 + i), Generation{1}, Incarnation{1}});
  const ByteVector bytes = encode_accusation(a);
  CHECK(bytes.size() == kAccusationContentMax);
  CHECK(decode_accusation(bytes).value() == a);
  a.subjects.push_back({filled<16>(0x90), Generation{1}, Incarnation{1}});
  CHECK_FALSE(is_valid(a));
  a.subjects.pop_back();
  a.epochs.insert(a.epochs.begin() + 3, Epoch{4});
  CHECK_FALSE(is_valid(a));
}

TEST_CASE("an accuser between its subjects is still not one of them") {
  Accusation a = sample_accusation();
  a.accuser = a.subjects[1].id;
  CHECK_FALSE(is_valid(a));
  a.accuser = filled<16>(0x28);
  CHECK(is_valid(a));
}

TEST_CASE("a revocation's reason: none, the longest, one more") {
  Revocation r = sample_revocation();
  r.reason.clear();
  CHECK(decode_revocation(encode_revocation(r)).value() == r);
  r.reason.assign(128, '~');
  ByteVector bytes = encode_revocation(r);
  CHECK(bytes.size() == kRevocationContentMax);
  CHECK(decode_revocation(bytes).value() == r);
  bytes[kReasonAt] = std::byte{129};
  bytes.push_back(std::byte{'~'});
  CHECK(decode_revocation(bytes).error() == RecordError::bad_value);
}

TEST_CASE("an event's ttl, time, name and payload at their limits") {
  EventHeader e = sample_event();
  for (const auto ttl : {1ms, 3'600'000ms}) {
    e.ttl = ttl;
    CHECK(decode_event(encode_event(e)).value() == e);
  }
  for (const auto at : {WallTime{}, kRecordTimeMax}) {
    e.at = at;
    CHECK(decode_event(encode_event(e)).value() == e);
  }
  e.name.assign(64, 'n');
  e.payload_size = 512;
  const ByteVector bytes = encode_event(e);
  CHECK(bytes.size() == kEventContentMax);
  CHECK(decode_event(bytes).value() == e);
  e.name.assign(65, 'n');
  CHECK_FALSE(is_valid(e));
}

TEST_CASE("a time converted to nanoseconds, with the longest ttl, does not overflow") {
  constexpr auto kMost = std::chrono::nanoseconds::max();
  CHECK(std::chrono::duration_cast<std::chrono::milliseconds>(kMost) - kEventTtlMax >
        kRecordTimeMax.time_since_epoch());
}

TEST_CASE("the greatest proof") {
  EventHeader e = sample_event();
  e.name.assign(64, 'n');
  ByteVector first = encode_event(e);
  e.payload_size = 6;
  ByteVector second = encode_event(e);
  first.resize(first.size() + 64);
  second.resize(second.size() + 64);
  const Proof p{RumorKind::event, first, second};
  REQUIRE(is_valid(p));
  const ByteVector bytes = encode_proof(p);
  CHECK(bytes.size() == kProofContentMax);
  CHECK(decode_proof(bytes).value() == p);
  CHECK_FALSE(is_valid(Proof{RumorKind::event, second, first}));
}

// --- properties ------------------------------------------------------------------------------------------------

TEST_CASE("random records survive the trip") {
  auto rng = test::test_rng("records");
  for (int i = 0; i < 300; ++i) {
    const auto a = test::random_accusation(rng);
    CHECK(decode_accusation(encode_accusation(a)).value() == a);
    const auto r = test::random_revocation(rng);
    CHECK(decode_revocation(encode_revocation(r)).value() == r);
    const auto f = test::random_force_leave(rng);
    CHECK(decode_force_leave(encode_force_leave(f)).value() == f);
    const auto e = test::random_event(rng);
    CHECK(decode_event(encode_event(e)).value() == e);
    const auto p = test::random_proof(rng);
    CHECK(decode_proof(encode_proof(p)).value() == p);
  }
}

constexpr RumorKind kOurs[] = {RumorKind::core,        RumorKind::body,  RumorKind::accusation, RumorKind::revocation,
                               RumorKind::force_leave, RumorKind::proof, RumorKind::event,      RumorKind::endorsement};

TEST_CASE("every truncation is refused, and so is one byte more") {
  auto rng = test::test_rng("truncations");
  for (const RumorKind kind : kOurs) {
    ByteVector bytes = test::random_content(kind, rng);
    CAPTURE(static_cast<int>(kind));
    REQUIRE(content_size(kind).contains(bytes.size()));
    for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(test::reencoded(kind, Bytes(bytes).first(n)));
    bytes.push_back(std::byte{});
    CHECK_FALSE(test::reencoded(kind, bytes));
  }
}

TEST_CASE("whatever decodes has exactly one encoding") {
  auto rng = test::test_rng("mutations");
  for (const RumorKind kind : kOurs) {
    std::size_t accepted = 0;
    for (int i = 0; i < 2000; ++i) {
      const ByteVector bytes = test::mutated(test::random_content(kind, rng), rng);
      const auto again = test::reencoded(kind, bytes);
      if (!again) continue;
      ++accepted;
      CAPTURE(static_cast<int>(kind));
      CHECK(*again == bytes);
    }
    CHECK(accepted > 20);  // else this would have tested nothing
  }
}

TEST_CASE("sizes that can be refused unread") {
  struct Row {
    RumorKind kind;
    std::size_t size;
    bool ok;
  };
  static constexpr Row kRows[] = {
      {RumorKind::core, 114 + 64, true},
      {RumorKind::core, 114 + 63, false},
      {RumorKind::core, 114 + 65, false},
      {RumorKind::body, 1, true},
      {RumorKind::body, 0, false},
      {RumorKind::body, 1000, true},
      {RumorKind::body, 1001, false},
      {RumorKind::credential, 65, true},
      {RumorKind::credential, 64, false},
      {RumorKind::credential, 0, false},
      {RumorKind::event, 153 + 64, true},
      {RumorKind::event, 154 + 64, false},
      {RumorKind::proof, 0, false},
      {RumorKind::proof, 1 + 2 * (2 + 153 + 64), true},
      {RumorKind::proof, 2 + 2 * (2 + 153 + 64), false},
      {RumorKind::force_leave, 33 + 64, true},
      {RumorKind::force_leave, 32 + 64, false},
      {RumorKind::accusation, 835 + 64, true},
      {RumorKind::accusation, 836 + 64, false},
      {RumorKind::revocation, 162 + 64, true},
      {RumorKind::revocation, 163 + 64, false},
      {static_cast<RumorKind>(0), 100, false},
      {RumorKind::endorsement, 41 + 64, true},
      {RumorKind::endorsement, 40 + 64, false},
      {RumorKind::endorsement, 42 + 64, false},
      {static_cast<RumorKind>(11), 100, false},
  };
  for (const Row& row : kRows) {
    CAPTURE(static_cast<int>(row.kind));
    CAPTURE(row.size);
    CHECK(is_record_size(row.kind, row.size) == row.ok);
  }
}

}  // namespace
}  // namespace quorumor
