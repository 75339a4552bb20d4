// What an operator is told must be what the core goes by, and must change as the core's own reasons do.
#include "node/core/explanation.h"

#include "node/core/impl.h"
#include "node/core/support.h"
#include "sim/formed.h"
#include "sim/liar.h"

#include <algorithm>
#include <set>

using namespace quorumor;
using namespace quorumor::test;
using Strings = std::vector<std::string>;

namespace {

Explanation why(const sim::World& world, std::size_t reader, const std::string& name) {
  auto out = world.peek(reader).explain(world.now(), name);
  REQUIRE(out);
  return *out;
}

Member& member(sim::World& world, std::size_t reader, std::size_t subject) {
  return *CoreAccess::impl(world.core(reader)).state.table.find(world.id(subject));
}

void rename(Member& member, std::string_view name) {
  HeldCredential renamed(member.credential->whole(), member.credential->record);
  renamed.credential.name = name;
  member.credential = std::move(renamed);
}

std::set<std::string> accusers(const Explanation& e) {
  std::set<std::string> out;
  for (const auto& a : e.accusers) out.insert(a.name);
  return out;
}

std::set<std::string> silent(const Explanation& e) {
  std::set<std::string> out;
  for (const auto& o : e.silent) out.insert(o.name);
  return out;
}

std::vector<MemberState> states(const Explanation& e) {
  std::vector<MemberState> out;
  for (const auto& p : e.history) out.push_back(p.state);
  return out;
}

const Explanation::Accuser* accuser(const Explanation& e, const std::string& name) {
  const auto found = std::find_if(e.accusers.begin(), e.accusers.end(), [&](const auto& a) { return a.name == name; });
  return found == e.accusers.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a living member: nobody accuses it") {
  sim::World world(1);
  sim::start_formed(world, 5);
  world.run_for(60s);
  const Explanation e = why(world, 0, "n3");
  CHECK(e.id == world.id(3));
  CHECK(e.name == "n3");
  CHECK(!e.self);
  CHECK(e.state == MemberState::alive);
  CHECK(e.since >= 59s);
  CHECK(e.has_claim);
  CHECK(e.coordinate.incarnation == Incarnation{1});
  CHECK(e.history.empty());  // that it became a member is no story
  CHECK(e.defended);
  CHECK(e.accusers.empty());
  CHECK(silent(e) == std::set<std::string>{"n0", "n1", "n2", "n4"});
  CHECK(e.tally.needed == 2);
  CHECK(e.tally.counting == 0);
  CHECK(!e.window);
  CHECK(e.look == Look::none);
  REQUIRE(e.last_heard);
  CHECK(*e.last_heard < 6s);
  REQUIRE(e.round_trip);
  CHECK(*e.round_trip > 500us);
  CHECK(*e.round_trip < 5ms);
  CHECK(e.may_declare);
  CHECK(e.synced_with == 3);
  CHECK(e.syncs_needed == 3);
  CHECK(e.missing == Strings{"nobody accuses it"});
}

TEST_CASE("this node stands among the observers where it ranks") {
  sim::World world(1);
  sim::start_formed(world, 5);
  for (std::size_t reader = 0; reader < 4; ++reader) {
    const Explanation e = why(world, reader, "n4");
    const auto& s = CoreAccess::impl(world.core(reader)).state;
    for (std::size_t i = 0; i < e.silent.size(); ++i) {
      CHECK(s.policy->rank_of(world.id(4), e.silent[i].id, Epoch{1}) == i);
      CHECK(e.silent[i].self == (e.silent[i].id == world.id(reader)));
    }
    CHECK(e.silent.size() == 4);
  }
}

TEST_CASE("a crash, from the first accuser to the death") {
  sim::World world(2);
  sim::start_formed(world, 5);
  world.run_for(60s);
  world.crash(4);
  REQUIRE(world.run_until([&] { return world.state_of(4, 0) == MemberState::suspect; }, 30s));
  Explanation e = why(world, 0, "n4");
  CHECK(e.state == MemberState::suspect);
  CHECK(e.since < 10ms);
  REQUIRE(e.accusers.size() == 1);
  CHECK(e.accusers[0].weight == Weight::counts);
  CHECK(!e.accusers[0].muted);
  REQUIRE(e.accusers[0].ranks.size() == 1);
  CHECK(e.accusers[0].ranks[0].epoch == Epoch{1});
  CHECK(e.accusers[0].ranks[0].rank.has_value());
  CHECK(e.silent.size() == 3);
  CHECK(silent(e).count(e.accusers[0].name) == 0);
  CHECK(e.tally.counting == 1);
  REQUIRE(e.window);
  CHECK(!e.window->over);
  CHECK(e.window->began == e.since);
  CHECK(e.window->ends_in <= 24s);
  CHECK(e.window->ends_in > 23s);
  CHECK(e.look == Look::none);
  CHECK(e.missing == Strings{"1 more accuser of 2 needed", "the window ends in 24.0 s",
                             "this node's own last look, once enough accuse it"});

  REQUIRE(world.run_until([&] { return why(world, 0, "n4").tally.condemned; }, 10s));
  e = why(world, 0, "n4");
  CHECK(e.tally.counting >= 2);
  REQUIRE(e.missing.size() == 2);
  CHECK(e.missing[0].rfind("the window ends in ", 0) == 0);
  CHECK(e.missing[1].rfind("this node's own last look, in ", 0) == 0);

  REQUIRE(world.run_until([&] { return why(world, 0, "n4").look == Look::running; }, 10s));
  CHECK(why(world, 0, "n4").missing.back() == "this node's own last look: it is under way");

  REQUIRE(world.run_until([&] { return world.state_of(4, 0) == MemberState::dead; }, 10s));
  world.run_for(3s);
  e = why(world, 0, "n4");
  CHECK(e.missing.empty());
  CHECK(states(e) == std::vector{MemberState::suspect, MemberState::dead});
  CHECK(e.history.back().reason.find("last look unanswered") != std::string::npos);
  CHECK(e.history.back().age == e.since);
  CHECK(accusers(e) == std::set<std::string>{"n0", "n1", "n2", "n3"});
  REQUIRE(accuser(e, "n0") != nullptr);
  CHECK(accuser(e, "n0")->self);
  CHECK(!accuser(e, "n1")->self);
  CHECK(e.silent.empty());
  CHECK(e.look == Look::failed);
  REQUIRE(e.look_ended);
  CHECK(*e.look_ended >= e.since);
  REQUIRE(e.window);
  CHECK(e.window->over);
  CHECK(e.window->ends_in <= -3s + 100ms);
  CHECK(e.window->began + e.window->ends_in >= 4s);
  // Nobody stood still: news after a silence is no gap, and so the window is still the first one.
  CHECK(e.window->began == e.history[0].age);
  for (std::size_t i = 0; i < 4; ++i) CHECK(world.peek(i).stats().counters.gaps == 0);
  CHECK(e.phi > 50);
  CHECK(*e.last_heard > 7s);
}

TEST_CASE("one accuser of two: one more is missing") {
  sim::World world(3);
  sim::start_formed(world, 6);
  world.run_for(10s);
  sim::Liar liar(world, 1);
  liar.accuse(3, {5});
  world.run_until([&] { return world.state_of(3, 5) == MemberState::suspect; }, 100ms);
  const Explanation e = why(world, 5, "n3");
  CHECK(accusers(e) == std::set<std::string>{"n1"});
  CHECK(e.tally.needed == 2);
  REQUIRE(!e.missing.empty());
  CHECK(e.missing.front() == "1 more accuser of 2 needed");
  world.run_for(5s);
  CHECK(why(world, 5, "n3").missing == Strings{"nobody accuses it"});
}

TEST_CASE("who was refuted twice is muted, and its word alone is not enough") {
  sim::World world(4);
  sim::start_formed(world, 6);
  world.run_for(10s);
  sim::Liar liar(world, 1);
  for (int i = 0; i < 3; ++i) {
    liar.accuse(3);
    world.run_for(3s);
  }
  Explanation e = why(world, 5, "n3");
  REQUIRE(e.muted.size() == 1);
  CHECK(e.muted[0].name == "n1");
  CHECK(e.muted[0].refuted >= Muting::kRefutationsToMute);

  world.set_reachable([](std::size_t a, std::size_t b) { return a == b || (a != 3 && b != 3); });  // no refutation
  liar.accuse(3, {5});
  world.run_for(10ms);
  e = why(world, 5, "n3");
  CHECK(e.state == MemberState::alive);
  REQUIRE(e.accusers.size() == 1);
  CHECK(e.accusers[0].muted);
  CHECK(e.accusers[0].refuted >= 2);
  CHECK(e.accusers[0].weight == Weight::counts);
  CHECK(e.missing == Strings{"an accuser that is not muted, or 1 more accuser of 2 needed"});
}

TEST_CASE("this node itself: what it refuted, and what is held against it") {
  sim::World world(5);
  sim::start_formed(world, 6);
  world.run_for(10s);
  Explanation e = why(world, 3, "n3");
  CHECK(e.self);
  CHECK(e.refutations == 0);
  CHECK(e.missing == Strings{"nobody accuses it"});
  sim::Liar liar(world, 1);
  liar.accuse(3);
  world.run_for(100ms);
  CHECK(why(world, 3, "n3").refutations == 1);
  CHECK(why(world, 3, "n5").refutations == 0);  // told of oneself only
  liar.accuse(3);                               // within the second: the next refutation is owed
  world.run_for(100ms);
  e = why(world, 3, "n3");
  CHECK(e.refutations == 1);
  CHECK(accusers(e) == std::set<std::string>{"n1"});
  CHECK(e.missing == Strings{"held against this node: 1 accuser, which it refutes"});
}

TEST_CASE("cut off alone: no quorum, nobody dead, and the window's end is the first one") {
  sim::World world(6);
  sim::start_formed(world, 5);
  world.run_for(10s);
  world.set_reachable([](std::size_t a, std::size_t b) { return a == b || (a != 0 && b != 0); });
  world.run_for(120s);
  for (std::size_t i = 1; i < 5; ++i) {
    const Explanation e = why(world, 0, "n" + std::to_string(i));
    CHECK(e.state == MemberState::unreachable);
    CHECK(!e.tally.quorum);
    REQUIRE(e.missing.size() >= 2);
    CHECK(e.missing[0] == "no quorum: too many of its observers are out of reach themselves");
    CHECK(e.missing[1] == "1 more accuser of 2 needed");
    REQUIRE(e.window);
    CHECK(e.window->over);
    CHECK(-e.window->ends_in == e.since);
    CHECK(e.since > 30s);
  }
}

TEST_CASE("an accuser that is out of reach itself, or unknown, does not count, and the reason is told") {
  sim::World world(7);
  sim::start_formed(world, 6);
  world.run_for(10s);
  sim::Liar liar(world, 1);
  liar.accuse(3, {5});
  world.run_until([&] { return world.state_of(3, 5) == MemberState::suspect; }, 100ms);
  auto& impl = CoreAccess::impl(world.core(5));
  const auto set = [&](MemberState state) {
    impl.state.table.set_state(member(world, 5, 1), state, member(world, 5, 1).state_since);
    impl.state.policy->on_state(world.id(1), state);
  };
  set(MemberState::dead);
  CHECK(why(world, 5, "n3").accusers.at(0).weight == Weight::out_of_reach);
  set(MemberState::unreachable);
  CHECK(why(world, 5, "n3").accusers.at(0).weight == Weight::out_of_reach);
  CHECK(why(world, 5, "n3").tally.counting == 0);
  CHECK(why(world, 5, "n3").missing.front() == "2 more accusers of 2 needed");
  set(MemberState::left);
  CHECK(why(world, 5, "n3").accusers.at(0).weight == Weight::not_a_member);
  set(MemberState::alive);
  CHECK(why(world, 5, "n3").accusers.at(0).weight == Weight::counts);
}

TEST_CASE("in a larger cluster not everybody is an observer") {
  sim::World world(8);
  sim::start_formed(world, 40);
  const auto& policy = *CoreAccess::impl(world.core(0)).state.policy;
  std::size_t far = 2;
  while (policy.rank_of(world.id(1), world.id(far), Epoch{1})) ++far;
  const Explanation before = why(world, 0, "n1");
  CHECK(before.silent.size() == policy.quorum().observers + 3);
  Witness w;
  w.accuser = world.id(far);
  w.epochs = {Epoch{1}};
  Member& subject = member(world, 0, 1);
  REQUIRE(CoreAccess::impl(world.core(0)).state.table.learn_witness(subject, w));
  const Explanation e = why(world, 0, "n1");
  REQUIRE(e.accusers.size() == 1);
  CHECK(e.accusers[0].weight == Weight::not_an_observer);
  CHECK(!e.accusers[0].ranks.at(0).rank);
  CHECK(e.missing == Strings{"an accuser that counts: none of 1 accuser is an observer of it within reach"});
}

TEST_CASE("what a last look lacks") {
  struct Case {
    Look look;
    const char* missing;
  };
  static constexpr Case kCases[] = {
      {Look::none, "this node's own last look, in 2.5 s"},
      {Look::due, "this node's own last look: it waits for its turn"},
      {Look::running, "this node's own last look: it is under way"},
      {Look::answered, "its silence: it answered this node's own last look"},
      {Look::failed, nullptr},
  };
  sim::World world(9);
  sim::start_formed(world, 5);
  world.run_for(10s);
  world.crash(4);
  REQUIRE(world.run_until([&] { return why(world, 0, "n4").tally.condemned; }, 30s));
  Doubt& doubt = *member(world, 0, 4).doubt();
  const Instant now = world.now();
  doubt.until = now;
  doubt.look_at = now + 2'450ms;
  for (const Case& c : kCases) {
    CAPTURE(to_string(c.look));
    doubt.look = c.look;
    CHECK(why(world, 0, "n4").missing == (c.missing != nullptr ? Strings{c.missing} : Strings{}));
  }
}

TEST_CASE("who has synced with too few declares nobody") {
  sim::World world(10);
  sim::start_formed(world, 5);
  world.run_for(10s);
  world.crash(4);
  REQUIRE(world.run_until([&] { return why(world, 0, "n4").tally.condemned; }, 30s));
  CoreAccess::impl(world.core(0)).state.synced_with.resize(2);
  const Explanation e = why(world, 0, "n4");
  CHECK(!e.may_declare);
  CHECK(e.synced_with == 2);
  CHECK(e.missing.front() == "this node must sync with 1 more member before it declares anybody dead");
}

TEST_CASE("with the defense off one accuser is enough, whoever it is, and nobody looks for itself") {
  sim::World world(11);
  ClusterParameters trusting;
  trusting.defense = false;
  world.set_parameters(trusting);
  sim::start_formed(world, 5);
  world.run_for(10s);
  world.crash(4);
  REQUIRE(world.run_until([&] { return world.state_of(4, 0) == MemberState::suspect; }, 30s));
  const Explanation e = why(world, 0, "n4");
  CHECK(!e.defended);
  CHECK(e.tally.needed == 1);
  CHECK(e.tally.condemned);
  REQUIRE(!e.accusers.empty());
  CHECK(e.accusers[0].weight == Weight::counts);
  CHECK(e.silent.empty());
  REQUIRE(e.missing.size() == 1);
  CHECK(e.missing[0].rfind("the window ends in ", 0) == 0);
}

TEST_CASE("members are found by name or id; who left, or was never there") {
  sim::World world(12);
  sim::start_formed(world, 5);
  world.run_for(5s);
  CHECK(why(world, 0, to_hex(world.id(2))).name == "n2");
  CHECK(!world.peek(0).explain(world.now(), "n9"));
  CHECK(!world.peek(0).explain(world.now(), ""));
  CHECK(!world.peek(0).explain(world.now(), std::string(32, '0')));
  world.leave(2);
  REQUIRE(world.run_until([&] { return world.state_of(2, 0) == MemberState::left; }, 10s));
  CHECK(why(world, 0, "n2").missing == Strings{"it left by its own word: it cannot die"});
  // A new machine with an old one's name.
  rename(member(world, 0, 3), "n2");
  CHECK(why(world, 0, "n2").id == world.id(3));
  CHECK(why(world, 0, to_hex(world.id(2))).id == world.id(2));
  rename(member(world, 0, 2), "n4");  // before it in the table
  CHECK(why(world, 0, "n4").id == world.id(4));
}
