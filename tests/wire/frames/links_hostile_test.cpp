// What outsiders, thieves of an epoch key and other members send: none of it may change anything.
#include <doctest/doctest.h>

#include <array>

#include "wire/frames/fixture.h"

namespace quorumor {
namespace {

using test::drop_of;
using test::Node;
using test::opens;
using test::Pair;

constexpr auto kForged = std::optional(DropReason::forged);

// A thief of the epoch key names a sender and a counter as he likes; the pair's key he does not have.
ByteVector forge(const Keyring::Entry& entry, const NodeId& sender, std::uint64_t counter, const NodeId& receiver) {
  ByteVector out(200);
  const ByteVector plain(out.size() - limits::kShortOverhead, std::byte{1});
  const Digest guess = test::test_digest("a guess");
  seal_short(out, plain, {id_prefix(sender), counter}, receiver, entry.announcement.announcement.parameters.suite,
             entry.secrets, guess);
  return out;
}

TEST_CASE("links: a forged frame does not move the window") {
  for (const bool heard_before : {false, true}) {
    Pair p;
    const ByteVector overtaken = p.a.seal_for(p.b, p.entry());
    if (heard_before) REQUIRE(opens(p.b.links, p.ring, p.a.seal_for(p.b, p.entry())));
    for (const std::uint64_t counter : {kCounterEnd, kCounterEnd - 1, std::uint64_t{1} << 40, std::uint64_t{5}}) {
      CHECK(drop_of(p.b.links, p.ring, forge(p.entry(), p.a.id, counter, p.b.id)) == kForged);
    }
    for (const std::uint64_t counter : {std::uint64_t{0}, kCounterEnd + 1, ~std::uint64_t{0}}) {
      CHECK(drop_of(p.b.links, p.ring, forge(p.entry(), p.a.id, counter, p.b.id)) ==
            std::optional(DropReason::replayed));
    }
    CHECK(opens(p.b.links, p.ring, overtaken));
  }
}

// Else whoever holds the epoch key could evict honest peers' keys and windows by naming idle ones.
TEST_CASE("links: a forged frame wakes no link and strips none") {
  Pair p;
  Node b("b", 2);
  Node c("c");
  std::array<Node, 4> idle{Node("i1"), Node("i2"), Node("i3"), Node("i4")};
  for (Node* peer : {&p.a, &c, &idle[0], &idle[1], &idle[2], &idle[3]}) {
    peer->meet(b);
    b.meet(*peer);
  }
  const ByteVector overtaken_a = p.a.seal_for(b, p.entry());
  const ByteVector overtaken_c = c.seal_for(b, p.entry());
  REQUIRE(opens(b.links, p.ring, p.a.seal_for(b, p.entry())));
  REQUIRE(opens(b.links, p.ring, c.seal_for(b, p.entry())));
  for (int round = 0; round < 3; ++round) {
    for (const Node& peer : idle) {
      CHECK(drop_of(b.links, p.ring, forge(p.entry(), peer.id, 7, b.id)) == kForged);
    }
    // Nor is naming an active one a use of it.
    CHECK(drop_of(b.links, p.ring, forge(p.entry(), p.a.id, 7, b.id)) == kForged);
  }
  CHECK(b.links.active() == 2);
  // So a is still the one used longest ago, and the one that room is made of.
  CHECK(opens(b.links, p.ring, idle[0].seal_for(b, p.entry())));
  CHECK(drop_of(b.links, p.ring, overtaken_a) == std::optional(DropReason::replayed));
  CHECK(opens(b.links, p.ring, overtaken_c));
}

TEST_CASE("links: a forged frame pushes no epoch out") {
  Pair p({{"1"}, {"2"}, {"3"}, {"4"}});
  std::vector<ByteVector> frames;
  for (const auto& entry : p.ring.entries()) {
    frames.push_back(p.a.seal_for(p.b, entry));
    REQUIRE(opens(p.b.links, p.ring, frames.back()));
  }
  // A fifth, newer epoch of another ring, whose key the thief holds.
  const Keyring newer = test::make_ring({{"x"}, {"x"}, {"x"}, {"new"}});
  for (int i = 0; i < 3; ++i) {
    CHECK(drop_of(p.b.links, newer, forge(test::entry_of(newer, 4), p.a.id, 9, p.b.id)) == kForged);
  }
  for (const ByteVector& frame : frames) {
    CHECK(drop_of(p.b.links, p.ring, frame) == std::optional(DropReason::replayed));
  }
}

// One direction's key must not open the other's frames: a reflected frame, re-masked by a key holder.
TEST_CASE("links: a frame turned around does not open") {
  Pair p;
  const ByteVector frame = p.a.seal_for(p.b, p.entry());
  const ShortHeader header = unmask_short(frame, p.b.id, p.entry().secrets);
  ByteVector turned = frame;
  // Mask b's prefix and the counter for a as receiver, so that a takes it for a frame of b's.
  const ShortHeader mask = unmask_short(frame, p.a.id, p.entry().secrets);
  const auto raw = [&](std::size_t at) { return load_le<std::uint64_t>(frame.data() + at); };
  store_le(turned.data() + 5, raw(5) ^ mask.sender_prefix ^ id_prefix(p.b.id));
  store_le(turned.data() + 13, raw(13) ^ mask.counter ^ header.counter);
  CHECK(unmask_short(turned, p.a.id, p.entry().secrets).sender_prefix == id_prefix(p.b.id));
  CHECK(drop_of(p.a.links, p.ring, turned) == kForged);
}

TEST_CASE("links: no bit of a sealed frame can change, and the frame itself still opens") {
  for (const Suite suite : {Suite::chacha20_poly1305, Suite::aes256_gcm}) {
    Pair p({{"one", suite}, {"two"}});
    const ByteVector frame = p.a.seal_for(p.b, p.entry(), "some text");
    for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
      CAPTURE(bit);
      ByteVector changed = frame;
      changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      CHECK_FALSE(opens(p.b.links, p.ring, changed));
    }
    for (std::size_t size = 0; size < frame.size(); ++size) {
      CHECK_FALSE(opens(p.b.links, p.ring, ByteVector(frame.begin(), frame.begin() + static_cast<long>(size))));
    }
    ByteVector other_epoch = frame;
    std::memcpy(other_epoch.data() + 1, p.entry(2).secrets.tag.data(), 4);
    CHECK_FALSE(opens(p.b.links, p.ring, other_epoch));
    CHECK(opens(p.b.links, p.ring, frame));
  }
}

// Plain noise, noise behind the right type, and noise behind the right epoch tag.
TEST_CASE("links: random datagrams change nothing but counters") {
#ifdef NDEBUG
  constexpr std::size_t kDatagrams = 1'000'000;
#else
  constexpr std::size_t kDatagrams = 200'000;
#endif
  Pair p({{"one"}, {"two", Suite::aes256_gcm}});
  auto rng = test::test_rng("random datagrams");
  std::vector<ByteVector> seen, overtaken;
  for (const std::uint64_t epoch : {1U, 2U}) {
    overtaken.push_back(p.a.seal_for(p.b, p.entry(epoch)));
    seen.push_back(p.a.seal_for(p.b, p.entry(epoch)));
    REQUIRE(opens(p.b.links, p.ring, seen.back()));
  }
  std::array<std::size_t, kDropReasons> dropped{};
  ByteArray<limits::kDatagram> buffer;
  ByteArray<1400> datagram;
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    rng.fill(MutableBytes{datagram}.first(i % 64 == 0 ? datagram.size() : 64));  // the tail may stay as it was
    const std::size_t kind = i % 4;
    if (kind >= 1) datagram[0] = kind == 3 ? kLongType : kShortType;
    if (kind >= 2) std::memcpy(datagram.data() + 1, p.entry(1 + i % 8 / 4).secrets.tag.data(), 4);
    const auto size = i % 3 == 0 ? rng.below(80) : rng.below(datagram.size());
    const auto opened = p.b.links.open(p.ring, Bytes{datagram}.first(static_cast<std::size_t>(size)), buffer);
    REQUIRE_FALSE(opened);
    ++dropped[static_cast<std::size_t>(opened.error())];
  }
  using enum DropReason;
  for (const DropReason expected : {too_short, too_long, unknown_type, unknown_epoch, unknown_sender, unexpected}) {
    CAPTURE(to_string(expected));
    CHECK(dropped[static_cast<std::size_t>(expected)] > kDatagrams / 50);
  }
  for (const DropReason never : {replayed, forged, malformed, over_limit}) {
    CHECK(dropped[static_cast<std::size_t>(never)] == 0);
  }
  CHECK(p.b.links.size() == 1);
  CHECK(p.b.links.active() == 1);
  CHECK_FALSE(p.b.links.needs_new_session_key());
  for (const ByteVector& frame : seen) CHECK_FALSE(opens(p.b.links, p.ring, frame));
  for (const ByteVector& frame : overtaken) CHECK(opens(p.b.links, p.ring, frame));
}

}  // namespace
}  // namespace quorumor
