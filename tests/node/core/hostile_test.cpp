// Hostile bytes: replayed, flipped, redirected, random. Nothing changes but counters.
#include "node/core/support.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

struct Fixture {
  sim::World world{41};
  Fixture() {
    form_cluster(world, 5);
    world.set_capture(true);
    world.run_for(60s);
    world.set_capture(false);
    // From here on the nodes hear only what the test injects.
    world.set_reachable([](std::size_t, std::size_t) { return false; });
    world.run_for(10ms);
  }
  std::uint64_t accepted() {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 5; ++i) sum += messages_in(world.core(i).stats());
    return sum;
  }
};

}  // namespace

TEST_CASE("every captured datagram, replayed to its receiver: none is accepted") {
  Fixture f;
  REQUIRE(f.world.captured().size() > 100);
  const auto before = f.accepted();
  std::size_t events = f.world.events().size();
  for (const auto& c : f.world.captured()) {
    for (std::size_t i = 0; i < 5; ++i) f.world.inject(i, c.from, c.datagram);
  }
  f.world.run_for(5ms);
  CHECK(f.accepted() == before);
  CHECK(f.world.events().size() == events);
  CHECK(dropped(f.world.core(0).stats(), DropReason::replayed) > 10);
  CHECK(dropped(f.world.core(0).stats(), DropReason::unknown_sender) > 10);
}

TEST_CASE("a captured datagram replayed after its receiver restarted is not accepted") {
  sim::World world(42);
  world.set_capture(true);
  form_cluster(world, 3);
  world.run_for(10s);
  const auto traffic = world.captured();
  world.crash(1);
  world.run_for(100ms);
  world.start(1);
  world.run_for(5ms);  // it has its ring from disk, and has talked to nobody yet
  const auto before = messages_in(world.core(1).stats());
  for (const auto& c : traffic) world.inject(1, c.from, c.datagram);
  world.run_for(0ms);
  CHECK(messages_in(world.core(1).stats()) == before);
}

TEST_CASE("a datagram with any one bit flipped is not accepted") {
  Fixture f;
  // Fresh ones: sent while nobody hears, so that no replay window is in the way.
  f.world.set_capture(true);
  f.world.run_for(3s);
  f.world.set_capture(false);
  const auto& all = f.world.captured();
  std::size_t tried = 0;
  for (std::size_t k = all.size(); k > 0 && tried < 4; --k) {
    const auto& c = all[k - 1];
    if (c.datagram.size() > 400) continue;
    ++tried;
    std::size_t to = 0;
    while (f.world.endpoint(to) != c.to) ++to;
    const auto before = messages_in(f.world.core(to).stats());
    for (std::size_t bit = 0; bit < c.datagram.size() * 8; ++bit) {
      ByteVector flipped = c.datagram;
      flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      f.world.inject(to, c.from, flipped);
    }
    f.world.run_for(0ms);
    CHECK(messages_in(f.world.core(to).stats()) == before);
    f.world.inject(to, c.from, c.datagram);  // and the whole one still is
    f.world.run_for(0ms);
    CHECK(messages_in(f.world.core(to).stats()) == before + 1);
  }
  CHECK(tried == 4);
}

TEST_CASE("a captured datagram sent to somebody else is not accepted") {
  Fixture f;
  const auto before = f.accepted();
  for (const auto& c : f.world.captured()) {
    for (std::size_t i = 0; i < 5; ++i) {
      if (f.world.endpoint(i) != c.to) f.world.inject(i, c.from, c.datagram);
    }
  }
  f.world.run_for(0ms);
  CHECK(f.accepted() == before);
}

TEST_CASE("a million random datagrams change nothing but counters") {
  sim::World world(43);
  form_cluster(world, 2);
  world.set_reachable([](std::size_t, std::size_t) { return false; });
  world.run_for(3ms);
  Drbg rng(ByteArray<32>{}, "garbage");
  const auto before = world.core(0).stats();
  const Endpoint from = Endpoint::v4(192, 0, 2, 1, 9);
  const EpochTag4 tag = world.core(0).ring().newest()->secrets.tag;
#ifdef NDEBUG
  constexpr std::size_t kCount = 1'000'000;
#else
  constexpr std::size_t kCount = 50'000;
#endif
  ByteVector garbage(1300);
  std::size_t outputs = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::size_t size = static_cast<std::size_t>(rng.below(garbage.size()));
    rng.fill(MutableBytes(garbage).first(std::min<std::size_t>(size, 64)));
    if (size > 5 && i % 3 != 0) {  // two thirds pass for ours until a key is needed
      garbage[0] = i % 3 == 1 ? kShortType : kLongType;
      std::memcpy(garbage.data() + 1, tag.data(), tag.size());
    }
    outputs += world.core(0).on_datagram(world.now(), from, Bytes(garbage).first(size)).size();
  }
  const auto after = world.core(0).stats();
  std::uint64_t drops = 0;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    drops += after.counters.dropped[i] - before.counters.dropped[i];
  }
  CHECK(drops == kCount);
  CHECK(outputs == 0);
  CHECK(dropped(after, DropReason::too_long) > kCount / 20);  // of up to 1,300 bytes, a twelfth is over 1,200
  CHECK(messages_in(after) == messages_in(before));
  CHECK(after.counters.introductions_in == before.counters.introductions_in);
}

TEST_CASE("an unopenable short frame is never answered; an introduction is, once a second") {
  sim::World world(44);
  world.set_capture(true);
  form_cluster(world, 3);
  ByteVector introduction;
  for (const auto& c : world.captured()) {
    if (c.to == world.endpoint(0) && c.datagram.front() == kLongType) introduction = c.datagram;
  }
  REQUIRE_FALSE(introduction.empty());
  world.run_for(5s);
  const Endpoint spoofed = Endpoint::v4(192, 0, 2, 9, 53);
  std::size_t answers = 0, bytes = 0;
  for (int i = 0; i < 100; ++i) {
    for (const Output& o : world.core(0).on_datagram(world.now(), spoofed, introduction)) {
      if (const auto* t = std::get_if<Transmit>(&o)) {
        ++answers;
        bytes += t->datagram.size();
      }
    }
  }
  CHECK(answers == 1);
  CHECK(bytes <= 3 * introduction.size());
}
