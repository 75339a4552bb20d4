// The set of peers, and sealing and opening between two of them.
#include "wire/links.h"

#include <doctest/doctest.h>

#include <set>

#include "wire/frames/fixture.h"

namespace quorumor {
namespace {

using test::drop_of;
using test::make_ring;
using test::Node;
using test::node_id;
using test::opens;
using test::Pair;

constexpr auto kReplayed = std::optional(DropReason::replayed);
constexpr auto kForged = std::optional(DropReason::forged);

TEST_CASE("links: put, find, remove") {
  Node own("own");
  const SessionPublicKey key = test::session_of("x").public_key();
  CHECK(own.links.put(own.id, key) == Links::kNone);
  CHECK(own.links.find(node_id("x")) == Links::kNone);

  const auto x = own.links.put(node_id("x"), key);
  const auto y = own.links.put(node_id("y"), key);
  REQUIRE(x != Links::kNone);
  CHECK(x != y);
  CHECK(own.links.put(node_id("x"), key) == x);
  CHECK(own.links.put(node_id("x"), test::session_of("later").public_key()) == x);
  CHECK(own.links.size() == 2);
  CHECK(own.links.find(node_id("x")) == x);
  CHECK(own.links.id_of(y) == node_id("y"));

  NodeId clash = node_id("x");  // the same prefix, another id: frames of the two could not be told apart
  clash[15] ^= std::byte{1};
  CHECK(own.links.put(clash, key) == Links::kNone);
  CHECK(own.links.find(clash) == Links::kNone);
  CHECK(own.links.size() == 2);

  own.links.remove(x);
  CHECK(own.links.size() == 1);
  CHECK(own.links.find(node_id("x")) == Links::kNone);
  CHECK(own.links.find(node_id("y")) == y);
  CHECK(own.links.put(clash, key) == x);  // the prefix is free again, and so is the handle
  CHECK(own.links.id_of(x) == clash);
}

TEST_CASE("links: a full table takes nobody more, but still knows its own") {
  Node own("own");
  auto rng = test::test_rng("full table");
  std::set<Links::Handle> handles;
  NodeId first{};
  for (std::size_t i = 0; i < kLinksMax; ++i) {
    NodeId id;
    rng.fill(id);
    if (i == 0) first = id;
    handles.insert(own.links.put(id, {}));
  }
  CHECK(handles.size() == kLinksMax);
  CHECK(*handles.rbegin() == kLinksMax - 1);  // dense
  CHECK(own.links.put(node_id("late"), {}) == Links::kNone);
  CHECK(own.links.put(first, test::session_of("x").public_key()) == own.links.find(first));
  own.links.remove(own.links.find(first));
  CHECK(own.links.put(node_id("late"), {}) != Links::kNone);
  CHECK(own.links.put(first, {}) == Links::kNone);
}

TEST_CASE("links: what is sealed opens, once, in both suites and at any size") {
  for (const Suite suite : {Suite::chacha20_poly1305, Suite::aes256_gcm}) {
    Pair p({{"one", suite}});
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}, limits::kPlain}) {
      CAPTURE(size);
      const std::string text(size, 'x');
      const ByteVector frame = p.a.seal_for(p.b, p.entry(), text);
      CHECK(frame.size() == size + limits::kShortOverhead);
      ByteVector buffer(frame.size());
      const auto opened = p.b.links.open(p.ring, frame, buffer);
      REQUIRE(opened);
      CHECK(as_text(opened.value().plain) == text);
      CHECK(opened.value().plain.data() == buffer.data());
      CHECK(opened.value().peer == p.b.links.find(p.a.id));
      CHECK(opened.value().under.epoch == Epoch{1});
      CHECK(drop_of(p.b.links, p.ring, frame) == kReplayed);
    }
  }
}

TEST_CASE("links: overtaken frames open, in any order, while the window holds them") {
  Pair p;
  std::vector<ByteVector> frames;
  for (std::size_t i = 0; i < limits::kReplayWindow + 1; ++i) frames.push_back(p.a.seal_for(p.b, p.entry()));
  CHECK(opens(p.b.links, p.ring, frames.back()));
  CHECK(drop_of(p.b.links, p.ring, frames[0]) == kReplayed);  // one too old
  for (std::size_t i = frames.size() - 2; i >= 1; --i) REQUIRE(opens(p.b.links, p.ring, frames[i]));
  for (const ByteVector& frame : frames) REQUIRE(drop_of(p.b.links, p.ring, frame) == kReplayed);
}

TEST_CASE("links: why a frame is dropped, in the order of cost") {
  Pair p({{"one"}, {"two"}});
  Node stranger("stranger");
  stranger.meet(p.b);
  Node third("third");
  p.a.meet(third);
  third.meet(p.a);
  const Keyring only_first = make_ring({{"one"}});
  const Keyring other_key = make_ring({{"another"}});
  const auto drop = [&](const ByteVector& frame) { return drop_of(p.b.links, p.ring, frame); };

  const ByteVector good = p.a.seal_for(p.b, p.entry());
  CHECK(drop(ByteVector(good.begin(), good.begin() + 36)) == std::optional(DropReason::too_short));
  CHECK(drop(ByteVector(limits::kDatagram + 1, kShortType)) == std::optional(DropReason::too_long));
  ByteVector frame = good;
  frame[0] = std::byte{0};
  CHECK(drop(frame) == std::optional(DropReason::unknown_type));
  frame = ByteVector(100, kLongType);
  CHECK(drop(frame) == std::optional(DropReason::unexpected));
  frame = good;
  frame[1] ^= std::byte{1};
  CHECK(drop(frame) == std::optional(DropReason::unknown_epoch));
  CHECK(drop_of(p.b.links, only_first, p.a.seal_for(p.b, p.entry(2))) == std::optional(DropReason::unknown_epoch));
  CHECK(drop_of(p.b.links, other_key, good) == std::optional(DropReason::unknown_epoch));
  // By somebody that the receiver does not know; and for somebody else: both unmask to nobody.
  CHECK(drop(stranger.seal_for(p.b, p.entry())) == std::optional(DropReason::unknown_sender));
  CHECK(drop(p.a.seal_for(third, p.entry())) == std::optional(DropReason::unknown_sender));
  CHECK(drop_of(p.a.links, p.ring, good) == std::optional(DropReason::unknown_sender));  // reflected
  frame = good;
  frame[limits::kShortHeader] ^= std::byte{1};  // the ciphertext
  CHECK(drop(frame) == kForged);
  frame = good;
  frame.back() ^= std::byte{1};  // the tag, which is the mask's input: now nobody's
  CHECK(drop(frame) == std::optional(DropReason::unknown_sender));
  CHECK_FALSE(drop(good));
  CHECK(drop(good) == kReplayed);
}

TEST_CASE("links: two epochs are two channels") {
  Pair p({{"one"}, {"two", Suite::aes256_gcm}});
  const ByteVector first = p.a.seal_for(p.b, p.entry(1), "under one");
  const ByteVector second = p.a.seal_for(p.b, p.entry(2), "under two");
  const ByteVector third = p.a.seal_for(p.b, p.entry(1), "under one again");
  ByteVector buffer(limits::kDatagram);
  for (const auto& [frame, epoch, text] :
       {std::tuple(third, Epoch{1}, "under one again"), std::tuple(second, Epoch{2}, "under two"),
        std::tuple(first, Epoch{1}, "under one")}) {
    const auto opened = p.b.links.open(p.ring, frame, buffer);
    REQUIRE(opened);
    CHECK(opened.value().under.epoch == epoch);
    CHECK(as_text(opened.value().plain) == text);
    CHECK(drop_of(p.b.links, p.ring, frame) == kReplayed);
  }
}

// Two announcements of one key are one key to the pair: one state, or nonces would repeat and frames replay.
TEST_CASE("links: epochs that share a key share counters and windows") {
  Pair p({{"same"}, {"same"}, {"third"}});
  REQUIRE(p.entry(1).secrets.tag == p.entry(2).secrets.tag);
  const ByteVector one = p.a.seal_for(p.b, p.entry(1));
  const ByteVector two = p.a.seal_for(p.b, p.entry(2));
  CHECK(unmask_short(one, p.b.id, p.entry(1).secrets).counter != unmask_short(two, p.b.id, p.entry(1).secrets).counter);
  CHECK(opens(p.b.links, p.ring, one));
  CHECK(opens(p.b.links, p.ring, two));
  // The ring loses the first announcement; the key stays, and so must what is known about its counters.
  REQUIRE(p.ring.retire_through(Epoch{1}));
  p.b.links.forget_epochs_not_in(p.ring);
  CHECK(drop_of(p.b.links, p.ring, one) == kReplayed);
  CHECK(drop_of(p.b.links, p.ring, two) == kReplayed);
}

// While a fork heals two epochs share a number; they must not share keys, counters or windows.
TEST_CASE("links: two epochs of one number") {
  Pair p({{"this side"}});
  const Keyring other = make_ring({{"that side"}});
  const ByteVector here = p.a.seal_for(p.b, p.entry());
  const ByteVector there = p.a.seal_for(p.b, test::entry_of(other, 1));
  CHECK(opens(p.b.links, other, there));
  CHECK(opens(p.b.links, p.ring, here));
  CHECK(drop_of(p.b.links, other, there) == kReplayed);
  CHECK(drop_of(p.b.links, p.ring, here) == kReplayed);
}

TEST_CASE("links: at most eight epochs, four live and four retired; the oldest makes room, and none older is let in") {
  Pair p;
  const Keyring eight = make_ring({{"e1"}, {"e2"}, {"e3"}, {"e4"}, {"e5"}, {"e6"}, {"e7"}, {"e8"}});
  const auto entry = [&](std::uint64_t e) -> const Keyring::Entry& {
    for (const Keyring::Entry& retired : eight.retired()) {
      if (retired.epoch() == Epoch{e}) return retired;
    }
    return test::entry_of(eight, e);
  };
  Keyring::Entry ninth;
  ninth.announcement.announcement.epoch = Epoch{9};
  ninth.key = EpochKey{Secret<32>::copy_of(test::test_digest("epoch e9"))};
  ninth.announcement.announcement.commitment = ninth.key.commitment(test::kCluster);
  ninth.secrets = EpochSecrets::derive(ninth.key, test::kCluster);

  std::vector<ByteVector> frames;
  for (const std::uint64_t e : {4U, 2U, 8U, 6U, 1U, 3U, 7U, 5U}) {
    frames.push_back(p.a.seal_for(p.b, entry(e)));
    REQUIRE(opens(p.b.links, eight, frames.back()));
  }
  REQUIRE_FALSE(p.b.seal_for(p.a, ninth).empty());  // epoch 1 goes
  CHECK(p.b.seal_for(p.a, entry(1)).empty());
  CHECK(drop_of(p.b.links, eight, p.a.seal_for(p.b, entry(1))) == std::optional(DropReason::unknown_epoch));
  for (const std::size_t kept : {0U, 1U, 2U, 3U, 5U, 6U, 7U}) {
    CHECK(drop_of(p.b.links, eight, frames[kept]) == kReplayed);
  }
}

TEST_CASE("links: a peer's key of small order seals and opens nothing") {
  Pair p;
  SessionPublicKey one{};
  one[0] = std::byte{1};
  for (const SessionPublicKey& bad : {SessionPublicKey{}, one}) {
    const auto victim = p.b.links.put(node_id("bad"), bad);
    REQUIRE(victim != Links::kNone);
    for (int i = 0; i < 2; ++i) CHECK(p.b.seal(victim, p.entry()).empty());
    Links liar(test::kCluster, node_id("bad"), test::session_of("liar"));
    ByteArray<limits::kDatagram> out;
    const auto frame = liar.seal(liar.put(p.b.id, p.b.links.session_key()), p.entry(), {}, out);
    CHECK(drop_of(p.b.links, p.ring, frame) == kForged);
  }
  CHECK(p.b.links.active() == 0);
  // A usable key repairs the link.
  const auto repaired = p.b.links.put(node_id("bad"), test::session_of("good").public_key());
  CHECK_FALSE(p.b.seal(repaired, p.entry()).empty());
}

TEST_CASE("links: after a restart of the receiver nothing captured before opens") {
  Pair p;
  const ByteVector unseen = p.a.seal_for(p.b, p.entry());
  const ByteVector seen = p.a.seal_for(p.b, p.entry());
  REQUIRE(opens(p.b.links, p.ring, seen));

  Links restarted(test::kCluster, p.b.id, test::session_of("b's second boot"));
  restarted.put(p.a.id, p.a.links.session_key());
  for (const ByteVector& frame : {unseen, seen}) CHECK(drop_of(restarted, p.ring, frame) == kForged);

  // The same, without a new process: this is what shuts the door when marks were lost.
  p.b.links.set_session(test::session_of("b's new session"));
  for (const ByteVector& frame : {unseen, seen}) CHECK(drop_of(p.b.links, p.ring, frame) == kForged);
  CHECK(drop_of(p.b.links, p.ring, p.a.seal_for(p.b, p.entry())) == kForged);  // a does not know of it yet
  p.a.meet(p.b);
  CHECK(opens(p.b.links, p.ring, p.a.seal_for(p.b, p.entry())));
  CHECK(opens(p.a.links, p.ring, p.b.seal_for(p.a, p.entry())));
}

TEST_CASE("links: after a restart of the sender its old frames are dead, its new ones are not") {
  Pair p;
  const ByteVector unseen = p.a.seal_for(p.b, p.entry());
  for (int i = 0; i < 100; ++i) REQUIRE(opens(p.b.links, p.ring, p.a.seal_for(p.b, p.entry())));
  Node again("a");
  again.links.set_session(test::session_of("a's second boot"));
  again.meet(p.b);
  p.b.meet(again);
  CHECK(drop_of(p.b.links, p.ring, unseen) == kForged);
  CHECK(opens(p.b.links, p.ring, again.seal_for(p.b, p.entry())));  // counter 1: the window starts afresh
}

}  // namespace
}  // namespace quorumor
