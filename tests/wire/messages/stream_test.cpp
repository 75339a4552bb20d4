#include "wire/stream.h"

#include <doctest/doctest.h>

#include "allocations.h"
#include "message_samples.h"
#include "raw_segment.h"
#include "support/vectors.h"

namespace quorumor {
namespace {

using test::RawSegment;
using test::Storage;

constexpr StreamKind kKinds[] = {StreamKind::hello, StreamKind::ring, StreamKind::rumors, StreamKind::done};

const ByteVector kZeros(2000);
Bytes zeros(std::size_t n) { return Bytes(kZeros).first(n); }

// What a stream carries for a message, its length prefix checked and taken off; aligned.
std::vector<std::uint64_t> plain_of(const StreamMessage& m) {
  ByteVector out;
  append_stream_message(m, out);
  REQUIRE(out.size() == 4 + stream_message_size(m));
  REQUIRE(load_le<std::uint32_t>(out.data()) == out.size() - 4);
  return test::aligned_copy(Bytes(out).subspan(4));
}

std::optional<DecodeError> error_of(Bytes plain) {
  StreamMessage out;
  out.kind = StreamKind::ring;
  out.rumors.resize(3);
  const auto result = decode_stream_message(plain, out);
  if (result) return std::nullopt;
  CHECK(test::same(out, StreamMessage{}));
  return result.error();
}
std::optional<DecodeError> error_of(const StreamMessage& m) {
  const auto words = plain_of(m);
  return error_of(std::as_bytes(std::span(words)));
}

void check_golden(const char* name, const StreamMessage& message) {
  const ByteVector golden = test::Vectors("wire/messages.txt").at(name);
  CAPTURE(name);
  const auto words = plain_of(message);
  CHECK(to_hex(std::as_bytes(std::span(words))) == to_hex(golden));
  const auto from = test::aligned_copy(golden);
  StreamMessage back;
  REQUIRE(decode_stream_message(std::as_bytes(std::span(from)), back));
  CHECK(test::same(back, message));
}

TEST_CASE("golden vectors: stream messages") {
  const ByteVector credential(100, std::byte{0xc5});
  const ByteVector announcement(90, std::byte{0xa7});
  const ByteVector key(32, std::byte{0xee});
  StreamMessage m;
  check_golden("stream_done", m);

  m.kind = StreamKind::hello;
  m.hello.cluster.fill(std::byte{0xcc});
  m.hello.version_min = 1;
  m.hello.version_max = 2;
  m.hello.credential = credential;
  m.hello.proof.fill(std::byte{0x99});
  check_golden("stream_hello", m);
  const ByteVector first(kEndorsementRecord, std::byte{0xed}), second(kEndorsementRecord, std::byte{0xee});
  m.hello.endorsements = {first, second};
  check_golden("stream_hello_endorsed", m);

  m = StreamMessage{};
  m.kind = StreamKind::ring;
  m.ring.floor = Epoch{3};
  check_golden("stream_ring_empty", m);
  Digest seed;
  seed.fill(std::byte{0x5d});
  m.ring.entries.push_back({announcement, credential, seed, key});
  m.ring.entries.push_back({announcement, credential, seed, {}});
  check_golden("stream_ring", m);
  const ByteVector content(26, std::byte{0xa7});
  m.ring.chain = {content, content};
  check_golden("stream_ring_chain", m);

  m = StreamMessage{};
  m.kind = StreamKind::rumors;
  const ByteVector body = test::Vectors("wire/records.txt").at("body");
  m.rumors.push_back({RumorKind::body, body, {}});
  check_golden("stream_rumors", m);
}

TEST_CASE("random stream messages survive the trip, in exactly the size announced") {
  auto rng = test::test_rng("stream messages");
  StreamMessage back;
  for (int i = 0; i < 50; ++i) {
    for (const StreamKind kind : kKinds) {
      Storage storage;
      const StreamMessage m = test::random_stream_message(kind, rng, storage);
      const auto words = plain_of(m);
      REQUIRE(decode_stream_message(std::as_bytes(std::span(words)), back));
      CHECK(test::same(back, m));
    }
  }
}

TEST_CASE("each further rumor of a batch takes its rumor_size") {
  auto rng = test::test_rng("batch");
  Storage storage;
  StreamMessage m;
  m.kind = StreamKind::rumors;
  m.rumors.push_back(test::random_rumor(RumorKind::core, rng, storage));
  std::size_t size = stream_message_size(m);
  for (int i = 0; i < 40; ++i) {
    m.rumors.push_back(test::random_rumor(test::random_kind(rng), rng, storage));
    size += rumor_size(m.rumors.back());
  }
  CHECK(stream_message_size(m) == size);
}

TEST_CASE("stream values out of range") {
  auto rng = test::test_rng("stream values");
  Storage storage;
  const StreamMessage hello = test::random_stream_message(StreamKind::hello, rng, storage);
  const auto bad_hello = [&](auto spoil) {
    StreamMessage m = hello;
    spoil(m.hello);
    return error_of(m) == DecodeError::bad_value;
  };
  REQUIRE_FALSE(error_of(hello));
  CHECK(bad_hello([](Hello& h) { h.version_min = 0; }));
  CHECK(bad_hello([](Hello& h) { h.version_min = 3, h.version_max = 2; }));
  CHECK(bad_hello([](Hello& h) { h.version_min = h.version_max = 0; }));
  CHECK(bad_hello([](Hello& h) { h.credential = {}; }));
  CHECK(bad_hello([](Hello& h) { h.credential = zeros(64); }));
  CHECK(bad_hello([](Hello& h) { h.credential = zeros(kCredentialContentMax + 65); }));

  StreamMessage ring;
  ring.kind = StreamKind::ring;
  ring.ring.entries.assign(4, {zeros(100), zeros(100), {}, zeros(32)});
  REQUIRE_FALSE(error_of(ring));
  const auto bad_ring = [&](auto spoil) {
    StreamMessage m = ring;
    spoil(m.ring.entries[3]);
    return error_of(m) == DecodeError::bad_value;
  };
  CHECK(bad_ring([](RingEntryView& e) { e.announcement = {}; }));
  CHECK(bad_ring([](RingEntryView& e) { e.announcement = zeros(64); }));
  CHECK(bad_ring([](RingEntryView& e) { e.announcement = zeros(kAnnouncementContentMax + 65); }));
  CHECK(bad_ring([](RingEntryView& e) { e.signer = zeros(64); }));
  CHECK(bad_ring([](RingEntryView& e) { e.signer = zeros(kCredentialContentMax + 65); }));
  CHECK(bad_ring([](RingEntryView& e) { e.key = zeros(31); }));
  CHECK(bad_ring([](RingEntryView& e) { e.key = zeros(33); }));

  const auto bad_chain = [&](std::size_t size) {
    StreamMessage m = ring;
    m.ring.chain.assign(16, zeros(36));
    m.ring.chain[15] = zeros(size);
    return error_of(m) == DecodeError::bad_value;
  };
  CHECK_FALSE(bad_chain(36));
  CHECK(bad_chain(0));
  CHECK_FALSE(bad_chain(kAnnouncementContentMax));
  CHECK(bad_chain(kAnnouncementContentMax + 1));

  StreamMessage rumors;
  rumors.kind = StreamKind::rumors;
  REQUIRE_FALSE(error_of(rumors));
  rumors.rumors.push_back({RumorKind::core, zeros(100), {}});
  CHECK(error_of(rumors) == DecodeError::bad_value);
}

TEST_CASE("fixed sizes of a hello and a ring entry") {
  const auto hello = [](std::size_t cluster, std::size_t proof) {
    RawSegment raw;
    const std::size_t root = raw.add_root(1, 1);
    const std::size_t at = raw.add(4);
    raw.point_to_struct(root + 1, at, 1, 3);
    raw.words[at] = 0x0101;
    raw.add_bytes(at + 1, zeros(cluster));
    raw.add_bytes(at + 2, zeros(100));
    raw.add_bytes(at + 3, zeros(proof));
    return error_of(raw.bytes());
  };
  CHECK_FALSE(hello(32, 64));
  for (const std::size_t size : {0U, 31U, 33U}) CHECK(hello(size, 64) == DecodeError::bad_value);
  for (const std::size_t size : {0U, 63U, 65U}) CHECK(hello(32, size) == DecodeError::bad_value);

  const auto endorsed = [](std::size_t count, std::size_t size) {
    RawSegment raw;
    const std::size_t root = raw.add_root(1, 1);
    const std::size_t at = raw.add(5);
    raw.point_to_struct(root + 1, at, 1, 4);
    raw.words[at] = 0x0101;
    raw.add_bytes(at + 1, zeros(32));
    raw.add_bytes(at + 2, zeros(100));
    raw.add_bytes(at + 3, zeros(64));
    const std::size_t list = raw.add(count);
    raw.point_to_list(at + 4, list, 6, count);  // of pointers
    for (std::size_t i = 0; i < count; ++i) raw.add_bytes(list + i, zeros(size));
    return error_of(raw.bytes());
  };
  for (const std::size_t count : {1U, 4U}) CHECK_FALSE(endorsed(count, kEndorsementRecord));
  CHECK(endorsed(5, kEndorsementRecord) == DecodeError::bad_value);
  CHECK(endorsed(500, kEndorsementRecord) == DecodeError::bad_value);
  for (const std::size_t size : {0U, 64U, 104U, 106U}) CHECK(endorsed(1, size) == DecodeError::bad_value);

  const auto ring = [](std::size_t entries, std::size_t seed) {
    RawSegment raw;
    const std::size_t root = raw.add_root(1, 1);
    raw.words[root] = 1;
    const std::size_t at = raw.add(2);
    raw.point_to_struct(root + 1, at, 1, 1);
    const std::size_t first = raw.add_structs(at + 1, entries, 0, 4);
    for (std::size_t i = 0; i < entries; ++i) {
      raw.add_bytes(first + 4 * i, zeros(100));
      raw.add_bytes(first + 4 * i + 1, zeros(100));
      raw.add_bytes(first + 4 * i + 2, zeros(seed));
    }
    return error_of(raw.bytes());
  };
  CHECK_FALSE(ring(4, 32));
  CHECK(ring(5, 32) == DecodeError::bad_value);
  for (const std::size_t size : {0U, 31U, 33U}) CHECK(ring(1, size) == DecodeError::bad_value);
}

TEST_CASE("kinds by number, 512 rumors, and absent fields") {
  for (std::uint64_t tag = 4; tag < 8; ++tag) {
    RawSegment raw;
    raw.words[raw.add_root(1, 1)] = tag;
    CHECK(error_of(raw.bytes()) == DecodeError::bad_value);
  }
  const auto rumors = [](std::size_t count) {
    RawSegment raw;
    const std::size_t root = raw.add_root(1, 1);
    raw.words[root] = 2;
    raw.add_small_rumors(root + 1, count);
    return error_of(raw.bytes());
  };
  CHECK_FALSE(rumors(limits::kStreamRumors));
  CHECK(rumors(limits::kStreamRumors + 1) == DecodeError::bad_value);
  CHECK(error_of(RawSegment{}.bytes()) == DecodeError::bad_value);
  CHECK(error_of(Bytes{}) == DecodeError::malformed);
  const std::vector<std::uint64_t> big(limits::kStreamMessage / 8 + 1);
  CHECK(error_of(std::as_bytes(std::span(big))) == DecodeError::too_large);
}

TEST_CASE("a batch that is announced too long is refused before any memory is taken for it") {
  RawSegment raw;
  const std::size_t root = raw.add_root(1, 1);
  raw.words[root] = 2;
  raw.add_small_rumors(root + 1, limits::kStreamRumors + 1);
  StreamMessage out;
  const test::Allocations allocations;
  const bool decoded = static_cast<bool>(decode_stream_message(raw.bytes(), out));
  const std::size_t allocated = allocations.count();
  CHECK_FALSE(decoded);
  CHECK(allocated == 0);
}

TEST_CASE("what a session signs: the role, then the exporter") {
  ByteArray<32> exporter;
  exporter.fill(std::byte{0xab});
  const auto client = session_proof_content(false, exporter);
  const auto server = session_proof_content(true, exporter);
  CHECK(client[0] == std::byte{0});
  CHECK(server[0] == std::byte{1});
  CHECK(equal(Bytes(client).subspan(1), exporter));
  CHECK(equal(Bytes(server).subspan(1), exporter));
}

}  // namespace
}  // namespace quorumor
