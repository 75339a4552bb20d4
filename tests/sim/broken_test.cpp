// Each promise about verdicts, bounds and the end is really broken once, by force, and its checker says so; nothing else
// does what force was not used on. What members say: broken_claims_test.cpp.
#include "sim/authority.h"
#include "sim/broken.h"

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("no-false-death: a reachable member that is declared dead without a look") {
  Watched w(1, 6);
  w.run(3s);
  say(w, 2, 4, Event::Kind::member_dead, MemberState::dead);
  CHECK(w.count("no-false-death") == 1);
  CHECK(first(w, "no-false-death").what.find("would have been answered") != std::string::npos);
  CHECK(first(w, "no-false-death").trace.size() == 1);
}

TEST_CASE("no-false-death: what cannot be reached may be declared dead") {
  Watched w(2, 6);
  w.run(3s);
  SUBCASE("the path is cut one way") { w.world.network().cut(2, 4); }
  SUBCASE("it loses datagrams") { w.world.set_loss(4, 2, 1); }
  SUBCASE("the subject stands still") { w.pause(4, true); }
  SUBCASE("it is slower than a look is long") { w.world.set_latency(200ms, 300ms); }
  SUBCASE("more members lie than are tolerated") { w.cast.corrupt(0), w.cast.corrupt(1); }
  SUBCASE("it has only just begun to run") {
    w.crash(4);
    w.start(4);
  }
  SUBCASE("it can read nothing that the reader speaks under") {
    auto& state = inside(w, 4).state;
    state.ring = Keyring(state.cluster);
  }
  SUBCASE("the reader has only just come to speak under something that it can read") {
    say(w, 2, 4, Event::Kind::epoch_began, MemberState::alive);
  }
  SUBCASE("it is flip-flopping, and was shut in between") {
    w.world.network().flip_flop(2, 4, w.world.now() - 10s, 900ms, 100ms);
  }
  say(w, 2, 4, Event::Kind::member_dead, MemberState::dead);
  CHECK(w.count("no-false-death") == 0);
}

TEST_CASE("no-false-death: a member whose answer to the last look has arrived") {
  for (const bool answers : {true, false}) {
    CAPTURE(answers);
    Watched w(3, 6);
    w.world.set_path([](std::size_t, std::size_t, Bytes) { return sim::PathVerdict{}; });  // who knows what is dropped
    w.run(3s);
    say(w, 2, 4, Event::Kind::member_suspect, MemberState::suspect);
    if (!answers) w.world.network().cut(4, 2);
    w.world.act(2, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(w.world.now());
      Member& member = *impl.state.table.find(w.world.id(4));
      std::unique_ptr<Doubt>& doubt = member.dossier.own().doubt;
      doubt = std::make_unique<Doubt>();
      doubt->look = Look::running;
      doubt->look_at = w.world.now();
      doubt->until = w.world.now() + 60s;
      CHECK(impl.looks.begin(member, LookKind::last));
      return impl.end();
    });
    w.run(100ms);
    say(w, 2, 4, Event::Kind::member_dead, MemberState::dead);
    CHECK(w.count("no-false-death") == (answers ? 1 : 0));
  }
}

TEST_CASE("memory-bound: a container beyond its limit") {
  Watched w(13, 5);
  w.run(1s);
  REQUIRE(w.count_all() == 0);
  SUBCASE("history") { held(w, 1, 3).dossier.own().history.own().resize(Dossier::kHistory + 1); }
  SUBCASE("accusations") {
    for (unsigned i = 0; i <= kWitnessesHeld; ++i) {
      Witness witness;
      store_le<std::uint32_t>(witness.accuser.data(), i);
      witness.epochs = {Epoch{1}};
      CHECK(inside(w, 1).state.table.learn_witness(held(w, 1, 3), witness));
    }
  }
  SUBCASE("bytes") {
    HeldBody body = *held(w, 1, 3).body;
    body.record.reserve(64 << 20);
    held(w, 1, 3).body = std::move(body);
  }
  w.run(2s);
  CHECK(w.count("memory-bound") >= 1);
}

TEST_CASE("no-oversize: a datagram of a byte too many") {
  Watched w(14, 4);
  ByteVector datagram(limits::kDatagram);
  checker(w, "no-oversize").on_datagram(w.stage, 1, {w.world.endpoint(2), datagram});
  CHECK(w.count("no-oversize") == 0);
  datagram.push_back(std::byte{0});
  checker(w, "no-oversize").on_datagram(w.stage, 1, {w.world.endpoint(2), datagram});
  CHECK(w.count("no-oversize") == 1);
}

TEST_CASE("k-witnesses: a verdict without a look, and one without accusers") {
  Watched w(15, 6);
  w.run(1s);
  w.crash(4);
  say(w, 1, 4, Event::Kind::member_dead, MemberState::dead);
  CHECK(first(w, "k-witnesses").what.find("look") != std::string::npos);
  fail_look(w, 2, 4);
  say(w, 2, 4, Event::Kind::member_dead, MemberState::dead);
  CHECK(w.count("k-witnesses") == 2);
  CHECK(checker(w, "k-witnesses").violations().back().what.find("on 0 distinct accusers") != std::string::npos);
  CHECK(w.count("no-false-death") == 0);  // it did die
}

TEST_CASE("k-witnesses: an accuser twice, and one that did not sign") {
  for (const bool twice : {true, false}) {
    CAPTURE(twice);
    Watched w(16, 6);
    w.run(1s);
    w.crash(4);
    const auto reader = std::size_t{1};
    for (int i = 0; i < 400 && held(w, reader, 4).evidence().witnesses().size() < 3; ++i) w.run(10ms);
    REQUIRE(held(w, reader, 4).state == MemberState::suspect);
    auto& witnesses = const_cast<std::vector<Witness>&>(held(w, reader, 4).evidence().witnesses());
    REQUIRE(witnesses.size() >= 3);
    if (twice) {
      witnesses[1] = witnesses[0];
    } else {
      ByteVector record = *witnesses[0].record;
      record.back() ^= std::byte{1};
      witnesses[0].record = std::make_shared<const ByteVector>(record);
    }
    w.run(15s);
    CHECK(w.world.state_of(4, reader) == MemberState::dead);
    CHECK(w.count("k-witnesses") == 1);
    CHECK(first(w, "k-witnesses").what.find(twice ? "twice" : "did not sign") != std::string::npos);
  }
}

TEST_CASE("liveness: what is not healed in time") {
  Watched w(17, 6);
  w.scenario.check.within = Duration{30s};
  for (std::size_t i = 0; i < 5; ++i) w.cut(i, 5, true);
  w.run(30s);
  CHECK_FALSE(sim::is_settled(w.stage));
  SUBCASE("it heals") {
    w.world.network().mend_all();
    CHECK(w.settle());
    w.end();
    CHECK(w.liveness->count() == 0);
  }
  SUBCASE("it does not") {
    CHECK_FALSE(w.settle());
    w.end();
    CHECK(w.liveness->count() == 1);
    CHECK(w.liveness->violations().front().what.find("which runs") != std::string::npos);
  }
}

TEST_CASE("liveness: a crashed member is Dead, or Unreachable where nobody is left to say so") {
  Watched w(18, 6);
  w.crash(4);
  CHECK_FALSE(sim::is_settled(w.stage));
  CHECK(w.settle());
  CHECK(w.world.all_see(MemberState::dead, 4));
  Watched few(19, 5);
  const auto k = few.world.peek(0).stats().quorum.threshold;
  REQUIRE(k == 2);
  for (const std::size_t i : {1U, 2U, 3U, 4U}) few.crash(i);
  CHECK(few.settle());  // one is left, who accuses alone
}

TEST_CASE("liveness: who waits to join a cluster whose members have all gone is promised nothing") {
  Watched w(23, 3);
  for (const std::size_t i : {w.world.add(spec("late", {0})), w.world.add(spec("later", {0}))}) {
    w.cast.add();
    w.crash(i - 3);
    w.start(i);
  }
  w.run(20s);
  CHECK_FALSE(sim::is_settled(w.stage));  // one is still in, and its door is open to those that dial it
  w.crash(2);
  CHECK(sim::is_settled(w.stage));
}

TEST_CASE("liveness: tables that hold different things are not settled") {
  Watched w(20, 5);
  w.run(1s);
  CHECK(sim::is_settled(w.stage));
  auto& impl = inside(w, 1);
  impl.state.table.set_terminal(held(w, 1, 3), true);
  CHECK_FALSE(sim::is_settled(w.stage));
}

TEST_CASE("liveness: whoever is revoked is Evicted everywhere, or it is not settled") {
  Watched w(21, 6);
  w.run(1s);
  w.cast.revoke(4);
  CHECK_FALSE(sim::is_settled(w.stage));
  REQUIRE_FALSE(sim::revoke(w.world, 4, 1));
  CHECK(w.settle());
  CHECK(held(w, 2, 4).state == MemberState::evicted);
}

TEST_CASE("evicted-unheard: a message of somebody who is held for evicted") {
  Watched w(22, 5);
  w.run(1s);
  auto& hears = checker(w, "evicted-unheard");
  const ByteVector any(64);
  hears.on_delivery(w.stage, 3, 1, any);
  ++inside(w, 1).state.counters.messages_in[0];
  hears.on_delivered(w.stage, 3, 1, any);
  CHECK(hears.count() == 0);
  REQUIRE_FALSE(sim::revoke(w.world, 3, 1));
  REQUIRE(held(w, 1, 3).state == MemberState::evicted);
  w.run(5s);
  CHECK(hears.count() == 0);  // it is not heard
  hears.on_delivery(w.stage, 3, 1, any);
  ++inside(w, 1).state.counters.messages_in[0];
  hears.on_delivered(w.stage, 3, 1, any);
  CHECK(hears.count() == 1);
}

TEST_CASE("retirement: an epoch is given up by who has heard enough under the next") {
  ClusterParameters parameters;
  parameters.min_interval_s = 1;
  Watched w(23, 6, parameters);
  w.run(3s);
  w.world.act(0, [&](NodeCore& core) { return core.rotate(w.world.now()).value(); });
  const auto retired = [&](std::size_t node) {
    w.world.act(node, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(w.world.now());
      static_cast<void>(impl.state.ring.retire_through(Epoch{1}));
      impl.state.event(Event::Kind::epoch_retired, *impl.state.self, "by force");
      return impl.end();
    });
  };
  SUBCASE("at once") {
    retired(0);
    CHECK(w.count("retirement") == 1);
    CHECK(first(w, "retirement").what.find("only 0 of 3") != std::string::npos);
  }
  SUBCASE("once everybody speaks under it") {
    w.run(10s);
    retired(0);
    CHECK(w.count("retirement") == 0);
  }
}
