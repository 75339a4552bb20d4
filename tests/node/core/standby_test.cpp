// A standby authority takes over: what it signs counts as what the root signed, for everybody, at once, by every way that
// a node can hear of it; and nobody but an authority can make one.
#include "node/core/handshake.h"
#include "node/core/impl.h"
#include "sim/authority.h"
#include "support.h"

using namespace quorumor;
using quorumor::sim::bring;
using quorumor::sim::World;
using quorumor::test::form_cluster;
using quorumor::test::offer;

namespace {

const WallTime kAt = wall_from_seconds(1'700'000'000);

SigningKey standby(std::uint64_t number) {
  ByteArray<32> seed{};
  store_le(seed.data(), number);
  return SigningKey::from_seed(std::span<const std::byte, 32>(seed));
}

ByteVector endorsed(const World& world, const SigningKey& by, const SigningKey& key) {
  return sign_endorsement(by, world.cluster(), {key.public_key(), kAt});
}

std::vector<ByteVector> by_root(const World& world, std::uint64_t number = 1) {
  return {endorsed(world, world.authority(), standby(number))};
}

ByteVector revocation_by(const World& world, const SigningKey& by, World::Index subject) {
  const Revocation r{world.id(subject), world.credential(subject).credential.serial, kAt, "stolen"};
  const ByteVector content = encode_revocation(r);
  return join_record(content, by.sign(SignDomain::revocation, world.cluster(), content));
}

SignedCredential credential_by(const World& world, const SigningKey& by, World::Index subject, std::uint64_t serial) {
  Credential c = world.credential(subject).credential;
  c.serial = Serial{serial};
  return issue_credential(by, world.cluster(), c);
}

std::optional<VerdictError> endorse(World& world, World::Index to, const std::vector<ByteVector>& records) {
  return bring(world, to, [&](NodeCore& core) { return core.endorse(world.now(), records); });
}

bool all_hold(const World& world, std::size_t endorsements) {
  for (World::Index i = 0; i < world.size(); ++i) {
    if (world.is_running(i) && world.peek(i).authorities().endorsed().size() != endorsements) return false;
  }
  return true;
}

// A machine whose credential the standby issued, and whose bundle says who that is.
World::Index add_of_standby(World& world, const char* name, const std::vector<ByteVector>& chain, const SigningKey& by) {
  const auto index = world.add(test::spec(name, {0}));
  world.set_credential(index, credential_by(world, by, index, 1));
  world.set_endorsements(index, chain);
  return index;
}

}  // namespace

TEST_CASE("a node of a standby authority joins a cluster that has never heard of it, and all hear of it") {
  World world(1);
  form_cluster(world, 12);
  const auto chain = by_root(world);
  const auto fresh = add_of_standby(world, "fresh", chain, standby(1));
  world.start(fresh);
  CHECK(world.run_until([&] { return world.all_alive(); }, 5s));
  CHECK(world.run_until([&] { return all_hold(world, 1); }, 5s));
  CHECK(world.count(Event::Kind::authority_endorsed) == 12);
  CHECK(world.count(Event::Kind::join_refused) == 0);
  world.run_for(60s);
  CHECK(world.all_alive());
  CHECK(world.count(Event::Kind::member_suspect) == 0);
  CHECK(world.count(Event::Kind::authority_endorsed) == 12);  // once each
  // Once it is held by all, nothing differs: nobody goes on syncing.
  const auto syncs = world.peek(3).stats().counters.syncs;
  world.run_for(120s);
  CHECK(world.peek(3).stats().counters.syncs == syncs);
}

TEST_CASE("without its endorsement the same credential opens nothing") {
  World world(2);
  form_cluster(world, 3);
  const auto fresh = add_of_standby(world, "fresh", {}, standby(1));
  world.start(fresh);
  world.run_for(5s);
  CHECK_FALSE(world.peek(fresh).stats().joined);
  CHECK(world.count(Event::Kind::join_refused) > 0);
  CHECK(world.peek(fresh).ring().entries().empty());
  CHECK(all_hold(world, 0));
}

TEST_CASE("a standby that a standby endorsed counts as well") {
  World world(3);
  form_cluster(world, 4);
  const std::vector<ByteVector> chain = {by_root(world).front(), endorsed(world, standby(1), standby(2))};
  const auto fresh = add_of_standby(world, "fresh", chain, standby(2));
  world.start(fresh);
  CHECK(world.run_until([&] { return world.all_alive() && all_hold(world, 2); }, 10s));
}

TEST_CASE("a keymaster that a standby admitted rotates, and whoever was away meanwhile comes back") {
  World world(4);
  ClusterParameters parameters;
  parameters.min_interval_s = 1;
  world.set_parameters(parameters);
  form_cluster(world, 5);
  world.run_for(11s);
  world.crash(4);
  const auto chain = by_root(world);
  const auto master = world.add(test::spec("master", {}));
  world.set_seeds(master, {0});
  world.set_credential(master, credential_by(world, standby(1), master, 1));
  world.set_endorsements(master, chain);
  world.start(master);
  REQUIRE(world.run_until([&] { return world.peek(master).stats().joined; }, 5s));
  world.run_for(5s);
  world.act(master, [&](NodeCore& core) { return core.rotate(world.now()).value(); });
  world.run_for(5s);
  CHECK(world.peek(0).stats().epoch == Epoch{2});
  world.wipe_disk(4);  // all that it will know of epochs is in the ring that it joins by
  world.clear_events();
  world.start(4);
  CHECK(world.run_until([&] { return world.all_alive() && world.peek(4).stats().epoch == Epoch{2}; }, 20s));
  CHECK(world.peek(4).stats().joined);
  CHECK(world.count(Event::Kind::join_refused) + world.count(Event::Kind::join_failed) == 0);
}

TEST_CASE("an order of a standby: its endorsement first, then it is obeyed everywhere and for good") {
  World world(5);
  form_cluster(world, 8);
  const ByteVector order = revocation_by(world, standby(1), 6);
  CHECK(bring(world, 2, [&](NodeCore& core) { return core.revoke(world.now(), order); }) ==
        VerdictError::wrong_signature);
  REQUIRE_FALSE(endorse(world, 2, by_root(world)).has_value());
  REQUIRE_FALSE(bring(world, 2, [&](NodeCore& core) { return core.revoke(world.now(), order); }).has_value());
  CHECK(world.run_until([&] { return world.all_see(MemberState::evicted, 6); }, 3s));
  CHECK(world.run_until([&] { return world.count(Event::Kind::revoked) == 1; }, 5s));  // it believes the record too
  // A restart verifies it again, under what the disk says of the standby.
  world.run_for(11s);
  for (World::Index i = 0; i < 6; ++i) world.crash(i);
  for (World::Index i = 0; i < 6; ++i) world.start(i);
  CHECK(world.run_until([&] { return world.all_see(MemberState::evicted, 6); }, 20s));
  for (World::Index i = 0; i < 6; ++i) {
    CHECK(world.peek(i).authorities().endorsed().size() == 1);
    CHECK(world.peek(i).verdicts().revocations() == 1);
  }
}

TEST_CASE("a revoked node that has not heard of the standby is shown by whom, by TLS, and falls silent") {
  World world(6);
  form_cluster(world, 4);
  const auto thief = world.add(test::spec("thief", {1}));
  REQUIRE_FALSE(endorse(world, 0, by_root(world)).has_value());
  const ByteVector order = revocation_by(world, standby(1), thief);
  REQUIRE_FALSE(bring(world, 0, [&](NodeCore& core) { return core.revoke(world.now(), order); }).has_value());
  world.run_for(3s);
  world.start(thief);
  CHECK(world.run_until([&] { return world.count(Event::Kind::revoked) == 1; }, 5s));
  CHECK(world.peek(thief).ring().entries().empty());
}

TEST_CASE("a member renewed by a standby goes on, also among those who hear of the standby by gossip alone") {
  World world(7);
  form_cluster(world, 10);
  const SignedCredential next = credential_by(world, standby(1), 4, 2);
  const auto renew = [&] {
    std::optional<RenewError> error;
    world.act(4, [&](NodeCore& core) -> std::span<const Output> {
      const auto outputs = core.renew(world.now(), next);
      if (outputs) return outputs.value();
      error = outputs.error();
      return {};
    });
    return error;
  };
  CHECK(renew() == RenewError::wrong_signature);
  REQUIRE_FALSE(endorse(world, 4, by_root(world)).has_value());
  REQUIRE_FALSE(renew().has_value());
  const auto all_renewed = [&] {
    for (World::Index i = 0; i < world.size(); ++i) {
      const Member* m = CoreAccess::impl(world.core(i)).state.table.find(world.id(4));
      if (m->credential->credential.serial != Serial{2} || m->core->core.at.serial != Serial{2}) return false;
    }
    return true;
  };
  CHECK(world.run_until(all_renewed, 10s));
  world.run_for(30s);
  CHECK(world.all_alive());
  CHECK(world.count(Event::Kind::member_dead) == 0);
}

TEST_CASE("what a member, a foreign authority or an unknown standby signs is no endorsement") {
  World world(8);
  form_cluster(world, 3);
  const SigningKey& member = CoreAccess::impl(world.core(1)).state.identity;
  const SigningKey foreign = standby(77);
  const ClusterId other = make_cluster_id(world.authority().public_key(), "other");
  const ByteVector wrong[] = {endorsed(world, member, standby(1)), endorsed(world, foreign, standby(1)),
                              endorsed(world, standby(2), standby(1)), endorsed(world, standby(1), standby(1)),
                              sign_endorsement(world.authority(), other, {standby(1).public_key(), kAt})};
  const auto before = world.peek(0).stats().counters;
  for (const ByteVector& record : wrong) {
    CHECK(offer(world, 0, RumorKind::endorsement, record) == IntakeResult::refused);
    CHECK(endorse(world, 0, {record}) == VerdictError::wrong_signature);
  }
  CHECK(endorse(world, 0, {ByteVector(7)}) == VerdictError::malformed);
  CHECK(world.peek(0).stats().counters.rumors_accepted == before.rumors_accepted);
  CHECK(world.peek(0).stats().counters.rumors_bad_signature > before.rumors_bad_signature);
  world.run_for(5s);
  CHECK(all_hold(world, 0));
  CHECK(world.count(Event::Kind::authority_endorsed) == 0);
  CHECK(world.all_alive());
}

TEST_CASE("the fifth is refused with a reason; full sets that differ do not sync for ever") {
  World world(9);
  form_cluster(world, 2);
  const auto some = [&](std::uint64_t from, std::uint64_t count) {
    std::vector<ByteVector> out;
    for (std::uint64_t i = from; i < from + count; ++i) out.push_back(endorsed(world, world.authority(), standby(i)));
    return out;
  };
  CHECK(endorse(world, 0, some(1, 5)) == VerdictError::full);
  CHECK(all_hold(world, 0));  // nothing has changed
  REQUIRE_FALSE(endorse(world, 0, some(1, 4)).has_value());
  REQUIRE_FALSE(endorse(world, 1, some(101, 4)).has_value());
  CHECK(offer(world, 0, RumorKind::endorsement, some(5, 1).front()) == IntakeResult::refused);
  CHECK(endorse(world, 0, some(5, 1)) == VerdictError::full);
  CHECK(endorse(world, 0, some(1, 1)) == std::nullopt);  // held: known
  world.run_for(60s);
  CHECK(all_hold(world, kEndorsedMax));
  const auto syncs = world.peek(0).stats().counters.syncs;
  world.run_for(300s);
  CHECK(world.peek(0).stats().counters.syncs == syncs);
  CHECK(world.all_alive());
}

TEST_CASE("an endorsement is taken from a hello that is itself refused, and from no other cluster's") {
  World world(10);
  form_cluster(world, 3);
  const auto chain = by_root(world);
  const auto expired = world.add([] {
    auto spec = test::spec("expired", {0});
    spec.not_after = wall_from_seconds(1'700'000'000 - 80'000);
    return spec;
  }());
  world.set_endorsements(expired, chain);
  world.start(expired);
  CHECK(world.run_until([&] { return world.count(Event::Kind::join_refused) > 0; }, 5s));
  CHECK(world.peek(0).authorities().endorsed().size() == 1);
  CHECK_FALSE(world.peek(expired).stats().joined);
}

TEST_CASE("an endorsement that gossip lost comes with the next sync") {
  World world(11);
  form_cluster(world, 4);
  REQUIRE_FALSE(endorse(world, 0, by_root(world)).has_value());
  world.act(0, [&](NodeCore& core) {  // nothing of it is told
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    impl.state.queue.erase({RumorKind::endorsement, {}, key_of(Endorsement{standby(1).public_key(), kAt}).tag});
    return impl.end();
  });
  CHECK(world.run_until([&] { return all_hold(world, 1); }, 120s));
}

TEST_CASE("a bundle's endorsements that the disk has not heard of are held, written and told") {
  World world(12);
  form_cluster(world, 3);
  world.crash(2);
  world.set_endorsements(2, by_root(world));
  world.start(2);
  CHECK(world.run_until([&] { return all_hold(world, 1); }, 10s));
  world.run_for(2s);
  world.crash(2);
  world.set_endorsements(2, {});  // another bundle, of the root
  world.start(2);
  CHECK(world.peek(2).authorities().endorsed().size() == 1);
}
