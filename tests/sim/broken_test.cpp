// Each promise is really broken once, by force, and its checker says so; nothing else does what force was not used on.
#include "node/core/impl.h"
#include "sim/authority.h"
#include "sim/watched.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

auto& inside(Watched& w, std::size_t i) { return CoreAccess::impl(w.world.core(i)); }
Member& held(Watched& w, std::size_t reader, std::size_t subject) {
  return *inside(w, reader).state.table.find(w.world.id(subject));
}

// The reader says so to its operator, whatever it holds.
void say(Watched& w, std::size_t reader, std::size_t subject, Event::Kind kind, MemberState state) {
  w.world.act(reader, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(w.world.now());
    Member& member = *impl.state.table.find(w.world.id(subject));
    impl.state.table.set_state(member, state, member.state_since);
    impl.state.event(kind, member, "by force");
    return impl.end();
  });
}

// As if its look had been taken, and had failed.
void fail_look(Watched& w, std::size_t reader, std::size_t subject) {
  std::unique_ptr<Doubt>& doubt = held(w, reader, subject).dossier.own().doubt;
  doubt = std::make_unique<Doubt>();
  doubt->look = Look::failed;
}

HeldCore changed(const HeldCore& core, std::size_t at, std::byte by) {
  auto record = core.record;
  record[at] ^= by;
  return HeldCore(record);
}
constexpr std::size_t kIncarnationAt = 1 + 16 + 8 + 8;
constexpr std::size_t kNextEventAt = limits::kCoreContent - 32 - 8;

sim::Checker& checker(Watched& w, std::string_view promise) {
  for (auto& c : w.checkers) {
    if (c->promise() == promise) return *c;
  }
  FAIL("no such checker");
  return *w.checkers.front();
}

const sim::Violation& first(Watched& w, std::string_view promise) {
  REQUIRE_FALSE(checker(w, promise).violations().empty());
  return checker(w, promise).violations().front();
}

}  // namespace

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

TEST_CASE("signed-claims: a core, a credential, a body that their owner never signed") {
  Watched w(4, 5);
  w.run(1s);
  REQUIRE(w.count_all() == 0);
  Member& member = held(w, 1, 3);
  SUBCASE("a core with another next event") { member.core = changed(*member.core, kNextEventAt, std::byte{1}); }
  SUBCASE("a core with another signature") { member.core = changed(*member.core, limits::kCoreContent, std::byte{1}); }
  SUBCASE("a credential with another signature") {
    ByteVector record = member.credential->record;
    record.back() ^= std::byte{1};
    member.credential = HeldCredential(member.credential->whole(), std::move(record));
  }
  SUBCASE("a body with another address") {
    HeldBody body = *member.body;
    body.record.back() ^= std::byte{1};
    member.body = std::move(body);
  }
  w.run(1s);
  CHECK(w.count("signed-claims") >= 1);
}

TEST_CASE("signed-claims: of a member that lies, only what it has not signed") {
  Watched w(5, 5);
  w.cast.corrupt(3);
  w.run(1s);
  auto& liar = inside(w, 3);
  auto other = liar.state.self->core->whole();
  other.next_event = Sequence{77};
  const auto content = encode_core(other);
  const auto signature = liar.state.identity.sign(SignDomain::core, w.world.cluster(), content);
  held(w, 1, 3).core = HeldCore(join_record(content, signature));
  w.run(2s);
  CHECK(w.count("signed-claims") == 0);
  held(w, 1, 3).core = changed(*held(w, 1, 3).core, limits::kCoreContent, std::byte{1});
  w.run(2s);
  CHECK(w.count("signed-claims") >= 1);
}

TEST_CASE("own-incarnations: somebody else moves a member's incarnation") {
  Watched w(6, 5);
  w.run(1s);
  Member& member = held(w, 1, 3);
  member.core = changed(*member.core, kIncarnationAt, std::byte{8});
  w.run(5s);
  CHECK(w.count("own-incarnations") >= 1);
}

TEST_CASE("own-incarnations: an owner goes back") {
  Watched w(7, 5);
  const HeldCore before = *inside(w, 3).state.self->core;
  w.world.act(3, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(w.world.now());
    impl.self.advance();
    return impl.end();
  });
  w.run(2s);
  REQUIRE(w.count_all() == 0);
  inside(w, 3).state.self->core = before;
  w.run(1s);
  CHECK(w.count("own-incarnations") == 1);
  CHECK(first(w, "own-incarnations").what.find("went back") != std::string::npos);
}

TEST_CASE("own-incarnations: a new boot that is not above the last one") {
  Watched w(8, 5);
  w.run(1s);
  w.crash(3);
  w.world.wipe_disk(3);
  w.world.set_ring(3, w.world.peek(0).ring().serialize());
  w.world.set_wall_offset(3, -3600s);
  w.run(1s);
  // Its seeds would tell it of its past, so it hears of nobody.
  for (std::size_t i = 0; i < 5; ++i) {
    if (i != 3) w.cut(i, 3, true);
  }
  w.world.set_seeds(3, {});
  w.start(3);
  REQUIRE(w.world.peek(3).stats().joined);
  w.run(1s);
  CHECK(w.count("own-incarnations") == 1);
}

TEST_CASE("no-replay: a window that was forgotten lets a datagram in again") {
  Watched w(9, 4);
  w.world.set_capture(true);
  w.run(3s);
  const auto captured = w.world.captured();
  REQUIRE(captured.size() > 4);
  w.world.set_capture(false);
  for (const auto& c : captured) w.world.inject(*w.world.find(c.to), c.from, c.datagram);
  w.run(1s);
  CHECK(w.count("no-replay") == 0);  // windows hold
  const auto& last = captured.back();
  const auto to = *w.world.find(last.to);
  inside(w, to).state.links.forget_epochs_not_in(Keyring(w.world.cluster()));
  w.world.inject(to, last.from, last.datagram);
  w.run(1s);
  CHECK(w.count("no-replay") == 1);
}

TEST_CASE("no-replay: a counter that is used again") {
  Watched w(10, 4);
  w.world.set_capture(true);
  w.run(3s);
  const auto& captured = w.world.captured().front();
  REQUIRE(w.count_all() == 0);
  checker(w, "no-replay").on_datagram(w.stage, *w.world.find(captured.from), {captured.to, captured.datagram});
  CHECK(w.count("no-replay") == 1);
}

TEST_CASE("equal-incarnation: a suspect that becomes Alive without a word of its own") {
  Watched w(11, 5);
  w.run(1s);
  say(w, 1, 3, Event::Kind::member_suspect, MemberState::suspect);
  say(w, 1, 3, Event::Kind::member_alive, MemberState::alive);
  CHECK(w.count("equal-incarnation") == 1);
  CHECK(first(w, "equal-incarnation").trace.size() == 2);
}

TEST_CASE("equal-incarnation: the dead that become Suspect again at the coordinate at which they died") {
  Watched w(11, 5);
  w.run(1s);
  w.crash(3);
  w.run(20s);
  REQUIRE(w.world.state_of(3, 1) == MemberState::dead);
  say(w, 1, 3, Event::Kind::member_suspect, MemberState::suspect);
  CHECK(w.count("equal-incarnation") == 1);
  w.start(3);  // by its own word
  w.run(5s);
  CHECK(w.world.all_alive());
  CHECK(w.count("equal-incarnation") == 1);
}

TEST_CASE("equal-incarnation: a suspicion may end with the epoch of its accusations, though nobody retired it") {
  ClusterParameters parameters;
  parameters.min_interval_s = 1;
  Watched w(11, 5, parameters);
  const auto doubt = [&] {
    say(w, 1, 3, Event::Kind::member_suspect, MemberState::suspect);
    say(w, 1, 3, Event::Kind::member_alive, MemberState::alive);
  };
  for (int epochs = 2; epochs <= 5; ++epochs) {
    w.run(3s);
    w.world.act(0, [&](NodeCore& core) { return core.rotate(w.world.now()).value(); });
    if (epochs == 4) doubt();
  }
  CHECK(w.count("equal-incarnation") == 1);
  w.run(3s);
  doubt();  // the first epoch has left the ring
  CHECK(w.count("equal-incarnation") == 1);
}

TEST_CASE("equal-incarnation: of two cores at one coordinate the lesser digest stays") {
  Watched w(12, 5);
  w.cast.corrupt(3);
  w.run(1s);
  Member& member = held(w, 1, 3);
  const HeldCore original = *member.core, other = changed(*member.core, kNextEventAt, std::byte{1});
  const bool original_wins = original.digest() < other.digest();
  member.core = original_wins ? original : other;
  w.run(1s);
  CHECK(w.count("equal-incarnation") == 0);
  member.core = original_wins ? other : original;
  w.run(1s);
  CHECK(w.count("equal-incarnation") == 1);
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
