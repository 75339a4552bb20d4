// A credential is renewed while the node runs: the same NodeId, the same process, its streams and frames go on; the old
// credential is worth nothing any more.
#include "node/core/handshake.h"
#include "node/core/impl.h"
#include "sim/authority.h"
#include "support.h"

using namespace quorumor;
using quorumor::sim::World;
using quorumor::test::form_cluster;

namespace {

bool all_hold_serial(World& world, World::Index subject, Serial serial) {
  for (World::Index i = 0; i < world.size(); ++i) {
    if (!world.is_running(i)) continue;
    const Member* m = CoreAccess::impl(world.core(i)).state.table.find(world.id(subject));
    if (m == nullptr || m->credential->credential.serial != serial || !m->core || m->core->core.at.serial != serial) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("a renewed credential spreads, nobody notices a failure, and the NodeId and generation stay") {
  World world(1);
  form_cluster(world, 20);
  world.clear_events();
  const auto before = world.peek(5).stats();
  REQUIRE_FALSE(sim::renew(world, 5).has_value());
  CHECK(world.run_until([&] { return all_hold_serial(world, 5, Serial{2}); }, 3s));
  world.run_for(60s);
  const auto after = world.peek(5).stats();
  CHECK(after.serial == Serial{2});
  CHECK(after.not_after == world.credential(5).credential.not_after);
  CHECK(after.generation == before.generation);
  CHECK(world.all_alive());
  for (const auto& r : world.events()) {
    CHECK(r.event.kind != Event::Kind::member_suspect);
    CHECK(r.event.kind != Event::Kind::clone_alarm);
    CHECK(r.event.kind != Event::Kind::member_dead);
  }
}

TEST_CASE("everything that a node does goes on under its renewed credential") {
  World world(2);
  form_cluster(world, 5);
  REQUIRE_FALSE(sim::renew(world, 2).has_value());
  // At once, before the others have the new claim: what depends on it waits, and is not lost.
  REQUIRE_FALSE(world.broadcast(2, "hello", "x").has_value());
  world.run_for(3s);
  std::size_t told = 0;
  for (const auto& r : world.events()) told += r.event.kind == Event::Kind::user_event ? 1 : 0;
  CHECK(told == 5);
  world.crash(4);
  CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 4); }, 60s));  // its accusations count
  world.crash(2);
  world.start(2);
  world.start(4);
  CHECK(world.run_until([&] { return world.all_alive(); }, 10s));
}

TEST_CASE("a stream that is under way while a credential is renewed ends well") {
  World world(3);
  form_cluster(world, 3);
  const auto syncs = world.peek(0).stats().counters.syncs;
  world.act(0, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    CHECK(impl.sessions.dial(world.endpoint(1), Sessions::Purpose::sync));
    return impl.end();
  });
  const auto under_way = [&] { return CoreAccess::impl(world.core(0)).sessions.count_with(world.id(1)) == 1; };
  REQUIRE(world.run_until(under_way, 1s));
  REQUIRE_FALSE(sim::renew(world, 0).has_value());
  REQUIRE_FALSE(sim::renew(world, 1).has_value());
  world.run_for(1s);
  CHECK(world.peek(0).stats().counters.syncs == syncs + 1);
}

TEST_CASE("the old credential is not taken any more once the new one is known") {
  World world(4);
  form_cluster(world, 4);
  const SignedCredential old = world.credential(3);
  const ByteVector old_core = to_vector(CoreAccess::impl(world.core(0)).state.table.find(world.id(3))->core->record);
  REQUIRE_FALSE(sim::renew(world, 3).has_value());
  REQUIRE(world.run_until([&] { return all_hold_serial(world, 3, Serial{2}); }, 3s));
  world.act(0, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    const ByteVector record = join_record(old.content, old.signature);
    CHECK(impl.intake.take({RumorKind::credential, record, {}}) == IntakeResult::known);
    CHECK(impl.intake.take({RumorKind::core, old_core, {}}) == IntakeResult::known);
    return impl.end();
  });
  CHECK(all_hold_serial(world, 3, Serial{2}));
  // By TLS: a process that starts from a backup with the old one.
  world.crash(3);
  const SignedCredential renewed = world.credential(3);
  world.set_credential(3, old);
  world.wipe_disk(3);
  world.clear_events();
  world.start(3);
  world.run_for(3s);
  CHECK_FALSE(world.peek(3).stats().joined);
  bool refused = false;
  for (const auto& r : world.events()) {
    if (r.event.kind == Event::Kind::join_refused) refused = r.event.refusal == Refusal::revoked;
    CHECK(r.event.kind != Event::Kind::revoked);  // superseded only: the installed bundle is old
  }
  CHECK(refused);
  world.crash(3);
  world.set_credential(3, renewed);
  world.start(3);
  CHECK(world.run_until([&] { return world.all_alive(); }, 10s));
}

TEST_CASE("what is no renewal of this node is refused with a reason, and changes nothing") {
  World world(5);
  form_cluster(world, 3);
  const auto before = world.peek(1).stats();
  const auto try_it = [&](const SignedCredential& c) {
    std::optional<RenewError> error;
    world.act(1, [&](NodeCore& core) -> std::span<const Output> {
      const auto outputs = core.renew(world.now(), c);
      if (outputs) return outputs.value();
      error = outputs.error();
      return {};
    });
    return error;
  };
  const auto issue = [&](auto&& change) {
    Credential c = world.credential(1).credential;
    c.serial = Serial{2};
    change(c);
    return issue_credential(world.authority(), world.cluster(), c);
  };
  CHECK(try_it(world.credential(1)) == RenewError::not_newer);
  CHECK(try_it(world.credential(0)) == RenewError::other_node);
  CHECK(try_it(issue([&](Credential& c) { c.identity = world.credential(0).credential.identity; })) ==
        RenewError::other_key);
  CHECK(try_it(issue([&](Credential& c) {
          c.not_before = wall_from_seconds(1'600'000'000);
          c.not_after = wall_from_seconds(1'600'000'001);
        })) == RenewError::expired);
  SignedCredential forged = issue([](Credential&) {});
  forged.signature[3] ^= std::byte{1};
  CHECK(try_it(forged) == RenewError::wrong_signature);
  SignedCredential garbage = forged;
  garbage.content.resize(5);
  CHECK(try_it(garbage) == RenewError::malformed);
  // What the caller says that it says is not asked: the bytes are.
  SignedCredential dressed_up = world.credential(1);
  dressed_up.credential.serial = Serial{9};
  CHECK(try_it(dressed_up) == RenewError::not_newer);
  CHECK(world.peek(1).stats().serial == before.serial);
  CHECK(world.peek(1).stats().incarnation == before.incarnation);
  for (const RenewError e : {RenewError::expired, RenewError::revoked, RenewError::ending}) CHECK(to_string(e)[0] != '?');
}

TEST_CASE("renewal in time pardons a member whose old serial is revoked, without a word of its process") {
  World world(6);
  form_cluster(world, 6);
  const ByteVector record = sim::sign_revocation(world, 4, "key leaked");  // of serial 1
  REQUIRE_FALSE(sim::renew(world, 4).has_value());
  REQUIRE(world.run_until([&] { return all_hold_serial(world, 4, Serial{2}); }, 3s));
  world.clear_events();
  world.act(0, [&](NodeCore& core) { return core.revoke(world.now(), record).value(); });
  world.run_for(20s);
  CHECK(world.all_alive());
  CHECK(world.count(Event::Kind::member_evicted) == 0);
  CHECK(world.count(Event::Kind::revoked) == 0);
  CHECK(world.peek(4).stats().revocations == 1);
}

TEST_CASE("every member's expiry can be asked for") {
  World world(7);
  form_cluster(world, 2);
  world.peek(0).for_each_member([&](const MemberView& m) {
    CHECK(m.not_after == world.credential(m.self ? 0 : 1).credential.not_after);
  });
}
