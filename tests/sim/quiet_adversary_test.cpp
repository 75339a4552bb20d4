// Members that do less than they should; and those that lie in joins and syncs.
#include "sim/adversary_lab.h"

using namespace quorumor;
using namespace quorumor::test;

// 0 and 1 reach one another by 2 alone, also over streams.
TEST_CASE("silent: who depends on it as a relay is suspected") {
  for (const bool silent : {false, true}) {
    CAPTURE(silent);
    AdversaryLab lab(3);
    const auto liar = lab.make("silent", by({2}));
    if (silent) liar->start();
    lab.world.set_reachable([](std::size_t a, std::size_t b) { return a == 2 || b == 2; });
    lab.world.run_for(20s);
    CHECK((lab.told_by(Event::Kind::member_suspect, 0) > 0) == silent);
    CHECK(lab.told_by(Event::Kind::member_suspect, 2) == 0);
    CHECK((liar->acts() > 0) == silent);
    liar->stop();
    lab.world.run_for(10s);  // it relays again, and passes on again
    lab.world.clear_events();
    lab.world.run_for(20s);
    CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  }
}

TEST_CASE("silent: it accuses nobody, and a crash is noticed by the others all the same") {
  AdversaryLab lab(10);
  const auto liars = lab.begin("silent", by({1, 2}));
  lab.world.crash(7);
  lab.world.run_for(30s);
  CHECK(lab.counters(1).accusations_signed + lab.counters(2).accusations_signed == 0);
  CHECK(lab.counters(1).hints_out + lab.counters(2).hints_out == 0);
  for (std::size_t i = 0; i < 10; ++i) {
    if (i != 1 && i != 2 && i != 7) CHECK(lab.world.state_of(7, i) == MemberState::dead);
  }
}

TEST_CASE("selective: those whom it ignores reach it by relays; without any they suspect it, and nobody else") {
  for (const unsigned relays : {0u, 3u}) {
    CAPTURE(relays);
    Config config;
    config.indirect_probes = relays;
    AdversaryLab lab(10, false, 1, config);
    const auto liar = lab.begin("selective", by({1}, {2, 3, 4, 5}));
    lab.world.run_for(60s);
    CHECK(liar->acts() > 20);
    CHECK((lab.told_by(Event::Kind::member_suspect, 1) > 0) == (relays == 0));
    for (std::size_t i = 0; i < 10; ++i) {
      if (i != 1) CHECK(lab.told_by(Event::Kind::member_suspect, i) == 0);
    }
    liar->stop();
    CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 60s));
  }
}

TEST_CASE("selective: a share of the members, drawn anew for each run") {
  AdversaryLab lab(10, false);
  auto setting = by({1});
  setting.part.share_ppm = 1'000'000;
  const auto liar = lab.begin("selective", setting);
  lab.world.run_for(60s);
  CHECK(lab.world.all_see(MemberState::dead, 1));  // it answers nobody
}

// Eight members, each in a prefix of its own, until four move together: of each three relays one is a Sybil at most.
TEST_CASE("sybils: from one prefix they are one relay in three, from four they would be more") {
  double share[2] = {};
  for (const std::size_t prefixes : {1U, 4U}) {
    sim::World world(9);
    sim::start_formed(world, 8, {}, 8);
    const sim::Cast cast(0);
    sim::AdversaryPart part;
    part.behaviour = "sybils";
    part.count = prefixes;
    const auto sybils = sim::make_adversary(part, {world, cast, Drbg(ByteArray<32>{}, "sybils"), {4, 5, 6, 7}, {}, {}});
    sybils->start();
    CHECK(sybils->acts() > 0);
    REQUIRE(world.run_until([&] { return world.all_alive(); }, 30s));
    world.run_for(10s);
    const auto asked = [&](std::size_t i) {
      return world.peek(i).stats().counters.messages_in[static_cast<std::size_t>(MessageKind::relay)];
    };
    world.crash(3);
    world.run_for(60s);
    std::uint64_t honest = 0, theirs = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      if (i != 3) (i < 4 ? honest : theirs) += asked(i);
    }
    REQUIRE(honest + theirs > 20);
    share[prefixes == 1 ? 0 : 1] = static_cast<double>(theirs) / static_cast<double>(honest + theirs);
  }
  CHECK(share[0] < 0.45);
  CHECK(share[1] > 0.5);
}

TEST_CASE("delayer: it is suspected again and again, and nobody else is") {
  AdversaryLab lab(8, false);
  const auto liar = lab.begin("delayer", by({1}));
  lab.world.run_for(60s);
  CHECK(liar->acts() > 50);
  CHECK(lab.told_by(Event::Kind::member_suspect, 1) > 0);
  std::size_t others = 0;
  for (std::size_t i = 0; i < 8; ++i) others += i != 1 ? lab.told_by(Event::Kind::member_dead, i) : 0;
  CHECK(others == 0);
  liar->stop();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 60s));
}

TEST_CASE("sync-omitter: a joiner does not hear of whom it leaves out, until others tell it") {
  AdversaryLab lab(8);
  const auto liar = lab.begin("sync-omitter", by({1}, {5, 6}));
  const auto joiner = lab.join_by({1});
  CHECK(liar->acts() > 0);
  CHECK(lab.members_of(joiner) == 7);
  CHECK(lab.world.state_of(5, joiner) == MemberState::unknown);
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 30s));
}

TEST_CASE("sync-stale: a joiner hears what was true once, until others tell it better") {
  AdversaryLab lab(8);
  const auto liar = lab.begin("sync-stale", by({1}));
  const Coordinate before = lab.held(5, 0);
  for (int i = 0; i < 3; ++i) {
    CHECK(lab.world.core(5).set_metadata(lab.world.now(), as_bytes("news " + std::to_string(i))));
    lab.world.run_for(2s);
  }
  REQUIRE(lab.held(5, 1) > before);  // the liar knows better
  const auto joiner = lab.join_by({1});
  CHECK(liar->acts() > 0);
  CHECK(lab.held(5, joiner) == before);
  CHECK(lab.world.run_until([&] { return lab.held(5, joiner) == lab.held(5, 0); }, 30s));
}

TEST_CASE("sync-flooder: a joiner verifies what is of no use to it: nothing stands against that yet") {
  std::uint64_t checks[2] = {};
  for (const bool flooded : {false, true}) {
    AdversaryLab lab(8);
    auto setting = by({1});
    setting.part.count = 1000;
    const auto liar = lab.make("sync-flooder", setting);
    if (flooded) liar->start();
    const auto joiner = lab.join_by({1});
    lab.world.run_for(2s);
    checks[flooded ? 1 : 0] = lab.counters(joiner).signature_checks;
    liar->stop();
    CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 30s));
    CHECK(lab.world.count(Event::Kind::clone_alarm) == 0);
  }
  CHECK(checks[1] >= checks[0] + 900);
}
