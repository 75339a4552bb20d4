// Outsiders: what they send is counted and dropped; what they capture opens nowhere again; what they can do is deny.
#include "sim/adversary/wiretap.h"
#include "sim/adversary_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

std::uint64_t all_drops(const Counters& c) {
  std::uint64_t sum = 0;
  for (const auto n : c.dropped) sum += n;
  return sum;
}
std::uint64_t drops(const Counters& c, DropReason reason) { return c.dropped[static_cast<std::size_t>(reason)]; }

}  // namespace

TEST_CASE("garbage: each is counted and dropped, and nothing else happens") {
  AdversaryLab lab(6);
  const auto before = lab.counters(0);
  const auto outsider = lab.begin("garbage", by({}, {0}, 500));
  lab.world.run_for(10s);
  CHECK(outsider->acts() >= 4990);
  CHECK(all_drops(lab.counters(0)) - all_drops(before) >= 4990);
  CHECK(drops(lab.counters(0), DropReason::unknown_sender) > drops(before, DropReason::unknown_sender) + 500);
  CHECK(drops(lab.counters(0), DropReason::too_long) > drops(before, DropReason::too_long) + 100);
  CHECK(lab.world.events().empty());
}

TEST_CASE("replayer: nothing is taken twice, nor by another, nor after a restart") {
  AdversaryLab lab(6);
  const auto outsider = lab.begin("replayer", by({}, {}, 300));
  lab.world.run_for(10s);
  lab.world.restart(2);
  lab.world.run_for(10s);
  CHECK(outsider->acts() > 5000);
  CHECK(outsider->successes() == 0);
  std::uint64_t replayed = 0, unknown = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    replayed += drops(lab.counters(i), DropReason::replayed);
    unknown += drops(lab.counters(i), DropReason::unknown_sender);
  }
  CHECK(replayed > 1000);
  CHECK(unknown > 1000);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
}

// successes() would show it: a datagram that had never arrived is taken, once.
TEST_CASE("what is taken for a member's message is seen") {
  AdversaryLab lab(3);
  ByteVector held;
  sim::World::Index from = 0;
  const auto path = lab.world.set_path([&](auto sender, auto to, Bytes bytes) {
    if (to != 1 || !held.empty() || bytes.front() != kShortType) return sim::PathVerdict{};
    held = to_vector(bytes);
    from = sender;
    return sim::PathVerdict{true, {}};
  });
  REQUIRE(lab.world.run_until([&] { return !held.empty(); }, 5s));
  lab.world.remove_path(path);
  const auto taken = std::make_shared<std::uint64_t>(0);
  sim::inject_and_see(lab.world, 1, lab.world.endpoint(from), held, taken);
  lab.world.run_for(0ms);
  CHECK(*taken == 1);
  sim::inject_and_see(lab.world, 1, lab.world.endpoint(from), held, taken);
  lab.world.run_for(0ms);
  CHECK(*taken == 1);
}

TEST_CASE("spoofer: an address proves nothing") {
  AdversaryLab lab(6);
  const auto outsider = lab.begin("spoofer", by({}, {0}, 300));
  lab.world.run_for(10s);
  CHECK(outsider->acts() > 2000);
  CHECK(outsider->successes() == 0);
  CHECK(all_drops(lab.counters(0)) > 2000);
  CHECK(lab.world.events().empty());
}

TEST_CASE("path-dropper: with everything dropped its target is out of reach; with a fifth, relays help") {
  for (const std::uint32_t share : {200'000u, 1'000'000u}) {
    CAPTURE(share);
    Config config;
    config.stream_probe = false;
    AdversaryLab lab(8, true, 1, config);
    auto setting = by({}, {3});
    setting.part.share_ppm = share;
    const auto outsider = lab.begin("path-dropper", setting);
    lab.world.run_for(30s);
    CHECK(outsider->acts() > 10);
    CHECK((lab.told_by(Event::Kind::member_dead, 3) > 0) == (share == 1'000'000u));
    outsider->stop();
    CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 60s));
  }
}

TEST_CASE("path-delayer: a member far away is suspected at first, and not dead") {
  Config config;
  config.stream_probe = false;
  AdversaryLab lab(8, false, 1, config);
  auto setting = by({}, {3});
  setting.part.delay = 600ms;
  const auto outsider = lab.begin("path-delayer", setting);
  lab.world.run_for(30s);
  CHECK(outsider->acts() > 50);
  CHECK(lab.told_by(Event::Kind::member_suspect, 3) > 0);
  CHECK(lab.world.count(Event::Kind::member_dead) == 0);
}

TEST_CASE("epoch-thief: it reads introductions, and neither opens nor forges a frame") {
  AdversaryLab lab(6);
  const auto thief = lab.begin("epoch-thief", by({}, {}, 200));
  lab.world.run_for(2s);
  lab.world.restart(2);  // it introduces itself to all
  lab.world.run_for(10s);
  lab.world.restart(4);
  lab.world.run_for(10s);
  CHECK(thief->acts() > 3000);
  CHECK(thief->readings() > 0);
  CHECK(thief->successes() == 0);
  std::uint64_t forged = 0;
  for (std::size_t i = 0; i < 6; ++i) forged += drops(lab.counters(i), DropReason::forged);
  CHECK(forged > 1000);
  CHECK(lab.world.all_alive());
}

TEST_CASE("handshake-flooder: it takes all places of its target for a while each: nothing stands against that yet") {
  AdversaryLab lab(8);
  const auto outsider = lab.begin("handshake-flooder", by({}, {0}, 1000));
  lab.world.run_for(10s);
  CHECK(outsider->acts() >= 9'900);
  CHECK(lab.counters(0).streams_refused > 1'000);
  const auto joiner = lab.world.add(spec("j", {0}));
  lab.world.start(joiner);
  lab.world.run_for(10s);
  CHECK_FALSE(lab.world.peek(joiner).stats().joined);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  outsider->stop();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 60s));
}
