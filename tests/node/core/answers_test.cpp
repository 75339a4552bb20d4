// What a node answers to one datagram, output by output: the test plays the peer and seals whatever it likes.
#include "bench/fixture.h"
#include "node/core/relayer.h"

#include <doctest/doctest.h>

using namespace quorumor;
using quorumor::bench::Fixture;

namespace {

// Sizes of the datagrams that the node sends in answer.
std::vector<std::size_t> answers(Fixture& f, const Message& message) {
  std::vector<std::size_t> out;
  for (const Output& o : f.node().on_datagram(f.now(), f.peer().endpoint, f.frame(message))) {
    if (const auto* t = std::get_if<Transmit>(&o)) out.push_back(t->datagram.size());
  }
  return out;
}

constexpr std::size_t kAck = 117;
constexpr std::size_t kCoreRumor = 8 + 24 + 184;  // list, pointers and kind, 178 bytes of record padded

// The node's first claims go out with its first answers; after these it has no news left.
Fixture& quiet(Fixture& f) {
  for (int i = 0; i < 50 && f.node().stats().queued_rumors > 0; ++i) answers(f, f.blank(MessageKind::ping));
  REQUIRE(f.node().stats().queued_rumors == 0);
  return f;
}

std::uint64_t dropped(Fixture& f, DropReason reason) {
  return f.node().stats().counters.dropped[static_cast<std::size_t>(reason)];
}

}  // namespace

TEST_CASE("a ping without news is answered by an ack without news") {
  Fixture f(3);
  CHECK(answers(quiet(f), f.blank(MessageKind::ping)) == std::vector<std::size_t>{kAck});
}

TEST_CASE("whoever believes something old of us is answered with our current core") {
  Fixture f(3);
  quiet(f);
  Message message = f.blank(MessageKind::ping);
  message.belief.incarnation = Incarnation{0};
  CHECK(answers(f, message) == std::vector<std::size_t>{kAck + kCoreRumor});
  message.belief.generation = Generation{1};
  message.belief.incarnation = Incarnation{99};
  CHECK(answers(f, message) == std::vector<std::size_t>{kAck + kCoreRumor});
  message.belief.generation = Generation{(1 << 20) + 1};  // something newer: only a claim could tell
  CHECK(answers(f, message) == std::vector<std::size_t>{kAck});
}

TEST_CASE("what is wanted and held is sent; what is not held is not made up") {
  Fixture f(3);
  quiet(f);
  Message want = f.blank(MessageKind::want);
  want.wants.push_back({RumorKind::core, f.person(2).credential.credential.id, 0});
  constexpr std::size_t kEmptyWantList = 8;  // its tag word
  CHECK(answers(f, want) == std::vector<std::size_t>{kAck + kEmptyWantList + kCoreRumor});
  want.wants.front().id[0] ^= std::byte{1};
  CHECK(answers(f, want).empty());
  want.wants.clear();
  CHECK(answers(f, want).empty());
}

TEST_CASE("an epoch's key is given to a member that lacks it, eight times at once and no more; else it is counted") {
  Fixture f(3);
  quiet(f);
  Message request = f.blank(MessageKind::epoch_key_request);
  request.epoch = Epoch{1};
  CHECK(answers(f, request).empty());  // it says itself that it holds it
  CHECK(f.node().stats().counters.keys_refused == 1);
  CHECK(dropped(f, DropReason::over_limit) == 1);
  request.newest_commitment = ~std::uint64_t{0};  // it holds another of that number, and a greater one: that only rises
  for (int i = 0; i < 8; ++i) CHECK_FALSE(answers(f, request).empty());
  CHECK(answers(f, request).empty());
  CHECK(f.node().stats().counters.keys_given == 8);
  request.epoch = Epoch{2};
  CHECK(answers(f, request).empty());
  Message key = f.blank(MessageKind::epoch_key);
  key.epoch = Epoch{1};
  const ByteVector wrong(32, std::byte{7});
  key.epoch_key = wrong;
  CHECK(answers(f, key).empty());
  CHECK(dropped(f, DropReason::unexpected) == 1);
  CHECK(f.node().stats().counters.keys_taken == 0);
}

TEST_CASE("a relay forwards to members that have proven their endpoint, and to nobody else") {
  Fixture f(3);
  quiet(f);
  const ByteVector sealed(60, std::byte{1});  // little enough for an unproven endpoint, if that were allowed
  Message relay = f.blank(MessageKind::relay);
  relay.sealed = sealed;
  relay.peer = f.person(2).credential.credential.id;  // known, never heard
  CHECK(answers(f, relay).empty());
  relay.peer = NodeId{};
  CHECK(answers(f, relay).empty());
  relay.peer = f.node().id();
  CHECK(answers(f, relay).empty());
  relay.peer = f.peer().credential.credential.id;  // back to the asker itself
  CHECK(answers(f, relay).empty());
  CHECK(dropped(f, DropReason::over_limit) == 4);
}

TEST_CASE("a relay cannot be aimed: at most so many datagrams a second to one member, whoever asks") {
  Fixture f(3);
  quiet(f);
  f.node().on_datagram(f.now(), f.person(2).endpoint, f.frame(f.blank(MessageKind::ping), 2));  // proves its endpoint
  const ByteVector sealed(60, std::byte{1});
  Message relay = f.blank(MessageKind::relay);
  relay.sealed = sealed;
  relay.peer = f.person(2).credential.credential.id;
  const auto forwarded = [&] {
    std::size_t n = 0;
    for (int i = 0; i < 100; ++i) n += answers(f, relay).size();
    return n;
  };
  CHECK(forwarded() == Relayer::kForwardsPerSecond);
  CHECK(forwarded() == 0);
  f.advance(1100ms);
  CHECK(forwarded() == Relayer::kForwardsPerSecond);
}

TEST_CASE("a relayed frame that does not open, or is not of the member that the relay names, changes nothing") {
  Fixture f(3);
  quiet(f);
  const ByteVector garbage(200, std::byte{1});
  Message relayed = f.blank(MessageKind::relayed);
  relayed.sealed = garbage;
  relayed.peer = f.person(2).credential.credential.id;
  CHECK(answers(f, relayed).empty());
  const ByteVector genuine = f.frame(f.blank(MessageKind::ping));  // of the peer, not of person 2
  relayed.sealed = genuine;
  CHECK(answers(f, relayed).empty());
  CHECK(dropped(f, DropReason::unexpected) == 2);
}
