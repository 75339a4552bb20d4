#include "wire/message.h"

#include <doctest/doctest.h>

#include "allocations.h"
#include "message_samples.h"
#include "support/vectors.h"

namespace quorumor {
namespace {

using test::DatagramBuffer;
using test::Storage;

constexpr MessageKind kKinds[] = {
    MessageKind::ping,     MessageKind::ack,  MessageKind::nack, MessageKind::relay,
    MessageKind::relayed,  MessageKind::hint, MessageKind::want, MessageKind::epoch_key_request,
    MessageKind::epoch_key};
static_assert(std::size(kKinds) == kMessageKinds);

// --- golden vectors --------------------------------------------------------------------------------------------

Message sample(MessageKind kind) {
  Message m;
  m.kind = kind;
  m.newest_epoch = Epoch{0x0102030405060708};
  m.newest_commitment = 0x1112131415161718;
  m.digest = 0x2122232425262728;
  m.sequence = Sequence{0x3132333435363738};
  m.belief = {Generation{0x4142434445464748}, Incarnation{0x5152535455565758}, MemberState::suspect};
  return m;
}

// The bytes of 16 and 32 that the vectors use.
const ByteVector kCounting = from_hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf").value();

NodeId counting_id() {
  NodeId id;
  std::memcpy(id.data(), kCounting.data(), id.size());
  return id;
}

void check_golden(const char* name, const Message& message) {
  const test::Vectors v("wire/messages.txt");
  const ByteVector golden = v.at(name);
  CAPTURE(name);
  DatagramBuffer out;
  CHECK(to_hex(encode_message(message, out.bytes())) == to_hex(golden));
  const auto words = test::aligned_copy(golden);
  Message back;
  REQUIRE(decode_message(std::as_bytes(std::span(words)), back));
  CHECK(test::same(back, message));
}

TEST_CASE("golden vectors: messages") {
  check_golden("ping", sample(MessageKind::ping));
  check_golden("ack", sample(MessageKind::ack));
  check_golden("nack", sample(MessageKind::nack));
  Message counts = sample(MessageKind::ping);
  counts.next_event = 0xa1a2a3a4;
  check_golden("ping_next_event", counts);

  Message relay = sample(MessageKind::relay);
  relay.peer = counting_id();
  const ByteVector sealed(limits::kShortOverhead + 80, std::byte{0x5e});
  relay.sealed = sealed;
  check_golden("relay", relay);
  relay.kind = MessageKind::relayed;
  check_golden("relayed", relay);

  Message hint = sample(MessageKind::hint);
  hint.peer = counting_id();
  hint.generation = Generation{0x6162636465666768};
  hint.incarnation = Incarnation{0x7172737475767778};
  check_golden("hint", hint);

  Message want = sample(MessageKind::want);
  want.wants.push_back({RumorKind::credential, counting_id(), 0});
  want.wants.push_back({RumorKind::event, counting_id(), 0x8182838485868788});
  check_golden("want", want);
  want.wants.clear();
  check_golden("want_nothing", want);

  Message key = sample(MessageKind::epoch_key_request);
  key.epoch = Epoch{0x9192939495969798};
  check_golden("epoch_key_request", key);
  key.kind = MessageKind::epoch_key;
  key.epoch_key = kCounting;
  check_golden("epoch_key", key);
}

TEST_CASE("golden vectors: rumors") {
  const test::Vectors records("wire/records.txt");
  ByteVector event = records.at("event");
  event.resize(event.size() + limits::kSignature, std::byte{0x77});
  const ByteVector body = records.at("body");
  Message m = sample(MessageKind::ping);
  m.rumors.push_back({RumorKind::body, body, {}});
  m.rumors.push_back({RumorKind::event, event, as_bytes("hello")});
  check_golden("ping_rumors", m);
}

TEST_CASE("golden vectors: introduction") {
  const test::Vectors v("wire/messages.txt");
  ByteVector core = test::Vectors("wire/records.txt").at("core");
  core.resize(core.size() + limits::kSignature, std::byte{0x77});
  const ByteVector credential(100, std::byte{0xc5});
  DatagramBuffer out;
  const Introduction introduction{true, credential, core};
  CHECK(to_hex(encode_introduction(introduction, out.bytes())) == to_hex(v.at("introduction")));
  const auto words = test::aligned_copy(v.at("introduction"));
  Introduction back;
  REQUIRE(decode_introduction(std::as_bytes(std::span(words)), back));
  CHECK(test::same(back, introduction));
}

// --- sizes and memory ------------------------------------------------------------------------------------------

TEST_CASE("a ping without rumors is 80 bytes: 117 as a datagram") {
  CHECK(message_size(sample(MessageKind::ping)) == 80);
  CHECK(message_size(sample(MessageKind::ping)) + limits::kShortOverhead == 117);
}

TEST_CASE("random messages survive the trip, in exactly the size announced, without allocation") {
  auto rng = test::test_rng("messages");
  for (int i = 0; i < 60; ++i) {
    for (const MessageKind kind : kKinds) {
      Storage storage;
      Message m = test::random_message(kind, rng, storage);
      if (i % 4 != 0) test::fill_with_rumors(m, rng, storage);
      DatagramBuffer out;
      Message back;
      const test::Allocations allocations;
      const Bytes plain = encode_message(m, out.bytes());
      const bool decoded = static_cast<bool>(decode_message(plain, back));
      const std::size_t allocated = allocations.count();
      CAPTURE(static_cast<int>(kind));
      CHECK(allocated == 0);
      CHECK(plain.size() == test::size_with_rumors(m));
      CHECK(plain.size() <= limits::kPlain);
      REQUIRE(decoded);
      CHECK(test::same(back, m));
    }
  }
}

TEST_CASE("the counter that this relies on counts") {
  const test::Allocations allocations;
  const auto words = test::aligned_copy(ByteVector(100));
  CHECK(allocations.count() == 2);
  CHECK(allocations.largest() == 104);
}

TEST_CASE("a message that does not fit is not encoded") {
  auto rng = test::test_rng("fit");
  Storage storage;
  Message m = sample(MessageKind::ping);
  test::fill_with_rumors(m, rng, storage);
  const std::size_t size = test::size_with_rumors(m);
  DatagramBuffer out;
  CHECK(encode_message(m, out.bytes().first(size)).size() == size);
  CHECK(encode_message(m, out.bytes().first(size - 1)).empty());
  CHECK(encode_message(m, {}).empty());

  // A datagram's plaintext has kPlain bytes; 1160 is the greatest size in words.
  const ByteVector big(limits::kDatagram, std::byte{1});
  Message relay = sample(MessageKind::relay);
  const std::size_t fixed = message_size(relay);
  test::Aligned<2 * limits::kDatagram> room;
  relay.sealed = Bytes(big).first(1160 - fixed);
  CHECK(encode_message(relay, room.bytes()).size() == 1160);
  relay.sealed = Bytes(big).first(1160 - fixed + 1);
  CHECK(encode_message(relay, room.bytes()).empty());
}

TEST_CASE("encoding twice gives the same bytes, whatever the buffer held") {
  auto rng = test::test_rng("dirty");
  Storage storage;
  Message m = test::random_message(MessageKind::relay, rng, storage);
  test::fill_with_rumors(m, rng, storage);
  DatagramBuffer clean;
  DatagramBuffer dirty;
  std::fill(dirty.words.begin(), dirty.words.end(), ~std::uint64_t{0});
  CHECK(equal(encode_message(m, clean.bytes()), encode_message(m, dirty.bytes())));
}

TEST_CASE("views point into the buffer that was decoded") {
  auto rng = test::test_rng("views");
  Storage storage;
  Message m = sample(MessageKind::ping);
  m.rumors.push_back(test::random_rumor(RumorKind::event, rng, storage));
  DatagramBuffer out;
  const Bytes plain = encode_message(m, out.bytes());
  Message back;
  REQUIRE(decode_message(plain, back));
  const Rumor& rumor = back.rumors[0];
  CHECK(rumor.record.data() >= plain.data());
  CHECK(rumor.record.data() + rumor.record.size() <= plain.data() + plain.size());
  CHECK(rumor.content().size() + limits::kSignature == rumor.record.size());
  CHECK(equal(rumor.signature(), rumor.record.last(64)));
}

TEST_CASE("a body and a proof are content alone") {
  const ByteVector record(80, std::byte{9});
  for (const RumorKind kind : {RumorKind::body, RumorKind::proof}) {
    const Rumor rumor{kind, record, {}};
    CHECK(equal(rumor.content(), record));
    CHECK(rumor.signature() == Signature{});
  }
}

TEST_CASE("decoding replaces what the message held before") {
  auto rng = test::test_rng("replace");
  Storage storage;
  Message full = test::random_message(MessageKind::want, rng, storage);
  test::fill_with_rumors(full, rng, storage);
  full.epoch = Epoch{9};
  full.generation = Generation{9};
  full.sealed = full.epoch_key = as_bytes("left over");
  Message out = full;
  DatagramBuffer buffer;
  const Message ping = sample(MessageKind::ping);
  REQUIRE(decode_message(encode_message(ping, buffer.bytes()), out));
  CHECK(test::same(out, ping));
  out = full;
  CHECK_FALSE(decode_message({}, out));
  CHECK(test::same(out, Message{}));
}

TEST_CASE("introductions survive the trip, without allocation") {
  auto rng = test::test_rng("introductions");
  for (int i = 0; i < 50; ++i) {
    Storage storage;
    const Introduction introduction{i % 2 == 0, test::random_rumor(RumorKind::credential, rng, storage).record,
                                    test::random_rumor(RumorKind::core, rng, storage).record};
    DatagramBuffer out;
    Introduction back;
    const test::Allocations allocations;
    const Bytes plain = encode_introduction(introduction, out.bytes());
    const bool decoded = static_cast<bool>(decode_introduction(plain, back));
    const std::size_t allocated = allocations.count();
    CHECK(allocated == 0);
    REQUIRE(decoded);
    CHECK(test::same(back, introduction));
    CHECK(encode_introduction(introduction, out.bytes().first(plain.size() - 1)).empty());
  }
}

}  // namespace
}  // namespace quorumor
