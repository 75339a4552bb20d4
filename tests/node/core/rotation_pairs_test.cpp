// Under which key one member speaks to another. Each story is a counterexample of a Spin model (model/README.md): two
// members that share a key, and would not hear each other.
#include "node/core/rotation_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

auto& impl_of(RotationLab& lab, std::size_t node) { return CoreAccess::impl(lab.world.core(node)); }
Member& member_of(RotationLab& lab, std::size_t at, std::size_t of) {
  return *impl_of(lab, at).state.table.find(lab.world.id(of));
}
Contact& contact_of(RotationLab& lab, std::size_t at, std::size_t of) { return member_of(lab, at, of).contact.own(); }
EntryName newest_of(RotationLab& lab, std::size_t node) {
  return lab.world.peek(node).ring().newest_with_key()->name();
}
std::uint64_t unreadable_at(RotationLab& lab, std::size_t node) {
  return dropped(lab.world.peek(node).stats(), DropReason::unknown_epoch);
}
std::uint64_t acks_in(RotationLab& lab, std::size_t node) {
  return lab.world.peek(node).stats().counters.messages_in[static_cast<std::size_t>(MessageKind::ack)];
}

void cut_all(RotationLab& lab) {
  lab.world.set_reachable([](std::size_t, std::size_t) { return false; });
  lab.world.run_for(20ms);  // what was under way has come or gone
}

void change_ring(RotationLab& lab, std::size_t node, const std::function<void(Keyring&)>& change) {
  lab.world.act(node, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(lab.world.now());
    change(impl.state.ring);
    return impl.end();
  });
}

void give(RotationLab& lab, std::size_t to, const Keyring::Entry& entry) {
  change_ring(lab, to, [&](Keyring& ring) {
    REQUIRE(ring.offer(entry.announcement, entry.signer));
    EpochKey key;
    key.key = Secret<32>::copy_of(entry.key.key.bytes());
    REQUIRE(ring.set_key(entry.epoch(), std::move(key)));
  });
}

void retire_and_wipe(RotationLab& lab, std::size_t node, std::uint64_t through) {
  change_ring(lab, node, [&](Keyring& ring) {
    REQUIRE(ring.retire_through(Epoch{through}));
    while (!ring.retired().empty()) {
      const Commitment gone = ring.retired().front().commitment();
      ring.wipe_retired(gone);
    }
  });
}

void ping(RotationLab& lab, std::size_t from, std::size_t to) {
  lab.world.act(from, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(lab.world.now());
    CHECK(impl.looks.ping(*impl.state.table.find(lab.world.id(to)), {}));
    return impl.end();
  });
}

// From now on `node` is heard only once it has itself heard somebody: its own pings come too early for these stories.
void silence_until_spoken_to(RotationLab& lab, std::size_t node) {
  const std::uint64_t before = messages_in(lab.world.peek(node).stats());
  lab.world.set_path([&lab, node, before](std::size_t from, std::size_t, Bytes) {
    return sim::PathVerdict{from == node && messages_in(lab.world.peek(node).stats()) == before, {}};
  });
}

}  // namespace

TEST_CASE("a frame that was overtaken does not take back what its sender has stated since") {
  RotationLab lab(1, 4);
  ByteVector overtaken;
  const auto path = lab.world.set_path([&](std::size_t from, std::size_t to, Bytes datagram) {
    const bool taken = from == 0 && to == 1 && parse_head(datagram).value().type == kShortType;
    if (taken && overtaken.empty()) overtaken = to_vector(datagram);
    return sim::PathVerdict{taken, {}};
  });
  REQUIRE(lab.world.run_until([&] { return !overtaken.empty(); }, 5s));
  lab.world.remove_path(path);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return member_of(lab, 1, 0).contact->used.epoch == Epoch{2}; }, 5s));
  REQUIRE(member_of(lab, 1, 0).contact->stated == newest_of(lab, 0));

  const std::uint64_t before = messages_in(lab.world.peek(1).stats());
  cut_all(lab);
  lab.world.inject(1, lab.world.endpoint(0), overtaken);
  lab.world.run_for(1ms);
  REQUIRE(messages_in(lab.world.peek(1).stats()) == before + 1);
  CHECK(member_of(lab, 1, 0).contact->stated == newest_of(lab, 0));
  CHECK(member_of(lab, 1, 0).contact->used.epoch == Epoch{2});
}

TEST_CASE("of a fork the greater is the later, in the ring's order") {
  Commitment low{}, high{};
  low[7] = std::byte{9};
  high[0] = std::byte{1};
  const EntryName lesser{Epoch{2}, commitment_prefix(low)}, greater{Epoch{2}, commitment_prefix(high)};
  CHECK(low < high);
  CHECK(lesser.stands_before(greater));
  CHECK_FALSE(greater.stands_before(lesser));
  CHECK_FALSE(lesser.stands_before(lesser));
  CHECK(greater.stands_before({Epoch{3}, lesser.commitment}));
}

TEST_CASE("what a peer has stated ends with its process") {
  RotationLab lab(2, 4);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] {
    const Contact& contact = *member_of(lab, 1, 3).contact;
    return contact.stated.epoch == Epoch{2} && contact.acked_epoch == Epoch{2};
  }, 10s));
  lab.world.crash(3);
  lab.world.set_path([](std::size_t from, std::size_t to, Bytes) { return sim::PathVerdict{from == 3 && to == 1, {}}; });
  const Generation before = member_of(lab, 1, 3).core->core.at.generation;
  lab.world.start(3);
  REQUIRE(lab.world.run_until([&] { return member_of(lab, 1, 3).core->core.at.generation != before; }, 5s));
  CHECK(member_of(lab, 1, 3).contact->stated == EntryName{});
  CHECK(member_of(lab, 1, 3).contact->used == EntryName{});
  CHECK(member_of(lab, 1, 3).contact->acked_epoch == Epoch{});
}

TEST_CASE("a peer is spoken to under what it has used, before what it may only be guessed to hold") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    RotationLab lab(seed, 3, 2);
    cut_all(lab);
    REQUIRE_FALSE(lab.rotate(0));
    REQUIRE_FALSE(lab.rotate(1));
    const std::size_t x = newest_of(lab, 0).stands_before(newest_of(lab, 1)) ? 0 : 1;  // holds 1 and the lesser
    const std::size_t y = 1 - x;                                                     // and this one both, but not 1
    give(lab, y, *lab.world.peek(x).ring().newest_with_key());
    retire_and_wipe(lab, y, 1);
    contact_of(lab, y, x).stated = newest_of(lab, x);
    const std::uint64_t acks = acks_in(lab, y);
    const std::uint64_t unreadable = unreadable_at(lab, y);
    silence_until_spoken_to(lab, x);
    lab.world.set_reachable([](std::size_t a, std::size_t b) { return a != 2 && b != 2; });
    ping(lab, y, x);
    lab.world.run_for(50ms);
    CHECK(acks_in(lab, y) > acks);
    CHECK(unreadable_at(lab, y) == unreadable);
    CHECK(lab.world.run_until([&] { return newest_of(lab, x) == newest_of(lab, y); }, 5s));
  }
}

TEST_CASE("an introduction is answered under its own epoch, by a member that knows nothing else of its sender") {
  RotationLab lab(1, 3);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return lab.all_hold(2); }, 5s));
  lab.world.run_for(3s);
  lab.world.crash(1);
  // 1 joins by 0 alone, and comes to hold the old key, which 2 has wiped; 2 has not heard of its new process.
  lab.world.set_reachable([](std::size_t a, std::size_t b) { return a != 2 && b != 2; });
  retire_and_wipe(lab, 2, 1);
  lab.world.start(1);
  REQUIRE(lab.world.run_until([&] { return member_of(lab, 0, 1).state == MemberState::alive &&
                                           lab.world.peek(1).ring().entries().size() == 2; }, 5s));
  lab.world.run_for(500ms);
  const Generation gone = member_of(lab, 2, 1).core->core.at.generation;
  REQUIRE(member_of(lab, 1, 2).contact->stated == EntryName{});
  const std::uint64_t unreadable = unreadable_at(lab, 2);

  // Only what 2 says first reaches 1: no ping of 1, and no stream.
  std::uint64_t said = 0;
  lab.world.set_reachable([](std::size_t a, std::size_t b) { return a != 0 && b != 0; });
  lab.world.set_path([&](std::size_t from, std::size_t to, Bytes datagram) {
    if (from == 2 && to == 1 && parse_head(datagram).value().type == kLongType) ++said;
    return sim::PathVerdict{from == 1 && said == 0, {}};
  });
  CHECK(lab.world.run_until([&] { return said > 0; }, 10s));
  lab.world.run_for(100ms);
  CHECK(unreadable_at(lab, 2) == unreadable);
  CHECK(member_of(lab, 2, 1).core->core.at.generation != gone);
}

TEST_CASE("what has retired and is readable answers who still speaks under it") {
  RotationLab lab(5, 3, 2);
  cut_all(lab);
  REQUIRE_FALSE(lab.rotate(0));
  change_ring(lab, 0, [](Keyring& ring) { REQUIRE(ring.retire_through(Epoch{1})); });
  REQUIRE_FALSE(lab.rotate(1));
  lab.world.run_for(1100ms);
  REQUIRE_FALSE(lab.rotate(1));
  REQUIRE(newest_of(lab, 1).epoch == Epoch{3});  // 0 has one that is older, but not of this chain
  contact_of(lab, 1, 0).stated = newest_of(lab, 0);
  const std::uint64_t acks = acks_in(lab, 1);
  silence_until_spoken_to(lab, 0);
  lab.world.set_reachable([](std::size_t a, std::size_t b) { return a != 2 && b != 2; });
  ping(lab, 1, 0);
  lab.world.run_for(10ms);
  CHECK(acks_in(lab, 1) == acks + 1);
}

TEST_CASE("acks of members that have gone since speak for no retirement") {
  RotationLab lab(6, 7);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] {
    for (std::size_t i = 1; i < lab.n; ++i) {
      if (member_of(lab, 0, i).contact->acked_epoch != Epoch{2}) return false;
    }
    return true;
  }, 20s));
  for (std::size_t i = 4; i < lab.n; ++i) lab.world.crash(i);
  REQUIRE(lab.world.run_until([&] { return member_of(lab, 0, 4).state == MemberState::dead &&
                                           member_of(lab, 0, 5).state == MemberState::dead &&
                                           member_of(lab, 0, 6).state == MemberState::dead; }, 60s));
  cut_all(lab);
  for (std::size_t i = 1; i < 4; ++i) contact_of(lab, 0, i).acked_epoch = Epoch{1};
  REQUIRE_FALSE(lab.retire(0, 1));
  const auto pending = lab.world.peek(0).keys().retirement;
  REQUIRE(pending);
  CHECK(pending->needed == 2);
  CHECK(pending->acked == 0);
  lab.world.run_for(500ms);  // judged more than once, and nobody is suspected yet
  CHECK(lab.world.peek(0).ring().retired_floor() == Epoch{});
  lab.world.set_reachable(nullptr);
  CHECK(lab.world.run_until([&] { return lab.world.peek(0).ring().retired_floor() == Epoch{1}; }, 20s));
}

TEST_CASE("a retired floor that one member shows over TLS buries nobody else's key") {
  RotationLab lab(9, 8);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return lab.all_hold(2); }, 5s));
  retire_and_wipe(lab, 3, 1);
  const auto syncs = [&] { return lab.world.peek(3).stats().counters.streams_out; };
  const std::uint64_t before = syncs();
  lab.world.act(3, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(lab.world.now());
    for (std::size_t i = 0; i < lab.n; ++i) {
      if (i != 3) impl.sessions.dial(lab.world.endpoint(i), Sessions::Purpose::sync);
    }
    return impl.end();
  });
  lab.world.run_for(10s);
  CHECK(syncs() >= before + 4);
  for (std::size_t i = 0; i < lab.n; ++i) {
    if (i != 3) CHECK(lab.world.peek(i).ring().retired_floor() == Epoch{});
    if (i != 3) CHECK(lab.world.peek(i).ring().entries().size() == 2);
  }
}
