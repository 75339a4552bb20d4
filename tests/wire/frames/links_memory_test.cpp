// What outlives keys: stripped links, removed links, epochs that left the ring; and what that costs in memory.
#include <doctest/doctest.h>

#include <cstdlib>
#include <deque>
#include <new>

#include "wire/frames/fixture.h"

namespace {

// Counts every allocation of this program; what is measured is a difference.
std::size_t allocations = 0;
std::size_t live_bytes = 0;
std::size_t peak_bytes = 0;
constexpr std::size_t kHead = alignof(std::max_align_t);

}  // namespace

void* operator new(std::size_t size) {
  auto* raw = static_cast<unsigned char*>(std::malloc(size + kHead));
  if (raw == nullptr) throw std::bad_alloc();
  std::memcpy(raw, &size, sizeof size);
  ++allocations;
  live_bytes += size + kHead;  // about what an allocator adds
  if (live_bytes > peak_bytes) peak_bytes = live_bytes;
  return raw + kHead;
}
void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  auto* raw = static_cast<unsigned char*>(memory) - kHead;
  std::size_t size = 0;
  std::memcpy(&size, raw, sizeof size);
  live_bytes -= size + kHead;
  std::free(raw);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

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

// --- strip ---------------------------------------------------------------------------------------------------------

TEST_CASE("links: above active_max the link used longest ago is stripped, and its frames still do not replay") {
  Pair p;
  Node b("b", 2);
  std::deque<Node> peers;
  std::vector<ByteVector> seen;
  for (const char* name : {"p", "q", "r"}) peers.emplace_back(name);
  for (Node& peer : peers) {
    peer.meet(b);
    b.meet(peer);
  }
  const ByteVector overtaken_p = peers[0].seal_for(b, p.entry());
  const ByteVector overtaken_q = peers[1].seal_for(b, p.entry());
  const auto say = [&](std::size_t i) {
    seen.push_back(peers[i].seal_for(b, p.entry()));
    return opens(b.links, p.ring, seen.back());
  };
  CHECK(say(0));
  CHECK(say(1));
  CHECK(b.links.active() == 2);
  CHECK(say(0));  // q is now the one used longest ago
  CHECK(say(2));
  CHECK(b.links.active() == 2);
  CHECK(drop_of(b.links, p.ring, overtaken_q) == kReplayed);  // q was stripped: its window shrank to its mark
  CHECK(opens(b.links, p.ring, overtaken_p));                 // p was not
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t i : {0U, 1U, 2U}) {
      CHECK(say(i));  // fresh frames pass, whoever is stripped for it
      CHECK(b.links.active() == 2);
      for (const ByteVector& frame : seen) CHECK(drop_of(b.links, p.ring, frame) == kReplayed);
    }
  }
  // Sealing is use as well.
  CHECK_FALSE(b.seal_for(peers[0], p.entry()).empty());  // p, r
  const ByteVector overtaken = peers[2].seal_for(b, p.entry());
  CHECK(say(2));                                         // r, p
  CHECK_FALSE(b.seal_for(peers[0], p.entry()).empty());  // p, r
  CHECK(say(1));                                         // q, p: r is stripped
  CHECK(drop_of(b.links, p.ring, overtaken) == kReplayed);
  // Fewer from now on: at once.
  b.links.set_active_max(1);
  CHECK(b.links.active() == 1);
  for (const ByteVector& frame : seen) CHECK(drop_of(b.links, p.ring, frame) == kReplayed);
  CHECK(say(0));
  CHECK(b.links.active() == 1);
}

// --- graves --------------------------------------------------------------------------------------------------------

TEST_CASE("links: a removed peer's frames do not replay when it is put again") {
  Pair p({{"one"}, {"two"}});
  const ByteVector old_one = p.a.seal_for(p.b, p.entry(1));
  const ByteVector one = p.a.seal_for(p.b, p.entry(1));
  const ByteVector two = p.a.seal_for(p.b, p.entry(2));
  const ByteVector unseen = p.a.seal_for(p.b, p.entry(2));
  REQUIRE(opens(p.b.links, p.ring, one));
  REQUIRE(opens(p.b.links, p.ring, two));
  for (int round = 0; round < 2; ++round) {  // the second time, from marks alone
    p.b.links.remove(p.b.links.find(p.a.id));
    CHECK(p.b.links.active() == 0);
    CHECK(drop_of(p.b.links, p.ring, unseen) == std::optional(DropReason::unknown_sender));
    p.b.meet(p.a);
    for (const ByteVector& frame : {old_one, one, two}) CHECK(drop_of(p.b.links, p.ring, frame) == kReplayed);
  }
  CHECK(opens(p.b.links, p.ring, unseen));
  CHECK_FALSE(p.b.links.needs_new_session_key());
}

TEST_CASE("links: with another session key a removed peer starts afresh, and its old frames are dead") {
  Pair p;
  for (int i = 0; i < 10; ++i) REQUIRE(opens(p.b.links, p.ring, p.a.seal_for(p.b, p.entry())));
  const ByteVector unseen = p.a.seal_for(p.b, p.entry());
  p.b.links.remove(p.b.links.find(p.a.id));
  Node again("a");
  again.links.set_session(test::session_of("a's second boot"));
  again.meet(p.b);
  p.b.meet(again);
  CHECK(drop_of(p.b.links, p.ring, unseen) == kForged);
  CHECK(opens(p.b.links, p.ring, again.seal_for(p.b, p.entry())));
}

struct Crowd {
  // Puts `count` peers one after the other; each speaks once if `heard`; each is removed.
  void pass(std::size_t count, bool heard) {
    for (std::size_t i = 0; i < count; ++i) {
      Node peer("crowd " + std::to_string(next++));
      peer.meet(b);
      const auto handle = b.meet(peer);
      REQUIRE(handle != Links::kNone);
      if (heard) {
        frame = peer.seal_for(b, test::entry_of(ring, 1));
        REQUIRE(opens(b.links, ring, frame));
      } else {
        REQUIRE_FALSE(b.seal(handle, test::entry_of(ring, 1)).empty());
      }
      b.links.remove(handle);
    }
  }
  Node last() const { return Node("crowd " + std::to_string(next - 1)); }

  Keyring ring = make_ring({{"one"}});
  Node b{"b"};
  std::size_t next = 0;
  ByteVector frame;
};

TEST_CASE("links: more removed peers than graves ask for a new session key, and nothing replays meanwhile") {
  Crowd crowd;
  crowd.pass(200, false);  // never heard: nothing to remember
  crowd.pass(kGravesMax, true);
  CHECK_FALSE(crowd.b.links.needs_new_session_key());
  Node first("crowd 200");
  crowd.pass(1, true);
  CHECK(crowd.b.links.needs_new_session_key());

  // The lost one returns: its frame of before must not open, though nothing about it is known any more.
  Node lost = crowd.last();
  crowd.b.meet(lost);
  CHECK(drop_of(crowd.b.links, crowd.ring, crowd.frame) == kReplayed);
  // One whose grave is there is heard.
  first.meet(crowd.b);
  crowd.b.meet(first);
  (void)first.seal_for(crowd.b, test::entry_of(crowd.ring, 1));  // its counter 1 was used before
  CHECK(opens(crowd.b.links, crowd.ring, first.seal_for(crowd.b, test::entry_of(crowd.ring, 1))));
  CHECK(crowd.b.links.needs_new_session_key());

  crowd.b.links.set_session(test::session_of("b's new session"));
  CHECK_FALSE(crowd.b.links.needs_new_session_key());
  CHECK(drop_of(crowd.b.links, crowd.ring, crowd.frame) == kForged);
  lost.meet(crowd.b);
  CHECK(opens(crowd.b.links, crowd.ring, lost.seal_for(crowd.b, test::entry_of(crowd.ring, 1))));
  crowd.pass(kGravesMax, true);  // all graves are free again
  CHECK_FALSE(crowd.b.links.needs_new_session_key());
}

TEST_CASE("links: graves of epochs that left the ring are emptied") {
  Crowd crowd;
  crowd.pass(kGravesMax, true);
  const Keyring next_ring = make_ring({{"another"}});
  crowd.b.links.forget_epochs_not_in(crowd.ring);  // changes nothing
  crowd.b.links.forget_epochs_not_in(next_ring);
  crowd.pass(kGravesMax, true);
  CHECK_FALSE(crowd.b.links.needs_new_session_key());
}

// --- epochs that leave the ring ------------------------------------------------------------------------------------

TEST_CASE("links: keys of epochs that left the ring go, the others stay") {
  Pair p({{"one"}, {"two"}});
  Node third("third");
  third.meet(p.b);
  p.b.meet(third);
  const ByteVector frame = p.a.seal_for(p.b, p.entry(2));
  REQUIRE(opens(p.b.links, p.ring, p.a.seal_for(p.b, p.entry(1))));
  REQUIRE(opens(p.b.links, p.ring, frame));
  REQUIRE(opens(p.b.links, p.ring, third.seal_for(p.b, p.entry(1))));
  CHECK(p.b.links.active() == 2);
  p.b.links.forget_epochs_not_in(p.ring);
  CHECK(p.b.links.active() == 2);
  const Commitment first = p.entry(1).commitment();
  REQUIRE(p.ring.retire_through(Epoch{1}));
  p.b.links.forget_epochs_not_in(p.ring);
  CHECK(p.b.links.active() == 2);  // readable still
  p.ring.wipe_retired(first);
  p.b.links.forget_epochs_not_in(p.ring);
  CHECK(p.b.links.active() == 1);  // the third held only a key of epoch 1
  CHECK(drop_of(p.b.links, p.ring, frame) == kReplayed);
  CHECK(opens(p.b.links, p.ring, p.a.seal_for(p.b, p.entry(2))));
  CHECK(opens(p.b.links, p.ring, third.seal_for(p.b, p.entry(2))));
  CHECK(p.b.links.active() == 2);
}

// --- memory --------------------------------------------------------------------------------------------------------

TEST_CASE("links: steady sealing and opening allocate nothing, and neither does garbage") {
  Pair p({{"one"}, {"two", Suite::aes256_gcm}});
  ByteArray<limits::kDatagram> out;
  ByteArray<limits::kDatagram> buffer;
  const auto text = as_bytes("a ping");
  const auto to_b = p.a.links.find(p.b.id);
  std::size_t opened = 0;
  const auto pass = [&](const Keyring::Entry& entry) {
    const auto frame = p.a.links.seal(to_b, entry, text, out);
    if (p.b.links.open(p.ring, frame, buffer)) ++opened;
    if (!p.b.links.open(p.ring, frame, buffer)) ++opened;  // a replay
    frame[25] ^= std::byte{1};
    if (!p.b.links.open(p.ring, frame, buffer)) ++opened;
  };
  const auto before_first = allocations;
  pass(p.entry(1));
  pass(p.entry(2));
  CHECK(allocations > before_first);  // the counter counts
  const auto before = allocations;
  for (int i = 0; i < 5000; ++i) {
    pass(p.entry(1));
    pass(p.entry(2));
  }
  CHECK(allocations == before);
  CHECK(opened == 3 * 10002);
}

TEST_CASE("links: memory stays inside the bound") {
  const Keyring ring = make_ring({{"1"}, {"2"}, {"3"}, {"4"}});
  constexpr std::size_t kEpochs = 4;
  struct Case {
    std::size_t links, active;
  };
  for (const Case c : {Case{10, 10}, Case{300, 300}, Case{300, 20}, Case{3000, 100}}) {
    const std::size_t links = c.links;
    const std::size_t active = c.active;
    CAPTURE(links);
    CAPTURE(active);
    const std::size_t base = live_bytes;
    peak_bytes = live_bytes;
    {
      // One peer key for all: what is measured is bytes.
      const SessionPublicKey key = test::session_of("peer").public_key();
      Links b(test::kCluster, node_id("b"), test::session_of("b"), active);
      ByteArray<limits::kDatagram> out;
      ByteArray<limits::kDatagram> buffer;
      for (std::size_t i = 0; i < links; ++i) {
        const NodeId id = node_id("peer " + std::to_string(i));
        const auto handle = b.put(id, key);
        Links peer(test::kCluster, id, test::session_of("peer"));
        const auto to_b = peer.put(node_id("b"), b.session_key());
        for (const auto& entry : ring.entries()) {
          REQUIRE(b.open(ring, peer.seal(to_b, entry, {}, out), buffer));
        }
        REQUIRE_FALSE(b.seal(handle, ring.entries().front(), {}, out).empty());
      }
      CHECK(b.active() == active);
      const std::size_t guarded = links * 32 + active * kEpochs * 64;
      CHECK(peak_bytes - base + guarded + sizeof(Links) <= Links::memory_bound(links, active));
      // Not a bound that nothing could reach: the graves' share apart, within three times of what is used.
      CHECK(Links::memory_bound(links, active) - Links::memory_bound(0, 0) < 3 * (live_bytes - base + guarded));
    }
    CHECK(live_bytes == base);
  }
}

TEST_CASE("links: the sessions of ten thousand peers, all heard under the one epoch in use, take less than 5 MB") {
  const Keyring ring = make_ring({{"1"}});
  constexpr std::size_t kPeers = 10'000;
  const SessionPublicKey key = test::session_of("peer").public_key();
  const std::size_t base = live_bytes;
  Links b(test::kCluster, node_id("b"), test::session_of("b"));
  ByteArray<limits::kDatagram> out;
  ByteArray<limits::kDatagram> buffer;
  for (std::size_t i = 0; i < kPeers; ++i) {
    const NodeId id = node_id("peer " + std::to_string(i));
    b.put(id, key);
    Links peer(test::kCluster, id, test::session_of("peer"));
    const auto to_b = peer.put(node_id("b"), b.session_key());
    REQUIRE(b.open(ring, peer.seal(to_b, ring.entries().front(), {}, out), buffer));
  }
  const std::size_t guarded = kPeers * 32 + b.active() * 64;
  MESSAGE("bytes: " << live_bytes - base + guarded << ", links with keys: " << b.active());
  CHECK(live_bytes - base + guarded < 5'000'000);
}

TEST_CASE("links: memory of the graves stays inside the bound") {
  const std::size_t base = live_bytes;
  Crowd crowd;
  crowd.pass(kGravesMax, true);
  CHECK(live_bytes - base <= Links::memory_bound(1, 1));
}

}  // namespace
}  // namespace quorumor
