// Coming together again: forks, partitions that rotated on each side, members that were away, rings that are gone.
#include "node/core/rotation_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

// Rotates and retires what was before, and waits until all of `side` are there.
void step(RotationLab& lab, std::size_t keymaster, const std::function<bool(std::size_t)>& side, bool retire) {
  const Epoch before = lab.epoch_of(keymaster);
  REQUIRE_FALSE(lab.rotate(keymaster));
  const Epoch after = lab.epoch_of(keymaster);
  REQUIRE(lab.world.run_until([&] {
    for (std::size_t i = 0; i < lab.n; ++i) {
      if (side(i) && lab.world.is_running(i) && lab.epoch_of(i) != after) return false;
    }
    return true;
  }, 10s));
  if (!retire) return lab.world.run_for(2s);
  CHECK_FALSE(lab.retire(keymaster, before.value));
  lab.world.run_for(25s);  // obeyed, and wiped
}

}  // namespace

TEST_CASE("two keymasters rotate at once: all speak under one of the two, and the next extends it") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    RotationLab lab(seed, 12, 2);
    REQUIRE_FALSE(lab.rotate(0));
    REQUIRE_FALSE(lab.rotate(1));
    CHECK(lab.world.run_until([&] { return lab.all_hold(2) && lab.all_agree(); }, 5s));
    lab.world.run_for(2s);
    const auto both = lab.sum([](const Stats& s) { return s.ring_live == 3 ? 1U : 0U; });
    CHECK(both + 2 >= lab.n);  // the lesser one is of no use: nobody who misses it asks for it
    REQUIRE_FALSE(lab.rotate(seed % 2));
    CHECK(lab.world.run_until([&] { return lab.all_hold(3) && lab.all_agree(); }, 5s));
    CHECK(lab.unreadable() == 0);
    CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  }
}

TEST_CASE("a partition with a rotation on each side heals, the old epoch still there") {
  RotationLab lab(6, 12, 2);
  const auto even = [](std::size_t i) { return i % 2 == 0; };
  lab.world.set_reachable([&](std::size_t a, std::size_t b) { return even(a) == even(b); });
  lab.world.run_for(20s);
  step(lab, 0, even, false);
  step(lab, 1, [&](std::size_t i) { return !even(i); }, false);
  lab.world.set_reachable(nullptr);
  CHECK(lab.world.run_until([&] { return lab.all_agree() && lab.world.all_alive(); }, 60s));
  REQUIRE_FALSE(lab.rotate(0));
  CHECK(lab.world.run_until([&] { return lab.all_hold(3) && lab.all_agree(); }, 5s));
}

TEST_CASE("a partition whose sides rotated and retired, each by itself, heals by streams") {
  struct {
    int even, odd;
  } const sides[] = {{1, 1}, {1, 2}, {3, 2}, {6, 1}};
  for (const auto& rotations : sides) {
    CAPTURE(rotations.even);
    CAPTURE(rotations.odd);
    RotationLab lab(7, 12, 2);
    const auto even = [](std::size_t i) { return i % 2 == 0; };
    lab.world.set_reachable([&](std::size_t a, std::size_t b) { return even(a) == even(b); });
    lab.world.run_for(20s);
    for (int i = 0; i < rotations.even; ++i) step(lab, 0, even, true);
    for (int i = 0; i < rotations.odd; ++i) step(lab, 1, [&](std::size_t k) { return !even(k); }, true);
    lab.world.set_reachable(nullptr);
    CHECK(lab.world.run_until([&] { return lab.all_agree() && lab.world.all_alive(); }, 180s));
    lab.world.run_for(2s);
    REQUIRE_FALSE(lab.rotate(0));
    CHECK(lab.world.run_until([&] { return lab.all_agree() && lab.world.all_alive(); }, 10s));
  }
}

TEST_CASE("a member that was down for five rotations, its old epoch long wiped, is back by its credential") {
  RotationLab lab(8, 12);
  lab.world.run_for(15s);  // a snapshot is on its disk
  lab.world.crash(5);
  const auto rest = [](std::size_t i) { return i != 5; };
  for (int i = 0; i < 5; ++i) step(lab, 0, rest, true);
  CHECK(lab.world.peek(0).ring().retired_floor() == Epoch{5});
  lab.world.start(5);
  CHECK(lab.world.run_until([&] { return lab.all_hold(6) && lab.all_agree() && lab.world.all_alive(); }, 10s));
  CHECK(lab.world.peek(5).ring().retired_floor() == Epoch{5});
  REQUIRE_FALSE(lab.rotate(0));
  CHECK(lab.world.run_until([&] { return lab.all_hold(7); }, 5s));
}

TEST_CASE("a member that ran on, cut off, through five rotations is back too") {
  RotationLab lab(9, 12);
  const auto rest = [](std::size_t i) { return i != 5; };
  lab.world.set_reachable([&](std::size_t a, std::size_t b) { return rest(a) && rest(b); });
  lab.world.run_for(20s);
  for (int i = 0; i < 5; ++i) step(lab, 0, rest, true);
  lab.world.set_reachable(nullptr);
  CHECK(lab.world.run_until([&] { return lab.all_hold(6) && lab.all_agree() && lab.world.all_alive(); }, 90s));
}

TEST_CASE("a member left behind by five rotations, without a seed that runs, is back by any member that is dialled") {
  for (const std::size_t victim : {0U, 5U}) {  // that bootstrapped: it has no seeds; whose only seed crashes: n0
    CAPTURE(victim);
    RotationLab lab(13, 12, 2);
    const auto rest = [&](std::size_t i) { return i != victim && i != 0; };
    lab.world.set_reachable([&](std::size_t a, std::size_t b) { return (a == victim) == (b == victim); });
    if (victim != 0) lab.world.crash(0);
    lab.world.run_for(20s);
    for (int i = 0; i < 5; ++i) step(lab, 1, rest, true);
    lab.world.set_reachable(nullptr);
    const auto back = [&] {
      for (std::size_t i = 0; i < lab.n; ++i) {
        if (!lab.world.is_running(i) || i == victim) continue;
        if (lab.world.state_of(victim, i) != MemberState::alive || lab.world.state_of(i, victim) != MemberState::alive) {
          return false;
        }
      }
      return lab.all_hold(6) && lab.all_agree();
    };
    CHECK(lab.world.run_until(back, 3 * Config::local().rejoin_interval));
  }
}

TEST_CASE("a keymaster that was alone for many rotations shows the others the chain, though nobody else holds its end") {
  RotationLab lab(14, 5);
  lab.world.set_reachable([](std::size_t a, std::size_t b) { return (a == 0) == (b == 0); });
  lab.world.run_for(20s);
  for (int i = 0; i < 7; ++i) {
    step(lab, 0, [](std::size_t k) { return k == 0; }, false);
  }
  REQUIRE(lab.world.peek(0).ring().entries().front().epoch() == Epoch{5});
  lab.world.run_for(60s);  // what was pushed out is wiped
  REQUIRE(lab.world.peek(0).ring().retired().empty());
  lab.world.set_reachable(nullptr);
  CHECK(lab.world.run_until([&] { return lab.all_hold(8) && lab.all_agree() && lab.world.all_alive(); }, 90s));
}

TEST_CASE("a member whose clock is wrong by a day takes part in rotations, retires, and is back after a restart") {
  for (const Duration offset : {-24h, 24h}) {
    CAPTURE(offset > 0s);
    RotationLab lab(15, 8);
    lab.world.set_wall_offset_now(5, offset);
    for (std::uint64_t epoch = 2; epoch <= 4; ++epoch) {
      REQUIRE_FALSE(lab.rotate(0));
      CHECK(lab.world.run_until([&] { return lab.all_hold(epoch) && lab.all_agree(); }, 10s));
      CHECK_FALSE(lab.retire(0, epoch - 1));
      CHECK(lab.world.run_until([&] { return lab.all_retired(epoch - 1); }, 30s));
    }
    lab.world.set_wall_offset(5, offset);
    lab.world.crash(5);
    step(lab, 0, [](std::size_t i) { return i != 5; }, false);
    lab.world.start(5);
    CHECK(lab.world.run_until([&] { return lab.all_hold(5) && lab.world.all_alive(); }, 20s));
    CHECK(lab.unreadable() == 0);
  }
}

TEST_CASE("a keymaster alone with its clock, a day ahead, moves nobody, and costs a few dials") {
  RotationLab lab(16, 8, 2);
  lab.world.run_for(5s);
  lab.world.set_wall_offset_now(1, 24h);
  const auto dials = lab.sum([](const Stats& s) { return s.counters.streams_out; });
  REQUIRE_FALSE(lab.rotate(1));
  lab.world.run_for(60s);
  for (std::size_t i = 0; i < lab.n; ++i) CHECK(lab.epoch_of(i) == Epoch{i == 1 ? 2U : 1U});
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  CHECK(lab.sum([](const Stats& s) { return s.counters.streams_out; }) - dials < lab.n * 60);
  REQUIRE_FALSE(lab.rotate(0));  // whose clock is right: one of two of that number
  CHECK(lab.world.run_until([&] { return lab.all_hold(2); }, 10s));
}

TEST_CASE("accusations that count only under the epoch that comes with them begin a doubt, and that doubt ends") {
  RotationLab lab(17, 8);
  const NodeId id = lab.world.id(7);
  const auto view = [&] { return CoreAccess::impl(lab.world.core(4)).state.table.find(id); };
  lab.world.crash(7);
  REQUIRE_FALSE(lab.rotate(0));
  const Keyring::Entry& epoch = *lab.world.peek(0).ring().newest_with_key();
  lab.world.act(4, [&](NodeCore& core) -> std::span<const Output> {
    auto& impl = CoreAccess::impl(core);
    impl.begin(lab.world.now());
    for (const std::size_t accuser : {1U, 2U, 3U, 5U}) {
      const CoreState& by = CoreAccess::impl(lab.world.core(accuser)).state;
      Accusation a{by.id(), by.self->credential->credential.serial, by.generation, {Epoch{2}}, {}};
      a.subjects.push_back({id, view()->core->core.at.generation, view()->core->core.at.incarnation});
      const ByteVector content = encode_accusation(a);
      const Signature signature = by.identity.sign(SignDomain::accusation, by.cluster, content);
      const Witness w{by.id(), by.generation, {Epoch{2}},
                      std::make_shared<const ByteVector>(join_record(content, signature)), lab.world.now()};
      REQUIRE(impl.state.table.learn_witness(*view(), w));
    }
    REQUIRE(impl.state.ring.offer(epoch.announcement, epoch.signer));
    REQUIRE(impl.state.ring.set_key(epoch.epoch(), {epoch.key.key.clone()}));
    return impl.end();
  });
  REQUIRE(view()->state == MemberState::suspect);
  CHECK(view()->doubt() != nullptr);
  CHECK(lab.world.run_until([&] { return view()->state == MemberState::dead; }, 60s));
}

TEST_CASE("a ring that was deleted comes back with the join, and so does everything else") {
  RotationLab lab(10, 8);
  step(lab, 0, [](std::size_t) { return true; }, true);
  lab.world.crash(3);
  lab.world.wipe_disk(3);
  lab.world.run_for(1s);
  lab.world.start(3);
  CHECK(lab.world.run_until([&] { return lab.all_hold(2) && lab.world.all_alive(); }, 10s));
  CHECK(lab.world.peek(3).ring().retired_floor() == Epoch{1});
}

TEST_CASE("a retirement that a member has not obeyed yet survives its restart, and so does what is readable") {
  RotationLab lab(11, 8);
  REQUIRE_FALSE(lab.rotate(0));
  REQUIRE(lab.world.run_until([&] { return lab.all_hold(2); }, 3s));
  REQUIRE_FALSE(lab.retire(0, 1));
  REQUIRE(lab.world.run_until([&] { return lab.all_retired(1); }, 20s));
  REQUIRE(lab.world.peek(4).ring().retired().size() == 1);
  lab.world.crash(4);
  lab.world.run_for(500ms);
  lab.world.start(4);
  CHECK(lab.world.peek(4).ring().retired().size() == 1);
  CHECK(lab.world.peek(4).ring().retirement()->through() == Epoch{1});
  CHECK(lab.world.run_until([&] { return lab.world.peek(4).ring().retired().empty(); }, 30s));
  CHECK(lab.unreadable() == 0);
}

TEST_CASE("a rotation changes the suite, and pairs speak under either while both are live") {
  RotationLab lab(12, 10);
  RotateOptions options;
  options.suite = Suite::aes256_gcm;
  REQUIRE_FALSE(lab.rotate(0, options));
  CHECK(lab.world.run_until([&] { return lab.all_hold(2); }, 3s));
  lab.world.run_for(10s);
  const KeysView keys = lab.world.peek(3).keys();
  CHECK(keys.epochs[0].parameters.suite == Suite::chacha20_poly1305);
  CHECK(keys.epochs[1].parameters.suite == Suite::aes256_gcm);
  CHECK(keys.epochs[1].users == 9);
  REQUIRE_FALSE(lab.rotate(0));  // stays
  lab.world.run_for(5s);
  CHECK(lab.world.peek(3).keys().epochs.back().parameters.suite == Suite::aes256_gcm);
  CHECK(lab.unreadable() == 0);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
}

TEST_CASE("keymasters rotate by themselves: one epoch an interval, whoever of them is there") {
  Config config = Config::local();
  config.rotate_interval = 30s;
  RotationLab lab(13, 10, 3, config);
  lab.world.run_for(310s);
  const std::uint64_t reached = lab.epoch_of(5).value;
  CHECK(reached >= 9);
  CHECK(reached <= 12);
  const auto rotations = [&] { return lab.sum([](const Stats& s) { return s.counters.rotations; }); };
  CHECK(rotations() <= reached);  // hardly ever two at once
  CHECK(lab.world.peek(5).ring().retired_floor().value + 2 >= reached);
  CHECK(lab.unreadable() == 0);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  lab.world.crash(0);
  lab.world.crash(1);
  lab.world.run_for(150s);
  CHECK(lab.epoch_of(5).value >= reached + 3);
  CHECK(lab.all_agree());
}
