// Rotation and retirement among honest members: nothing is lost, nobody is suspected, everybody arrives.
#include "node/core/rotation_lab.h"

#include <set>

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("one rotation: every member holds the new key within 3 s, and pairs move to it") {
  RotationLab lab(1, 20);
  REQUIRE_FALSE(lab.rotate(0));
  CHECK(lab.world.run_until([&] { return lab.all_hold(2); }, 3s));
  REQUIRE(lab.world.run_until([&] { return lab.world.peek(0).keys().epochs.back().users == 19; }, 20s));
  const KeysView keys = lab.world.peek(0).keys();
  REQUIRE(keys.epochs.size() == 2);
  CHECK(keys.alive == 20);
  CHECK(keys.epochs[1].holders == 20);
  CHECK(keys.epochs[1].users == 19);
  CHECK(keys.epochs[1].is_newest);
  CHECK(keys.epochs[0].users == 0);
  CHECK(lab.world.peek(0).laggards(Epoch{2}, 10).empty());
  CHECK(lab.unreadable() == 0);
  CHECK(lab.world.count(Event::Kind::epoch_began) == 20);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
}

TEST_CASE("who rotates hears soon from everybody who holds the new key, however seldom it meets each of them") {
  RotationLab lab(18, 60);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return lab.all_hold(2); }, 3s));
  CHECK(lab.world.run_until([&] { return lab.world.peek(0).laggards(Epoch{2}, 60).empty(); }, 3s));
  const Duration interval = Config::local().probe_interval;
  lab.world.run_for(2 * interval);
  CHECK_FALSE(CoreAccess::impl(lab.world.peek(0)).poll.next_deadline());  // there is nobody left to ask
}

TEST_CASE("who rotates stops asking whom it does not reach") {
  RotationLab lab(19, 8);
  lab.world.set_reachable([](std::size_t a, std::size_t b) { return a + b != 7; });  // 0 and 7, among others
  REQUIRE_FALSE(lab.rotate(0));
  const Duration interval = Config::local().probe_interval;
  lab.world.run_for(2 * interval);
  CHECK(CoreAccess::impl(lab.world.peek(0)).poll.next_deadline());
  CHECK_FALSE(lab.world.peek(0).laggards(Epoch{2}, 8).empty());
  lab.world.run_for((HolderPoll::kPasses + 1) * interval);
  CHECK_FALSE(CoreAccess::impl(lab.world.peek(0)).poll.next_deadline());
}

TEST_CASE("a retirement is obeyed everywhere, then the old key is wiped, and nothing was dropped for want of it") {
  RotationLab lab(2, 20);
  CHECK(lab.retire(0, 1) == KeysError::newest_epoch);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return lab.all_hold(2); }, 3s));
  CHECK(lab.retire(0, 7) == KeysError::newest_epoch);
  CHECK(lab.retire(1, 1) == KeysError::not_keymaster);
  REQUIRE_FALSE(lab.retire(0, 1));
  CHECK(lab.retire(0, 1) == KeysError::is_retired);
  const auto pending = lab.world.peek(0).keys().retirement;
  REQUIRE(pending);
  CHECK(pending->through == Epoch{1});
  CHECK(pending->needed == 10);
  REQUIRE(lab.world.run_until([&] { return lab.all_retired(1); }, 20s));
  CHECK_FALSE(lab.world.peek(0).keys().retirement);
  for (std::size_t i = 0; i < lab.n; ++i) CHECK(lab.world.peek(i).ring().find(Epoch{1}) == nullptr);
  CHECK(lab.world.run_until([&] {
    return lab.sum([](const Stats& s) { return s.counters.epochs_wiped; }) == lab.n;
  }, 30s));
  for (std::size_t i = 0; i < lab.n; ++i) CHECK(lab.world.peek(i).ring().retired().empty());
  lab.world.run_for(20s);
  CHECK(lab.unreadable() == 0);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  CHECK(lab.world.all_alive());
}

TEST_CASE("commands are refused for their reason") {
  RotationLab lab(3, 3);
  CHECK(lab.rotate(1) == KeysError::not_keymaster);
  RotateOptions options;
  options.beta_ppm = 400'000;
  CHECK(lab.rotate(0, options) == KeysError::bad_parameters);
  REQUIRE_FALSE(lab.rotate(0));
  CHECK(lab.rotate(0) == KeysError::too_soon);
  CHECK(lab.world.peek(0).keys().rotation_allowed_in == 1s);
  // Once it says that it may, it may.
  CHECK(lab.world.run_until([&] { return lab.world.peek(0).keys().rotation_allowed_in == 0s; }, 2s));
  CHECK_FALSE(lab.rotate(0));
  lab.world.leave(0);
  CHECK(lab.rotate(0) == KeysError::ending);
  for (const auto error : {KeysError::no_ring, KeysError::not_joined, KeysError::not_keymaster, KeysError::ending,
                           KeysError::bad_parameters, KeysError::too_soon, KeysError::last_epoch,
                           KeysError::unknown_epoch, KeysError::newest_epoch, KeysError::is_retired}) {
    CHECK(std::string(to_string(error)).size() > 5);
  }
}

namespace {

// Ten rotations 5 s apart under event traffic, while members crash and come back.
void ten_rotations(std::uint64_t seed, std::size_t n, std::uint32_t loss, bool retire) {
  const Duration down = 3s;
  CAPTURE(seed);
  Config config = Config::local();
  config.retransmit_mult = 6;  // so often that gossip itself loses no event: with 2 some reach all but one or two
  RotationLab lab(seed, n, 1, config);
  Drbg rng(ByteArray<32>{static_cast<std::byte>(seed)}, "ten rotations");
  lab.world.set_loss(loss);
  std::map<std::string, std::set<std::size_t>> told;
  lab.world.set_listener([&](const sim::Recorded& r) {
    if (r.event.kind == Event::Kind::user_event) told[r.event.topic].insert(r.node);
  });
  std::set<std::size_t> restarted;
  std::vector<std::pair<std::string, std::size_t>> said;  // and by whom
  std::uint64_t epoch = 1;
  for (int round = 0; round < 10; ++round) {
    REQUIRE_FALSE(lab.rotate(0));
    ++epoch;
    const bool held = lab.world.run_until([&] { return lab.all_hold(epoch); }, loss > 0 ? 10s : 3s);
    CHECK(held);
    if (retire && epoch > 2) CHECK_FALSE(lab.retire(0, epoch - 1));
    const std::size_t victim = 1 + static_cast<std::size_t>(rng.below(n - 1));
    const Instant end = lab.world.now() + 5s;
    lab.world.crash(victim);
    restarted.insert(victim);
    const Instant back = lab.world.now() + down / 10 * static_cast<int>(1 + rng.below(10));
    for (int step = 0; lab.world.now() < end; ++step) {
      if (!lab.world.is_running(victim) && lab.world.now() >= back) lab.world.start(victim);
      const std::size_t who = static_cast<std::size_t>(rng.below(n));
      if (who != victim && step % 4 == 0) {
        const std::string name = "e" + std::to_string(said.size());
        if (!lab.world.broadcast(who, name, "x")) said.emplace_back(name, who);
      }
      lab.world.run_for(100ms);
    }
    if (!lab.world.is_running(victim)) lab.world.start(victim);
  }
  CHECK(lab.world.run_until([&] { return lab.world.all_alive() && lab.all_hold(epoch); }, 20s));
  lab.world.set_loss(0);
  lab.world.run_for(20s);
  CHECK(lab.unreadable() == 0);
  CHECK(lab.all_agree());
  // Only who was down was suspected.
  for (const auto& r : lab.world.events()) {
    if (r.event.kind != Event::Kind::member_suspect && r.event.kind != Event::Kind::member_dead) continue;
    if (loss == 0) CHECK(restarted.count(*lab.world.find(r.event.id)) == 1);
  }
  std::size_t lost = 0;
  for (const auto& [name, by] : said) {
    if (restarted.count(by) != 0) continue;  // what one says just before it dies may die with it
    for (std::size_t i = 0; i < n; ++i) lost += restarted.count(i) == 0 && told[name].count(i) == 0 ? 1 : 0;
  }
  CHECK(said.size() > 50);
  if (loss == 0) CHECK(lost == 0);
}

}  // namespace

TEST_CASE("ten rotations in a row, members crashing and returning: no message is lost for want of a key") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) ten_rotations(seed, 20, 0, false);
}

TEST_CASE("and with each old epoch retired as soon as the new one is held") {
  for (std::uint64_t seed = 11; seed <= 13; ++seed) ten_rotations(seed, 20, 0, true);
}

TEST_CASE("fifty members") { ten_rotations(21, 50, 0, true); }

TEST_CASE("one datagram in five is lost: every epoch still arrives") { ten_rotations(31, 20, 200'000, true); }
