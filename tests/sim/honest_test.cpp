// Checkers cry wolf about nothing: honest worlds, with all that may go wrong inside the bounds, and liars within B, break
// no promise, and settle once the faults are over.
#include "sim/liar.h"
#include "sim/watched.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

void misfortune(Watched& w, Drbg& rng, const std::vector<std::size_t>& may) {
  const auto node = may[static_cast<std::size_t>(rng.below(may.size()))];
  const auto other = may[static_cast<std::size_t>(rng.below(may.size()))];
  switch (rng.below(6)) {
    case 0:
      if (w.world.is_running(node)) w.crash(node);
      break;
    case 1:
      if (!w.world.is_running(node)) w.start(node);
      break;
    case 2:
      if (w.world.is_running(node)) w.pause(node, !w.cast[node].paused);
      break;
    case 3:
      if (node != other) w.cut(node, other, true);
      break;
    case 4: w.world.set_loss(static_cast<std::uint32_t>(rng.below(300'000))); break;
    case 5: w.world.set_duplication(static_cast<std::uint32_t>(rng.below(100'000))); break;
  }
}

void heal(Watched& w) {
  w.world.network().mend_all();
  w.world.set_loss(0);
  w.world.set_duplication(0);
  w.audience.tell_action("mend", sim::World::kNobody);
  for (std::size_t i = 0; i < w.world.size(); ++i) {
    if (w.cast[i].paused) w.pause(i, false);
  }
}

}  // namespace

TEST_CASE("crashes, restarts, pauses, cuts, loss and duplicates break no promise") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Watched w(seed, 12);
    Drbg rng(ByteArray<32>{std::byte{static_cast<unsigned char>(seed)}}, "misfortune");
    std::vector<std::size_t> may;
    for (std::size_t i = 0; i < 12; ++i) may.push_back(i);
    for (int step = 0; step < 30; ++step) {
      misfortune(w, rng, may);
      w.run(Duration{500ms} + 1ms * static_cast<int>(rng.below(4000)));
    }
    heal(w);
    CHECK(w.settle());
    w.end();
    INFO(w.first_words());
    CHECK(w.count_all() == 0);
  }
}

TEST_CASE("as many liars as the policy tolerates break no promise, whatever else goes wrong") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Watched w(seed, 16);
    REQUIRE(w.world.peek(5).stats().quorum.tolerated == 1);
    w.cast.corrupt(1);
    sim::Liar liar(w.world, 1);
    Drbg rng(ByteArray<32>{std::byte{static_cast<unsigned char>(seed)}}, "misfortune");
    std::vector<std::size_t> may;
    for (std::size_t i = 2; i < 16; ++i) may.push_back(i);
    liar.refuse_relays();
    for (int step = 0; step < 20; ++step) {
      misfortune(w, rng, may);
      const auto victim = may[static_cast<std::size_t>(rng.below(may.size()))];
      liar.keep_accusing(victim, 700ms);
      w.run(Duration{500ms} + 1ms * static_cast<int>(rng.below(4000)));
    }
    liar.stop_accusing();
    heal(w);
    CHECK(w.settle());
    w.end();
    INFO(w.first_words());
    CHECK(w.count_all() == 0);
  }
}

TEST_CASE("a partition that lasts longer than any window breaks no promise, and heals") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    Watched w(seed, 10);
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 3; b < 10; ++b) w.cut(a, b, true);
    }
    w.run(60s);
    CHECK_FALSE(w.world.all_alive());
    heal(w);
    CHECK(w.settle());
    w.end();
    INFO(w.first_words());
    CHECK(w.count_all() == 0);
  }
}

TEST_CASE("a run under watch is the run without") {
  std::uint64_t alone = 0;
  {
    sim::World world(3);
    sim::start_formed(world, 8);
    world.run_for(20s);
    alone = world.trace_hash();
  }
  Watched w(3, 8);
  w.run(20s);
  w.end();
  CHECK(w.world.trace_hash() == alone);
}
