// A blocked process: what it says and hears waits for the end of the block, in order and within bounds; its timers run.
#include "node/core/support.h"
#include "sim/watched.h"

#include <algorithm>

using namespace quorumor;
using namespace quorumor::test;
using sim::World;

namespace {

constexpr std::size_t kBuffer = World::kSocketBuffer;

// What one process's core gives out and takes in, and what of it is on the wire.
struct Wire {
  struct Seen {
    Instant at;
    ByteVector bytes;
  };
  std::vector<Seen> made, left, handed;

  Wire(World& world, std::size_t of) {
    world.add_meddler(of, [this, &world](NodeCore&, std::span<const Output> outputs) {
      for (const Output& output : outputs) {
        if (const auto* t = std::get_if<Transmit>(&output)) made.push_back({world.now(), to_vector(t->datagram)});
      }
      return outputs;
    });
    world.set_tap([this, &world, of](std::size_t from, const Transmit& t) {
      if (from == of) left.push_back({world.now(), to_vector(t.datagram)});
    });
    world.set_delivery([this, &world, of](std::size_t, std::size_t to, Bytes datagram) {
      if (to == of) handed.push_back({world.now(), to_vector(datagram)});
    });
  }
};

}  // namespace

TEST_CASE("what a blocked process sends leaves when the block ends, in order; its timers run on") {
  World world(21);
  form_cluster(world, 5);
  world.run_for(20ms);
  Wire wire(world, 1);
  world.set_block(1, true);
  CHECK(world.is_blocked(1));
  const auto before = world.peek(1).stats().counters;
  world.run_for(4s);
  CHECK(wire.left.empty());
  CHECK(wire.handed.empty());
  CHECK(world.peek(1).stats().counters.probes >= before.probes + 2);
  CHECK(world.peek(1).stats().counters.gaps == before.gaps);  // nothing tells it
  REQUIRE(wire.made.size() > 5);
  const Instant end = world.now();
  const std::size_t waited = wire.made.size();
  world.set_block(1, false);
  REQUIRE(wire.left.size() == waited);
  for (std::size_t i = 0; i < waited; ++i) {
    CHECK(wire.left[i].bytes == wire.made[i].bytes);
    CHECK(wire.made[i].at < end);
    CHECK(wire.left[i].at == end);
  }
  world.run_for(1s);
  CHECK(wire.left.size() == wire.made.size());
}

TEST_CASE("what arrives for a blocked process is handed to it when the block ends, in order") {
  World world(22);
  form_cluster(world, 2);
  world.set_reachable([](std::size_t, std::size_t) { return false; });
  world.run_for(5ms);
  Wire wire(world, 1);
  world.set_block(1, true);
  for (unsigned char n = 0; n < 10; ++n) {
    world.inject(1, world.endpoint(0), ByteVector(40, std::byte{n}));
    world.run_for(100ms);
  }
  CHECK(wire.handed.empty());
  const Instant end = world.now();
  world.set_block(1, false);
  world.run_for(0ms);
  REQUIRE(wire.handed.size() == 10);
  for (unsigned char n = 0; n < 10; ++n) {
    CHECK(wire.handed[n].bytes == ByteVector(40, std::byte{n}));
    CHECK(wire.handed[n].at == end);
  }
}

TEST_CASE("of what waits for the end of a block, a socket's buffer is kept in each direction") {
  World world(23);
  form_cluster(world, 2);
  world.set_reachable([](std::size_t, std::size_t) { return false; });
  world.run_for(5ms);
  Wire wire(world, 1);
  world.set_block(1, true);
  const ByteVector garbage(40);
  world.act(1, [&, outputs = std::vector<Output>()](NodeCore&) mutable -> std::span<const Output> {
    outputs.assign(kBuffer + 7, Transmit{world.endpoint(0), garbage});
    return outputs;
  });
  CHECK(world.socket_overflows() == 7);
  for (std::size_t i = 0; i < kBuffer + 5; ++i) world.inject(1, world.endpoint(0), garbage);
  world.run_for(0ms);
  CHECK(world.socket_overflows() == 12);
  world.set_block(1, false);
  CHECK(wire.left.size() == kBuffer);
  world.run_for(0ms);
  CHECK(wire.handed.size() == kBuffer);
  // And the next block has a whole one again.
  world.set_block(1, true);
  world.inject(1, world.endpoint(0), garbage);
  world.run_for(0ms);
  CHECK(world.socket_overflows() == 12);
}

TEST_CASE("streams wait too: dials in both directions, and bytes") {
  World world(24);
  form_cluster(world, 3);
  std::vector<std::pair<StreamEvent::Kind, Instant>> heard;
  const auto open = [&] {
    return world.open_stream(1, Endpoint::v4(203, 0, 113, 7, 40'000),
                             [&](const StreamEvent& e) { heard.emplace_back(e.kind, world.now()); });
  };
  const StreamId early = open();
  world.run_for(20ms);
  REQUIRE(heard.size() == 1);
  heard.clear();
  const auto joiner = world.add(spec("joiner"));
  world.start(joiner);
  world.set_block(joiner, true);
  world.set_block(1, true);
  world.feed_stream(early, ByteVector(100, std::byte{0x5a}));  // for which a process closes it
  open();
  const auto elsewhere = world.peek(0).stats().counters.streams_in;
  world.join(joiner, {world.endpoint(0)});
  world.run_for(2s);
  const auto is_told = [&](StreamEvent::Kind kind) {
    return std::any_of(heard.begin(), heard.end(), [kind](const auto& h) { return h.first == kind; });
  };
  CHECK_FALSE(is_told(StreamEvent::Kind::connected));
  CHECK_FALSE(is_told(StreamEvent::Kind::closed));
  CHECK(world.peek(0).stats().counters.streams_in == elsewhere);
  world.set_block(1, false);
  world.set_block(joiner, false);
  world.run_for(20ms);
  CHECK(is_told(StreamEvent::Kind::connected));
  CHECK(is_told(StreamEvent::Kind::closed));
  CHECK(world.peek(0).stats().counters.streams_in > elsewhere);
}

TEST_CASE("a crash ends a block, and what waited is gone; who dialled is refused") {
  World world(25);
  form_cluster(world, 3);
  world.run_for(20ms);
  Wire wire(world, 1);
  world.set_block(1, true);
  bool refused = false;
  world.open_stream(1, Endpoint::v4(203, 0, 113, 7, 40'000),
                    [&](const StreamEvent& e) { refused = refused || e.kind == StreamEvent::Kind::closed; });
  world.run_for(3s);
  REQUIRE_FALSE(wire.made.empty());
  CHECK_FALSE(refused);
  world.crash(1);
  world.run_for(10ms);
  CHECK(refused);
  CHECK_FALSE(world.is_blocked(1));
  const std::size_t made = wire.made.size();
  world.start(1);
  world.run_for(5s);
  REQUIRE_FALSE(wire.left.empty());
  CHECK(wire.left.front().bytes == wire.made.at(made).bytes);
}

TEST_CASE("what is stopped and blocked lets nothing go before both are over") {
  for (const bool block_first : {true, false}) {
    CAPTURE(block_first);
    World world(26);
    form_cluster(world, 3);
    world.run_for(20ms);
    Wire wire(world, 1);
    world.set_block(1, true);
    world.run_for(2s);
    world.set_pause(1, true);
    world.run_for(1s);
    if (block_first) {
      world.set_block(1, false);
    } else {
      world.set_pause(1, false);
    }
    world.run_for(1s);
    CHECK(wire.left.empty());
    CHECK(wire.handed.empty());
    if (block_first) {
      world.set_pause(1, false);
    } else {
      world.set_block(1, false);
    }
    world.run_for(1s);
    CHECK(wire.left.size() == wire.made.size());
    CHECK_FALSE(wire.handed.empty());
    CHECK(world.run_until([&] { return world.all_alive(); }, 60s));
  }
}

TEST_CASE("the same seed blocks in the same way") {
  const auto trace = [](std::uint64_t seed, bool block) {
    World world(seed);
    form_cluster(world, 6);
    world.set_block(2, block);
    world.run_for(7s);
    world.set_block(2, false);
    world.run_for(7s);
    return world.trace_hash();
  };
  CHECK(trace(27, true) == trace(27, true));
  CHECK(trace(27, true) != trace(27, false));
}

// Its timers run on, so it believes that all are gone; the checkers know better than to call that a broken promise.
TEST_CASE("honest members that are blocked break no promise, and all is as it was afterwards") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    Watched w(seed, 12);
    for (int turn = 0; turn < 4; ++turn) {
      for (const std::size_t i : {1U, 5U, 6U}) w.block(i, true);
      w.run(Duration{2s} + 4s * turn);
      for (const std::size_t i : {1U, 5U, 6U}) w.block(i, false);
      w.run(64ms);
    }
    CHECK(w.settle());
    w.end();
    INFO(w.first_words());
    CHECK(w.count_all() == 0);
  }
}
