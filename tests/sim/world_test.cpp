// The world itself: what it promises about time, order, wires, and about who sees whom.
#include "node/core/impl.h"
#include "node/core/support.h"
#include "sim/formed.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

// As World answered before it kept views: by asking the core.
MemberState listed(const sim::World& world, std::size_t subject, std::size_t reader) {
  MemberState out = MemberState::unknown;
  world.peek(reader).for_each_member([&](const MemberView& m) {
    if (m.id == world.id(subject)) out = m.state;
  });
  return out;
}

void check_views(sim::World& world) {
  bool all_alive = true;
  for (std::size_t subject = 0; subject < world.size(); ++subject) {
    for (unsigned s = 0; s <= static_cast<unsigned>(MemberState::evicted); ++s) {
      const auto state = static_cast<MemberState>(s);
      bool all = true;
      for (std::size_t reader = 0; reader < world.size(); ++reader) {
        if (!world.is_running(reader) || reader == subject) continue;
        CHECK(world.state_of(subject, reader) == listed(world, subject, reader));
        all = all && listed(world, subject, reader) == state;
        if (world.is_running(subject)) all_alive = all_alive && listed(world, subject, reader) == MemberState::alive;
      }
      CHECK(world.all_see(state, subject) == all);
    }
  }
  CHECK(world.all_alive() == all_alive);
}

}  // namespace

TEST_CASE("views say at every moment what the cores list, through crashes, cuts, leaves and returns") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    sim::World world(seed);
    Drbg rng(ByteArray<32>{std::byte{static_cast<unsigned char>(seed)}}, "views");
    start_cluster(world, 6);
    check_views(world);
    bool cut = false, seen_alive = false;
    world.set_reachable([&](std::size_t a, std::size_t b) { return !cut || (a < 3) == (b < 3); });
    for (int step = 0; step < 60; ++step) {
      const auto n = static_cast<std::size_t>(rng.below(6));
      switch (rng.below(6)) {
        case 0: if (world.is_running(n)) world.crash(n); break;
        case 1: if (!world.is_running(n)) world.start(n); break;
        case 2: if (world.is_running(n) && step > 40) world.leave(n); break;
        case 3: cut = !cut; break;
        default: break;
      }
      world.run_for(Duration{1s} + 1ms * static_cast<int>(rng.below(9000)));
      check_views(world);
      seen_alive = seen_alive || world.all_alive();
    }
    CHECK(seen_alive);
  }
}

TEST_CASE("a core that a test touched is looked at again") {
  sim::World world(5);
  form_cluster(world, 3);
  // Until there is time before its next deadline.
  while (world.peek(0).next_deadline() < world.now() + 250ms) world.run_for(10ms);
  const auto before = world.peek(0).next_deadline();
  CHECK(world.core(0).set_metadata(world.now(), as_bytes("x")));  // behind the world's back
  REQUIRE(world.core(0).next_deadline() < before);
  const auto sent = world.peek(0).stats().counters.datagrams_out;
  world.run_for(*before - world.now() - 1ms);
  CHECK(world.peek(0).stats().counters.datagrams_out > sent);
  auto& impl = CoreAccess::impl(world.core(1));
  impl.begin(world.now());
  Member& member = *impl.state.table.find(world.id(2));
  impl.accuser.accuse(member);
  impl.begin(world.now() + 1s);
  impl.accuser.on_timer();  // its event is in outputs that nobody carries out
  CHECK(world.state_of(2, 1) == MemberState::suspect);
  CHECK_FALSE(world.all_alive());
}

TEST_CASE("two machines with one identity are one subject") {
  sim::World world(6);
  form_cluster(world, 3);
  const auto twin = world.add_clone_of(2);
  world.start(twin);
  CHECK(world.find(world.id(twin)) == std::optional<std::size_t>{2});
  world.run_for(1s);
  check_views(world);
  world.crash(2);
  world.run_for(1s);
  check_views(world);
}

TEST_CASE("what arrives while a process is stopped arrives at once when it goes on, before its timers") {
  sim::World world(7);
  form_cluster(world, 4);
  world.set_pause(3, true);
  const auto frozen = world.peek(3).stats().counters;
  std::uint64_t sent_to_it = 0;
  world.set_capture(true);
  world.run_for(3s);
  for (const auto& c : world.captured()) sent_to_it += c.to == world.endpoint(3) ? 1 : 0;
  CHECK(world.peek(3).stats().counters.datagrams_in == frozen.datagrams_in);
  CHECK(world.peek(3).stats().counters.datagrams_out == frozen.datagrams_out);
  REQUIRE(sent_to_it > 3);
  const Instant then = world.now();
  world.set_pause(3, false);
  world.run_for(0ms);
  CHECK(world.now() == then);
  CHECK(world.peek(3).stats().counters.datagrams_in >= frozen.datagrams_in + sent_to_it - 2);  // 2 may be on the way
  CHECK(world.peek(3).stats().counters.datagrams_out > frozen.datagrams_out);
}

TEST_CASE("a process that goes on and hears nothing still has its timers") {
  sim::World world(14);
  form_cluster(world, 3);
  world.set_reachable([](std::size_t, std::size_t) { return false; });
  world.run_for(5ms);
  world.set_pause(2, true);
  world.run_for(10s);
  const auto sent = world.peek(2).stats().counters.datagrams_out;
  world.set_pause(2, false);
  world.run_for(1100ms);
  CHECK(world.peek(2).stats().counters.datagrams_out > sent);
}

TEST_CASE("a stopped process's socket holds so many datagrams and no more") {
  sim::World world(8);
  form_cluster(world, 2);
  world.set_pause(1, true);
  world.set_reachable([](std::size_t, std::size_t) { return false; });
  world.run_for(3ms);  // what was on the way
  const ByteVector garbage(40);
  for (std::size_t i = 0; i < sim::World::kSocketBuffer + 10; ++i) world.inject(1, world.endpoint(0), garbage);
  const auto before = world.peek(1).stats().counters.datagrams_in;
  world.run_for(0ms);
  CHECK(world.socket_overflows() >= 10);
  CHECK(world.socket_overflows() <= 20);
  world.set_pause(1, false);
  world.run_for(0ms);
  CHECK(world.peek(1).stats().counters.datagrams_in >= before + sim::World::kSocketBuffer);
  CHECK(world.peek(1).stats().counters.datagrams_in <= before + sim::World::kSocketBuffer);
}

TEST_CASE("a link's own loss counts in one direction, and instead of everybody's") {
  sim::World world(9);
  form_cluster(world, 3);
  world.set_loss(sim::World::kAll);
  world.set_loss(0, 1, 0);
  const auto at = [&](std::size_t n) { return world.peek(n).stats().counters.datagrams_in; };
  world.run_for(5ms);
  const auto zero = at(0), one = at(1), two = at(2);
  world.run_for(10s);
  CHECK(at(1) > one);
  CHECK(at(0) == zero);
  CHECK(at(2) == two);
  world.clear_link_losses();
  world.run_for(5ms);
  const auto still = at(1);
  world.run_for(10s);
  CHECK(at(1) == still);
}

TEST_CASE("a datagram that arrives twice is accepted once") {
  sim::World world(10);
  world.set_duplication(sim::World::kAll);
  form_cluster(world, 3);
  world.run_for(20s);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto c = world.peek(i).stats();
    const auto all = c.counters.datagrams_in;
    CHECK(dropped(c, DropReason::replayed) + 4 > all / 2);  // a few may still be on the way
    CHECK(dropped(c, DropReason::replayed) <= all / 2);
  }
}

TEST_CASE("a stream over a link that is cut falls silent, and each end gives up by its own deadline") {
  sim::World world(11);
  start_cluster(world, 2);
  bool cut = false;
  world.set_reachable([&](std::size_t, std::size_t) { return !cut; });
  world.run_for(9ms);  // connected, and the first hello is on its way
  cut = true;
  world.run_for(2s);
  CHECK(world.count(Event::Kind::joined) == 1);
  cut = false;
  CHECK(world.run_until([&] { return world.all_alive(); }, 30s));
}

TEST_CASE("who is connected to a process hears at once that it crashed") {
  sim::World world(15);
  start_cluster(world, 2);
  world.run_for(9ms);  // connected, and the first hello is on its way
  world.crash(0);
  world.run_for(10ms);
  CHECK(world.count(Event::Kind::join_failed) == 1);
}

TEST_CASE("a call is made once, at its moment, in order") {
  sim::World world(12);
  std::vector<int> calls;
  const Instant start = world.now();
  world.call_at(start + 2s, [&] { calls.push_back(2); });
  world.call_at(start + 1s, [&] {
    calls.push_back(1);
    CHECK(world.now() == start + 1s);
    world.call_at(world.now(), [&] { calls.push_back(10); });
  });
  world.run_for(1500ms);
  CHECK(calls == std::vector<int>{1, 10});
  world.run_for(10s);
  CHECK(calls == std::vector<int>{1, 10, 2});
}

TEST_CASE("a censored call sends nothing, any other does") {
  sim::World world(13);
  Config config;
  config.stream_probe = false;  // it would be answered by TLS
  sim::start_formed(world, 3, config);
  const auto acks = [&](std::size_t n) {
    return world.peek(n).stats().counters.messages_in[static_cast<std::size_t>(MessageKind::ack)];
  };
  world.set_censor(1, [](const sim::World::Sent& sent) {  // an ack goes back by a relay where its ping came by one
    return sent[static_cast<std::size_t>(MessageKind::ack)] + sent[static_cast<std::size_t>(MessageKind::relay)] != 0;
  });
  world.run_for(5ms);
  const auto before = acks(1);
  world.run_for(5s);
  CHECK(acks(1) > before);  // its own pings go out, and are answered
  CHECK(world.count(Event::Kind::member_suspect) > 0);  // theirs are not
}
