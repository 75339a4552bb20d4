// Each promise about what members say is really broken once, by force, and its checker says so; nothing else does what
// force was not used on.
#include "sim/broken.h"

using namespace quorumor;
using namespace quorumor::test;

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
