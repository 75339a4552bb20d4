// What decode_message and decode_introduction refuse.
#include <doctest/doctest.h>

#include <ctime>
#include <functional>

#include "message_samples.h"
#include "raw_segment.h"

namespace quorumor {
namespace {

using test::DatagramBuffer;
using test::RawSegment;
using test::Storage;

std::optional<DecodeError> error_of(Bytes plain) {
  Message out;
  const auto result = decode_message(plain, out);
  if (result) return std::nullopt;
  CHECK(test::same(out, Message{}));
  return result.error();
}

Message base(MessageKind kind) {
  auto rng = test::test_rng("strictness");
  static Storage storage;
  Message m = test::random_message(kind, rng, storage);
  if (kind == MessageKind::want) {
    m.wants.clear();
    m.wants.push_back({RumorKind::announcement, {}, 5});
  }
  return m;
}

// --- values ----------------------------------------------------------------------------------------------------

struct Bad {
  MessageKind kind;
  const char* what;
  std::function<void(Message&)> spoil;
};

const ByteVector kZeros(1100);
Bytes zeros(std::size_t n) { return Bytes(kZeros).first(n); }

const auto rumor = [](int kind, std::size_t record, std::size_t payload = 0) {
  return [=](Message& m) { m.rumors.push_back({static_cast<RumorKind>(kind), zeros(record), zeros(payload)}); };
};

const Bad kBad[] = {
    {MessageKind::ping, "no epoch", [](Message& m) { m.newest_epoch = Epoch{0}; }},
    {MessageKind::ping, "state 7", [](Message& m) { m.belief.state = static_cast<MemberState>(7); }},
    {MessageKind::ping, "state 255", [](Message& m) { m.belief.state = static_cast<MemberState>(255); }},
    {MessageKind::relay, "nothing sealed", [](Message& m) { m.sealed = {}; }},
    {MessageKind::relay, "less than a frame", [](Message& m) { m.sealed = zeros(limits::kShortOverhead); }},
    {MessageKind::relayed, "less than a frame", [](Message& m) { m.sealed = zeros(limits::kShortOverhead); }},
    {MessageKind::want, "kind 0", [](Message& m) { m.wants[0].kind = RumorKind{}; }},
    {MessageKind::want, "kind 10", [](Message& m) { m.wants[0].kind = static_cast<RumorKind>(10); }},
    {MessageKind::want, "an announcement of epoch 0", [](Message& m) { m.wants[0].coordinate = 0; }},
    {MessageKind::want, "a core at 5", [](Message& m) { m.wants[0].kind = RumorKind::core; }},
    {MessageKind::epoch_key_request, "epoch 0", [](Message& m) { m.epoch = Epoch{0}; }},
    {MessageKind::epoch_key, "epoch 0", [](Message& m) { m.epoch = Epoch{0}; }},
    {MessageKind::epoch_key, "no key", [](Message& m) { m.epoch_key = {}; }},
    {MessageKind::epoch_key, "31 bytes", [](Message& m) { m.epoch_key = zeros(31); }},
    {MessageKind::epoch_key, "33 bytes", [](Message& m) { m.epoch_key = zeros(33); }},
    {MessageKind::ping, "rumor kind 0", rumor(0, 178)},
    {MessageKind::ping, "rumor kind 10", rumor(10, 178)},
    {MessageKind::ping, "rumor without record", rumor(3, 0)},
    {MessageKind::ping, "a credential that is only a signature", rumor(1, 64)},
    {MessageKind::ping, "a signature's part", rumor(1, 10)},
    {MessageKind::ping, "a core too short", rumor(2, 177)},
    {MessageKind::ping, "a core too long", rumor(2, 179)},
    {MessageKind::ping, "a body too long", rumor(3, 1001)},
    {MessageKind::ping, "an accusation too long", rumor(4, kAccusationContentMax + 65)},
    {MessageKind::ping, "an announcement too long", rumor(5, kAnnouncementContentMax + 65)},
    {MessageKind::ping, "a revocation too long", rumor(6, kRevocationContentMax + 65)},
    {MessageKind::ping, "a force-leave too long", rumor(7, kForceLeaveContent + 65)},
    {MessageKind::ping, "a proof too long", rumor(8, kProofContentMax + 1)},
    {MessageKind::ping, "an event too long", rumor(9, kEventContentMax + 65)},
    {MessageKind::ping, "a payload too long", rumor(9, 200, 513)},
    {MessageKind::ping, "a core with payload", rumor(2, 178, 1)},
    {MessageKind::ping, "a body with payload", rumor(3, 100, 1)},
};

TEST_CASE("values out of range") {
  for (const Bad& bad : kBad) {
    Message m = base(bad.kind);
    DatagramBuffer out;
    CAPTURE(bad.what);
    REQUIRE_FALSE(error_of(encode_message(m, out.bytes())));
    bad.spoil(m);
    const Bytes plain = encode_message(m, out.bytes());
    REQUIRE_FALSE(plain.empty());
    CHECK(error_of(plain) == DecodeError::bad_value);
  }
}

TEST_CASE("values just in range") {
  struct Good {
    MessageKind kind;
    std::function<void(Message&)> change;
  };
  const Good rows[] = {
      {MessageKind::ping, [](Message& m) { m.belief.state = MemberState::evicted; }},
      {MessageKind::relay, [](Message& m) { m.sealed = zeros(limits::kShortOverhead + 1); }},
      {MessageKind::want,
       [](Message& m) {
         m.wants[0] = {RumorKind::event, {}, 0};
       }},
      {MessageKind::want, [](Message& m) { m.wants.clear(); }},
      {MessageKind::ping, rumor(2, 178)},
      {MessageKind::ping, rumor(3, 1)},
      {MessageKind::ping, rumor(3, 1000)},
      {MessageKind::ping, rumor(9, kEventContentMax + 64, 512)},
      {MessageKind::ping, rumor(4, kAccusationContentMax + 64)},
  };
  for (const Good& good : rows) {
    Message m = base(good.kind);
    good.change(m);
    DatagramBuffer out;
    CHECK_FALSE(error_of(encode_message(m, out.bytes())));
  }
}

// --- layout ----------------------------------------------------------------------------------------------------

// Word indices in a Message: its data follows the root pointer.
constexpr std::size_t kStateWord = 7;  // state u8, then the union's tag in bytes 2 and 3
constexpr std::size_t kUnionPointer = 8;
constexpr std::size_t kRumorsPointer = 9;

RawSegment raw_message(std::uint64_t tag) {
  RawSegment raw;
  REQUIRE(raw.add_root(7, 2) == 1);
  raw.words[1] = 1;  // newest epoch
  raw.words[kStateWord] = tag << 16;
  return raw;
}

TEST_CASE("kinds by number: 0 to 8 and no others") {
  for (const std::uint64_t tag : {0U, 1U, 2U, 6U}) CHECK_FALSE(error_of(raw_message(tag).bytes()));
  // The others have a struct, and an absent one is as wrong as an empty one.
  for (const std::uint64_t tag : {3U, 4U, 5U, 7U, 8U})
    CHECK(error_of(raw_message(tag).bytes()) == DecodeError::bad_value);
  for (const std::uint64_t tag : {9U, 10U, 255U, 256U, 65535U}) {
    CHECK(error_of(raw_message(tag).bytes()) == DecodeError::bad_value);
  }
}

TEST_CASE("size and alignment come first") {
  const RawSegment ping = raw_message(0);
  CHECK(error_of({}) == DecodeError::malformed);
  CHECK(error_of(ping.bytes().first(79)) == DecodeError::malformed);
  DatagramBuffer shifted;
  std::memcpy(shifted.bytes().data(), ping.bytes().data(), 80);
  for (std::size_t odd = 1; odd < 8; ++odd) {
    CHECK(error_of(shifted.bytes().first(80 + odd)) == DecodeError::malformed);
  }
  std::memcpy(shifted.bytes().data() + 4, ping.bytes().data(), 80);
  CHECK(error_of(shifted.bytes().subspan(4, 80)) == DecodeError::misaligned);
  RawSegment big = raw_message(0);
  big.add((limits::kPlain + 8) / 8 - 10);
  REQUIRE(big.bytes().size() == 1168);
  CHECK(error_of(big.bytes()) == DecodeError::too_large);
}

TEST_CASE("every truncation is refused") {
  auto rng = test::test_rng("truncated messages");
  for (std::size_t kind = 0; kind < kMessageKinds; ++kind) {
    Storage storage;
    Message m = test::random_message(static_cast<MessageKind>(kind), rng, storage);
    test::fill_with_rumors(m, rng, storage);
    DatagramBuffer out;
    const Bytes plain = encode_message(m, out.bytes());
    for (std::size_t n = 0; n < plain.size(); ++n) CHECK(error_of(plain.first(n)));
  }
}

TEST_CASE("words that nothing refers to are refused") {
  for (const std::uint64_t content : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    RawSegment trailing = raw_message(0);
    trailing.words.push_back(content);
    CHECK(error_of(trailing.bytes()) == DecodeError::malformed);
  }
  RawSegment gap;
  gap.add(1);
  const std::size_t root = gap.add_root(7, 2);
  gap.words[root] = 1;
  CHECK(error_of(gap.bytes()) == DecodeError::malformed);
}

TEST_CASE("words that two pointers refer to are refused") {
  RawSegment raw = raw_message(0);
  const std::size_t first = raw.add_structs(kRumorsPointer, 2, 1, 2);
  raw.words[first] = raw.words[first + 3] = 3;
  raw.add_bytes(first + 1, as_bytes("a body"));
  raw.point_to_list(first + 4, raw.words.size() - 1, 2, 6);
  CHECK(error_of(raw.bytes()) == DecodeError::malformed);
}

TEST_CASE("absent fields fail closed") {
  CHECK(error_of(RawSegment{}.bytes()) == DecodeError::bad_value);
  RawSegment empty;
  empty.words[0] = 0xfffffffc;  // an empty struct
  CHECK(error_of(empty.bytes()) == DecodeError::bad_value);
}

TEST_CASE("pointers of the wrong kind") {
  constexpr std::uint64_t kFar = 2;
  constexpr std::uint64_t kDoubleFar = 6;
  constexpr std::uint64_t kCapability = 3;
  for (const std::size_t at : {std::size_t{0}, kUnionPointer, kRumorsPointer}) {
    for (const std::uint64_t pointer : {kFar, kFar | std::uint64_t{1} << 32, kDoubleFar, kCapability}) {
      RawSegment raw = raw_message(5);
      raw.words[at] = pointer;
      CAPTURE(at);
      CAPTURE(pointer);
      CHECK(error_of(raw.bytes()) == DecodeError::malformed);
    }
  }
  RawSegment list_as_root;
  list_as_root.add_bytes(0, as_bytes("not a struct"));
  CHECK(error_of(list_as_root.bytes()) == DecodeError::malformed);
  RawSegment list_as_struct = raw_message(5);
  list_as_struct.add_bytes(kUnionPointer, as_bytes("not a hint"));
  CHECK(error_of(list_as_struct.bytes()) == DecodeError::malformed);
  RawSegment bytes_as_rumors = raw_message(0);
  bytes_as_rumors.add_bytes(kRumorsPointer, as_bytes("no rumors"));
  CHECK(error_of(bytes_as_rumors.bytes()));
}

TEST_CASE("a few words that claim to be many") {
  RawSegment nothings = raw_message(0);  // half a billion structs of no size
  const std::size_t tag = nothings.add(1);
  nothings.words[tag] = 0x1fffffffULL << 2;
  nothings.point_to_list(kRumorsPointer, tag, 7, 0);
  CHECK(error_of(nothings.bytes()));
  RawSegment voids = raw_message(0);
  voids.point_to_list(kRumorsPointer, 10, 0, 0x1fffffff);
  CHECK(error_of(voids.bytes()));
  RawSegment long_list = raw_message(6);
  long_list.point_to_list(kUnionPointer, 10, 7, 0x1fffffff);
  CHECK(error_of(long_list.bytes()) == DecodeError::malformed);
}

// CPU time, because that is the promise: 24 pointers to the same 24 pointers, and so on, are 24^5 words to a
// reader without a bound, thousands of times the work of any other refusal. Hence the wide margin.
TEST_CASE("a bomb of nested lists costs no more than another malformed message") {
  constexpr std::size_t kWidth = 24;
  RawSegment bomb = raw_message(0);
  std::size_t pointer = kRumorsPointer;
  for (int depth = 0; depth < 5; ++depth) {
    const std::size_t list = bomb.add(kWidth);
    for (; pointer < list; ++pointer) bomb.point_to_list(pointer, list, 6, kWidth);
    pointer = list;
  }
  RawSegment dud = raw_message(0);
  dud.words[kRumorsPointer] = 2;
  const auto cost = [](const RawSegment& raw) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < 50; ++i) CHECK(error_of(raw.bytes()) == DecodeError::malformed);
    return std::clock() - start;
  };
  CHECK(cost(bomb) < 50 * cost(dud) + CLOCKS_PER_SEC / 10);
}

TEST_CASE("16 rumors and no more") {
  RawSegment most = raw_message(0);
  most.add_small_rumors(kRumorsPointer, 16);
  CHECK_FALSE(error_of(most.bytes()));
  RawSegment more = raw_message(0);
  more.add_small_rumors(kRumorsPointer, 17);
  CHECK(error_of(more.bytes()) == DecodeError::bad_value);
}

TEST_CASE("16 wants and no more") {
  const auto wants = [](std::size_t count) {
    RawSegment raw = raw_message(6);
    const std::size_t first = raw.add_structs(kUnionPointer, count, 4, 0);
    for (std::size_t i = 0; i < count; ++i) raw.words[first + 4 * i] = 2;
    return error_of(raw.bytes());
  };
  CHECK_FALSE(wants(16));
  CHECK(wants(17) == DecodeError::bad_value);
}

TEST_CASE("ids have 16 bytes") {
  const auto relay = [](std::uint64_t tag, std::size_t id, bool hint) {
    RawSegment raw = raw_message(tag);
    const std::size_t at = raw.add(hint ? 3 : 2);
    raw.point_to_struct(kUnionPointer, at, hint ? 2 : 0, hint ? 1 : 2);
    raw.add_bytes(hint ? at + 2 : at, zeros(id));
    if (!hint) raw.add_bytes(at + 1, zeros(100));
    return error_of(raw.bytes());
  };
  for (const std::uint64_t tag : {3U, 4U, 5U}) {
    CHECK_FALSE(relay(tag, 16, tag == 5));
    for (const std::size_t size : {0U, 8U, 15U, 17U, 32U}) {
      CHECK(relay(tag, size, tag == 5) == DecodeError::bad_value);
    }
  }
}

TEST_CASE("a later version's longer structs are read, their new fields ignored") {
  RawSegment raw;
  const std::size_t root = raw.add_root(8, 3);
  raw.words[root] = 1;
  raw.words[root + 7] = 0xfeedface;
  raw.add_bytes(root + 10, as_bytes("a field of the future"));
  CHECK_FALSE(error_of(raw.bytes()));
}

TEST_CASE("mutated messages are refused, or mean something that encodes again") {
  auto rng = test::test_rng("mutated messages");
  std::size_t accepted = 0;
  for (int i = 0; i < 3000; ++i) {
    Storage storage;
    Message m = test::random_message(static_cast<MessageKind>(i % 9), rng, storage);
    if (i % 2 == 0) test::fill_with_rumors(m, rng, storage);
    DatagramBuffer out;
    const auto words = test::aligned_copy(test::mutated(encode_message(m, out.bytes()), rng));
    Message first;
    if (!decode_message(std::as_bytes(std::span(words)), first)) continue;
    ++accepted;
    Message second;
    REQUIRE(decode_message(encode_message(first, out.bytes()), second));
    CHECK(test::same(first, second));
  }
  CHECK(accepted > 300);
}

// --- introductions ---------------------------------------------------------------------------------------------

TEST_CASE("introductions out of range") {
  struct Row {
    std::size_t credential;
    std::size_t core;
    std::optional<DecodeError> error;
  };
  constexpr std::size_t kCore = limits::kCoreContent + 64;
  const Row rows[] = {
      {65, kCore, std::nullopt},
      {kCredentialContentMax + 64, kCore, std::nullopt},
      {kCredentialContentMax + 65, kCore, DecodeError::bad_value},
      {64, kCore, DecodeError::bad_value},
      {0, kCore, DecodeError::bad_value},
      {65, kCore - 1, DecodeError::bad_value},
      {65, kCore + 1, DecodeError::bad_value},
      {65, 0, DecodeError::bad_value},
  };
  for (const Row& row : rows) {
    DatagramBuffer out;
    const Bytes plain = encode_introduction({false, zeros(row.credential), zeros(row.core)}, out.bytes());
    Introduction back;
    const auto result = decode_introduction(plain, back);
    CAPTURE(row.credential);
    CAPTURE(row.core);
    CHECK((result ? std::nullopt : std::optional(result.error())) == row.error);
    CHECK(back.core.size() == (row.error ? 0 : row.core));
  }
  DatagramBuffer out;
  const Bytes plain = encode_introduction({true, zeros(100), zeros(kCore)}, out.bytes());
  Introduction back;
  for (std::size_t n = 0; n < plain.size(); ++n) CHECK_FALSE(decode_introduction(plain.first(n), back));
  CHECK(decode_introduction(out.bytes(), back).error() == DecodeError::too_large);
}

}  // namespace
}  // namespace quorumor
