// A crashed member that nobody is left to accuse is declared gone by the authority: Left, everywhere, up to that
// generation. Whoever is still there, or comes back, is so under a newer one.
#include "node/core/impl.h"
#include "sim/authority.h"
#include "support.h"

using namespace quorumor;
using quorumor::sim::World;
using quorumor::test::form_cluster;

namespace {

std::optional<std::string> last_reason(const World& world, World::Index reader, Event::Kind kind) {
  std::optional<std::string> out;
  for (const auto& r : world.events()) {
    if (r.node == reader && r.event.kind == kind) out = r.event.reason;
  }
  return out;
}

IntakeResult offer(World& world, World::Index to, const ByteVector& record) {
  IntakeResult result{};
  world.act(to, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    result = impl.intake.take({RumorKind::force_leave, record, {}});
    return impl.end();
  });
  return result;
}

}  // namespace

TEST_CASE("a crashed member is Left everywhere within two seconds, whatever it was held for") {
  World world(1);
  form_cluster(world, 20);
  world.crash(4);
  world.clear_events();
  REQUIRE_FALSE(sim::force_leave(world, 4, 0).has_value());
  CHECK(world.run_until([&] { return world.all_see(MemberState::left, 4); }, 2s));
  CHECK(last_reason(world, 9, Event::Kind::member_left) == "declared gone by the authority");
  world.run_for(30s);
  CHECK(world.count(Event::Kind::member_dead) == 0);
  CHECK(world.all_see(MemberState::left, 4));
}

TEST_CASE("a dead member, too, and one that is unreachable for want of a quorum") {
  World world(2);
  form_cluster(world, 4);
  world.crash(1);
  world.crash(2);
  world.run_for(60s);
  REQUIRE(world.state_of(1, 0) != MemberState::alive);
  REQUIRE_FALSE(sim::force_leave(world, 1, 0).has_value());
  REQUIRE_FALSE(sim::force_leave(world, 2, 3).has_value());
  CHECK(world.run_until([&] { return world.all_see(MemberState::left, 1) && world.all_see(MemberState::left, 2); }, 3s));
}

TEST_CASE("it comes back under a newer generation, and the old one stays gone") {
  World world(3);
  form_cluster(world, 5);
  world.crash(3);
  REQUIRE_FALSE(sim::force_leave(world, 3, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::left, 3); }, 2s));
  world.start(3);
  CHECK(world.run_until([&] { return world.all_alive(); }, 10s));
  world.run_for(60s);
  CHECK(world.all_alive());
  CHECK(world.peek(0).stats().force_leaves == 1);
}

TEST_CASE("one that was declared gone by mistake hears of it and is back under a newer generation") {
  World world(4);
  form_cluster(world, 5);
  const auto before = world.peek(3).stats().generation;
  REQUIRE_FALSE(sim::force_leave(world, 3, 0).has_value());
  CHECK(world.run_until([&] { return world.all_see(MemberState::left, 3); }, 2s));
  CHECK(world.run_until([&] { return world.all_alive(); }, 30s));
  CHECK(world.peek(3).stats().generation > before);
  // On its disk as well: the next process is newer still.
  const auto second = world.peek(3).stats().generation;
  world.crash(3);
  world.start(3);
  CHECK(world.peek(3).stats().generation > second);
  CHECK(world.run_until([&] { return world.all_alive(); }, 10s));
}

TEST_CASE("restarts of everybody remember who is gone, and a claim of the old generation wakes nobody") {
  World world(5);
  form_cluster(world, 5);
  const ByteVector claim = to_vector(CoreAccess::impl(world.core(0)).state.table.find(world.id(4))->core->record);
  world.crash(4);
  REQUIRE_FALSE(sim::force_leave(world, 4, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::left, 4); }, 2s));
  world.run_for(15s);  // snapshots
  for (World::Index i = 0; i < 4; ++i) world.crash(i);
  for (World::Index i = 0; i < 4; ++i) world.start(i);
  world.run_for(10s);
  CHECK(world.all_see(MemberState::left, 4));
  world.act(2, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    impl.intake.take({RumorKind::core, claim, {}});
    return impl.end();
  });
  CHECK(world.state_of(4, 2) == MemberState::left);
}

TEST_CASE("a record that arrives before its member holds once the member is known") {
  World world(6);
  form_cluster(world, 4);
  world.crash(3);
  const ByteVector record = sim::sign_force_leave(world, 3, 0);
  const auto late = world.add(test::spec("late", {1}));
  world.start(late);
  REQUIRE(offer(world, late, record) == IntakeResult::accepted);
  CHECK(world.run_until([&] { return world.all_see(MemberState::left, 3); }, 10s));
}

TEST_CASE("the greatest generation of an id is kept; what is not the authority's is a counted drop") {
  World world(7);
  form_cluster(world, 3);
  const auto nobody = world.add(test::spec("nobody", {0}));
  CHECK(offer(world, 0, sim::sign_force_leave(world, nobody, 0, Generation{5})) == IntakeResult::accepted);
  CHECK(offer(world, 0, sim::sign_force_leave(world, nobody, 0, Generation{4})) == IntakeResult::known);
  CHECK(offer(world, 0, sim::sign_force_leave(world, nobody, 0, Generation{6})) == IntakeResult::accepted);
  CHECK(world.peek(0).stats().force_leaves == 1);
  ByteVector forged = sim::sign_force_leave(world, 1, 0);
  forged.back() ^= std::byte{1};
  CHECK(offer(world, 0, forged) == IntakeResult::refused);
  CHECK(world.peek(0).stats().counters.rumors_bad_signature == 1);
  CHECK(world.state_of(1, 0) == MemberState::alive);
}
