// What holds for all behaviours, and the accusers. An adversary that is harmless by mistake would prove anything: each
// must be seen to do what it says, where nothing stands against it, and to be stopped, where something does.
#include "sim/adversary_lab.h"

#include <set>

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("behaviours have names of their own, and say what they are") {
  std::set<std::string_view> names;
  for (const sim::Behaviour& b : sim::behaviours()) {
    CAPTURE(b.name);
    CHECK(names.insert(b.name).second);
    CHECK((b.make != nullptr));
    CHECK_FALSE(b.what.empty());
    CHECK_FALSE(b.against.empty());
    CHECK(sim::find_behaviour(b.name) == &b);
  }
  CHECK(sim::find_behaviour("false accuser") == nullptr);
}

// Each begins, acts while members restart, join and crash, and leaves a cluster that heals.
TEST_CASE("every behaviour acts, ends, and is the same again with the same seed") {
  const auto run = [](const sim::Behaviour& b) {
    AdversaryLab lab(6, true, 5);
    auto setting = b.insider ? by({0, 1}, {}, 20) : by({}, {}, 20);
    if (b.needs_target) setting.targets = {5};
    const auto adversary = lab.begin(std::string(b.name), setting);
    lab.world.run_for(500ms);
    lab.world.restart(3);
    lab.world.restart(1);
    lab.world.crash(5);
    lab.world.start(lab.world.add(spec("j", {2})));
    lab.world.run_for(3s);
    const auto acts = adversary->acts();
    CHECK(acts > 0);
    CHECK(adversary->successes() == 0);
    adversary->stop();
    lab.world.start(5);
    CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 60s));
    CHECK(adversary->acts() == acts);
    CHECK(lab.world.count(Event::Kind::clone_alarm) == 0);
    return lab.world.trace_hash();
  };
  for (const sim::Behaviour& b : sim::behaviours()) {
    CAPTURE(b.name);
    CHECK(run(b) == run(b));
  }
}

TEST_CASE("false-accuser: members are suspected that answer, and refute; it ends with its end") {
  AdversaryLab lab(8, false);
  const auto liar = lab.begin("false-accuser", by({1}));
  lab.world.run_for(10s);
  CHECK(liar->acts() > 500);  // ten a second, six readers each
  CHECK(lab.world.count(Event::Kind::member_suspect) > 50);
  CHECK(lab.world.count(Event::Kind::refuted) > 10);
  CHECK(lab.told_by(Event::Kind::member_suspect, 1) == 0);
  liar->stop();
  const auto acts = liar->acts();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 10s));
  lab.world.clear_events();
  lab.world.run_for(20s);
  CHECK(liar->acts() == acts);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
}

TEST_CASE("victim-accuser: fewer than k make their victim suspect, are muted, and kill nobody") {
  for (const bool defense : {false, true}) {
    CAPTURE(defense);
    AdversaryLab lab(8, defense);
    const std::size_t k = lab.world.peek(0).stats().quorum.threshold;
    REQUIRE((!defense || k == 2));
    const auto liar = lab.begin("victim-accuser", by({lab.watcher_of(3)}, {3}));
    lab.world.run_for(10s);
    CHECK(lab.told_by(Event::Kind::member_suspect, 3) > 0);
    lab.world.clear_events();
    lab.world.run_for(60s);
    const auto suspected = lab.told_by(Event::Kind::member_suspect, 3);
    CHECK((suspected == 0) == defense);
    CHECK(lab.world.count(Event::Kind::member_dead) == 0);
  }
}

TEST_CASE("observer-accuser: those that would watch the victim are accused, nobody else") {
  AdversaryLab lab(30, true, 3);
  const auto liars = lab.begin("observer-accuser", by({1, 2}, {5}, 20));
  lab.world.run_for(10s);
  CHECK(liars->acts() > 0);
  std::set<NodeId> suspected;
  for (const auto& r : lab.world.events()) {
    if (r.event.kind == Event::Kind::member_suspect) suspected.insert(r.event.id);
  }
  CHECK_FALSE(suspected.empty());
  CHECK_FALSE(suspected.contains(lab.world.id(5)));
  CHECK(lab.world.count(Event::Kind::member_dead) == 0);
}
