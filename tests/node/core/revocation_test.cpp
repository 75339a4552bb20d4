// A revoked node is out, everywhere, for good: at once, across partitions and restarts, whatever it still holds and
// whatever it says; and nobody but the authority can make it so.
#include "node/core/impl.h"
#include "sim/authority.h"
#include "support.h"

using namespace quorumor;
using quorumor::sim::World;
using quorumor::test::form_cluster;
using quorumor::test::offer;

namespace {

// A process that was tampered with: it goes on although it knows that it is revoked.
void defy(World& world, World::Index node) { CoreAccess::impl(world.core(node)).state.silent = false; }

const CoreState& state(World& world, World::Index node) { return CoreAccess::impl(world.core(node)).state; }

bool all_hold(World& world, std::size_t revocations, World::Index but) {
  for (World::Index i = 0; i < world.size(); ++i) {
    if (i != but && world.is_running(i) && world.peek(i).verdicts().revocations() != revocations) return false;
  }
  return true;
}

std::optional<std::string> reason_seen(const World& world, World::Index reader, Event::Kind kind) {
  for (const auto& r : world.events()) {
    if (r.node == reader && r.event.kind == kind) return r.event.reason;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a revocation reaches fifty members within two seconds, and each evicts at once") {
  World world(1);
  form_cluster(world, 50);
  world.clear_events();
  REQUIRE_FALSE(sim::revoke(world, 7, 3, "laptop stolen").has_value());
  CHECK(world.run_until([&] { return world.all_see(MemberState::evicted, 7); }, 2s));
  CHECK(reason_seen(world, 20, Event::Kind::member_evicted) == "revoked by the authority: laptop stolen");
  CHECK(world.count(Event::Kind::member_evicted) == 49);
  world.run_for(30s);
  CHECK(world.count(Event::Kind::member_evicted) == 49);  // once each
  CHECK(world.count(Event::Kind::member_dead) == 0);
  CHECK(world.count(Event::Kind::member_suspect) == 0);
}

TEST_CASE("the revoked node is shown the record, says so and falls silent") {
  World world(2);
  form_cluster(world, 5);
  world.clear_events();
  REQUIRE_FALSE(sim::revoke(world, 4, 0, "left the company").has_value());
  REQUIRE(world.run_until([&] { return world.count(Event::Kind::revoked) == 1; }, 5s));
  CHECK(reason_seen(world, 4, Event::Kind::revoked) == "revoked by the authority: left the company");
  const auto sent = world.peek(4).stats().counters.datagrams_out;
  world.run_for(20s);
  CHECK(world.peek(4).stats().counters.datagrams_out == sent);
  CHECK_FALSE(world.peek(4).next_deadline().has_value());
}

TEST_CASE("with all its keys and all that it knows, a revoked node that goes on changes nothing") {
  World world(3);
  form_cluster(world, 8);
  world.set_capture(true);
  world.run_for(3s);
  world.set_capture(false);
  const auto captured = world.captured();
  REQUIRE_FALSE(sim::revoke(world, 6, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 6); }, 2s));
  world.run_for(2s);
  world.clear_events();

  std::vector<std::uint64_t> accepted;
  for (World::Index i = 0; i < 8; ++i) accepted.push_back(world.peek(i).stats().counters.rumors_accepted);
  const std::uint64_t refused = world.peek(1).stats().counters.frames_of_evicted;
  for (int round = 0; round < 10; ++round) {  // fresh frames: a new claim, an event, pings, streams
    defy(world, 6);
    world.act(6, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(world.now());
      impl.self.advance();
      for (const auto& m : impl.state.table.all()) {
        if (m == impl.state.self) continue;
        Message& ping = impl.sender.blank(MessageKind::ping, Sequence{99});
        Sender::Options options;
        options.introduce = true;
        options.with_own_core = true;
        impl.sender.send(*m, ping, options);
        impl.sessions.dial(*m->contact->proven, Sessions::Purpose::sync);
      }
      return impl.end();
    });
    world.run_for(1s);
  }
  for (const auto& c : captured) {  // and all that was ever said, again
    const auto to = [&] {
      for (World::Index i = 0; i < world.size(); ++i) {
        if (world.endpoint(i) == c.to) return i;
      }
      return World::Index{0};
    }();
    if (c.from == world.endpoint(6) && to != 6) world.inject(to, c.from, c.datagram);
  }
  world.run_for(10s);
  for (World::Index i = 0; i < 8; ++i) {
    if (i == 6) continue;
    CHECK(world.peek(i).stats().counters.rumors_accepted == accepted[i]);
    CHECK(world.state_of(6, i) == MemberState::evicted);
  }
  CHECK(world.peek(1).stats().counters.frames_of_evicted > refused);
  // Of what the honest ones say nothing is about a member: nobody was suspected, or became alive.
  for (const auto& r : world.events()) CHECK(r.node == 6);
}

TEST_CASE("a revoked node is refused by TLS, with the reason, also one that was never heard of; and learns why") {
  for (const bool heard_of : {true, false}) {
    World world(4);
    form_cluster(world, 4);
    const auto thief = world.add(test::spec("thief", {1}));
    if (heard_of) {
      world.start(thief);
      REQUIRE(world.run_until([&] { return world.all_alive(); }, 5s));
      world.run_for(11s);  // a snapshot
      world.crash(thief);
    }
    REQUIRE_FALSE(sim::revoke(world, thief, 0, "stolen").has_value());
    REQUIRE(world.run_until([&] { return all_hold(world, 1, thief); }, 5s));
    world.clear_events();
    world.wipe_disk(thief);
    world.start(thief);
    world.run_for(5s);
    CHECK_FALSE(world.peek(thief).stats().joined);
    CHECK(world.peek(thief).ring().entries().empty());  // no key
    bool said = false;
    for (const auto& r : world.events()) {
      if (r.event.kind == Event::Kind::join_refused) said = r.event.refusal == Refusal::revoked;
    }
    CHECK(said);
    CHECK(reason_seen(world, thief, Event::Kind::revoked) == "revoked by the authority: stolen");
    // A restart of all that know of it forgives nothing.
    for (World::Index i = 0; i < 4; ++i) world.crash(i);
    world.crash(thief);
    world.wipe_disk(thief);
    for (World::Index i = 0; i < 4; ++i) world.start(i);
    world.run_for(5s);
    world.start(thief);
    world.run_for(5s);
    CHECK(world.peek(thief).ring().entries().empty());
    for (World::Index i = 0; i < 4; ++i) {
      CHECK(world.state_of(thief, i) == (heard_of ? MemberState::evicted : MemberState::unknown));
    }
  }
}

TEST_CASE("a revoked node that restarts with its disk, or with the record on it, does not come back") {
  World world(5);
  form_cluster(world, 5);
  world.crash(4);
  REQUIRE_FALSE(sim::revoke(world, 4, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 4); }, 2s));
  for (int boot = 0; boot < 2; ++boot) {  // the second time it knows from its own disk
    world.clear_events();
    world.start(4);
    world.run_for(3s);
    CHECK(world.count(Event::Kind::revoked) == 1);
    CHECK(world.all_see(MemberState::evicted, 4));
    CHECK(world.count(Event::Kind::member_alive) <= 4);  // as it sees the others
    world.crash(4);
  }
}

TEST_CASE("two sides of a partition that revoke different members heal to the union") {
  World world(6);
  form_cluster(world, 10);
  world.set_reachable([](World::Index a, World::Index b) { return (a < 5) == (b < 5); });
  REQUIRE_FALSE(sim::revoke(world, 1, 0).has_value());
  REQUIRE_FALSE(sim::revoke(world, 8, 9).has_value());
  world.run_for(20s);
  world.crash(1);  // they are silent, and learn nothing more
  world.crash(8);
  CHECK(world.peek(2).verdicts().revocations() == 1);
  CHECK(world.peek(7).verdicts().revocations() == 1);
  world.set_reachable(nullptr);
  CHECK(world.run_until([&] { return world.all_see(MemberState::evicted, 1) && world.all_see(MemberState::evicted, 8); },
                        120s));
  CHECK(world.peek(2).verdicts().sum() == world.peek(7).verdicts().sum());
}

TEST_CASE("members that differ in a revocation alone sync, and those that agree on it do not") {
  World world(7);
  form_cluster(world, 6);
  const auto nobody = world.add(test::spec("nobody", {0}));  // admitted, never started
  const ByteVector record = sim::sign_revocation(world, nobody);
  // It is told to one member and its rumor is lost: only the digest can show the difference.
  offer(world, 2, RumorKind::revocation, record);
  CoreAccess::impl(world.core(2)).state.queue.erase_about(world.id(nobody));
  CHECK(world.run_until([&] { return all_hold(world, 1, nobody); }, 90s));
  world.run_for(120s);  // syncs that were begun meanwhile end
  std::uint64_t syncs = 0, later = 0;
  for (World::Index i = 0; i < 6; ++i) syncs += world.peek(i).stats().counters.syncs;
  world.run_for(180s);
  for (World::Index i = 0; i < 6; ++i) later += world.peek(i).stats().counters.syncs;
  CHECK(later == syncs);
}

TEST_CASE("members that came to know an evicted one in different ways agree in their digests") {
  World world(8);
  form_cluster(world, 5);
  REQUIRE_FALSE(sim::revoke(world, 4, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 4); }, 2s));
  world.crash(4);
  const auto late = world.add(test::spec("late", {1}));
  world.start(late);
  world.run_for(10s);
  CHECK(world.state_of(4, late) == MemberState::evicted);  // its credential is known, its claims never are
  CHECK(state(world, late).table.sum() == state(world, 0).table.sum());
  CHECK(state(world, late).verdicts.sum() == state(world, 0).verdicts.sum());
}

TEST_CASE("a forged, altered or foreign revocation is a counted drop") {
  World world(9);
  form_cluster(world, 3);
  const auto bad = [&] { return world.peek(0).stats().counters.rumors_bad_signature; };
  ByteVector altered = sim::sign_revocation(world, 1, "a");
  altered[18] ^= std::byte{1};  // the serial
  CHECK(offer(world, 0, RumorKind::revocation, altered) == IntakeResult::refused);
  CHECK(bad() == 1);

  Revocation r;
  r.id = world.id(1);
  r.serial = Serial{1};
  const ByteVector content = encode_revocation(r);
  const auto under = [&](const SigningKey& key, SignDomain domain, const ClusterId& cluster) {
    return join_record(content, key.sign(domain, cluster, content));
  };
  const SigningKey& a = world.authority();
  const ClusterId other = make_cluster_id(a.public_key(), "other");
  CHECK(offer(world, 0, RumorKind::revocation, under(state(world, 2).identity, SignDomain::revocation, world.cluster())) ==
        IntakeResult::refused);  // a member's own key
  CHECK(offer(world, 0, RumorKind::revocation, under(a, SignDomain::revocation, other)) == IntakeResult::refused);
  CHECK(offer(world, 0, RumorKind::revocation, under(a, SignDomain::force_leave, world.cluster())) ==
        IntakeResult::refused);
  CHECK(bad() == 4);
  CHECK(offer(world, 0, RumorKind::revocation, ByteVector(100)) == IntakeResult::refused);
  world.run_for(3s);
  CHECK(world.all_alive());
  CHECK(world.peek(0).verdicts().size() == 0);
  world.act(0, [&](NodeCore& core) -> std::span<const Output> {
    CHECK(core.revoke(world.now(), altered).error() == VerdictError::wrong_signature);
    CHECK(core.revoke(world.now(), ByteVector(7)).error() == VerdictError::malformed);
    CHECK(core.revoke(world.now(), sim::sign_revocation(world, 0)).error() == VerdictError::own);
    return {};
  });
}

TEST_CASE("what is known costs no signature check, and the same content under two serials keeps both") {
  World world(10);
  form_cluster(world, 3);
  const auto nobody = world.add(test::spec("nobody", {0}));
  const ByteVector one = sim::sign_revocation(world, nobody, "one", Serial{5});
  const ByteVector two = sim::sign_revocation(world, nobody, "two", Serial{3});
  CHECK(offer(world, 0, RumorKind::revocation, one) == IntakeResult::accepted);
  CHECK(offer(world, 0, RumorKind::revocation, two) == IntakeResult::accepted);  // announcements may name it
  const auto checks = world.peek(0).stats().counters.signature_checks;
  for (int i = 0; i < 100; ++i) CHECK(offer(world, 0, RumorKind::revocation, i % 2 == 0 ? one : two) == IntakeResult::known);
  CHECK(world.peek(0).stats().counters.signature_checks == checks);
  CHECK(world.peek(0).verdicts().revoked_through(world.id(nobody)) == Serial{5});
}

TEST_CASE("an evicted accuser's word counts no more, neither what it said nor what it says") {
  World world(11);
  form_cluster(world, 3);  // k = 1: one word makes a suspect
  const auto accuse = [&](World::Index reader) {
    Accusation a;
    a.accuser = world.id(2);
    a.serial = Serial{1};
    a.generation = state(world, 2).generation;
    a.epochs = {Epoch{1}};
    const Coordinate at = state(world, reader).table.find(world.id(1))->core->core.at;
    a.subjects = {{world.id(1), at.generation, at.incarnation}};
    const ByteVector content = encode_accusation(a);
    return join_record(content, state(world, 2).identity.sign(SignDomain::accusation, world.cluster(), content));
  };
  world.set_reachable([](World::Index a, World::Index b) { return a == b; });  // no refutation
  const ByteVector word = accuse(0);
  REQUIRE(offer(world, 0, RumorKind::accusation, word) == IntakeResult::accepted);
  REQUIRE(world.state_of(1, 0) == MemberState::suspect);
  REQUIRE(offer(world, 0, RumorKind::revocation, sim::sign_revocation(world, 2)) == IntakeResult::accepted);
  CHECK(world.state_of(1, 0) == MemberState::alive);
  CHECK(offer(world, 0, RumorKind::accusation, word) == IntakeResult::refused);
  CHECK(world.state_of(1, 0) == MemberState::alive);
}

TEST_CASE("streams with a revoked member end at once") {
  World world(12);
  form_cluster(world, 3);
  world.act(0, [&](NodeCore& core) {
    auto& impl = CoreAccess::impl(core);
    impl.begin(world.now());
    CHECK(impl.sessions.dial(world.endpoint(1), Sessions::Purpose::sync));
    return impl.end();
  });
  const auto authenticated = [&] { return CoreAccess::impl(world.core(0)).sessions.count_with(world.id(1)) == 1; };
  REQUIRE(world.run_until(authenticated, 1s));
  bool closed = false;
  world.act(0, [&](NodeCore& core) {
    const auto outputs = core.revoke(world.now(), sim::sign_revocation(world, 1));
    REQUIRE(outputs.has_value());
    for (const Output& o : outputs.value()) {
      const auto* r = std::get_if<StreamRequest>(&o);
      closed = closed || (r != nullptr && r->action == StreamRequest::Action::close);
    }
    return outputs.value();
  });
  CHECK(closed);
  CHECK(CoreAccess::impl(world.core(0)).sessions.count_with(world.id(1)) == 0);
}

TEST_CASE("a Want for a revocation is answered, by its id or by how its digest begins") {
  World world(13);
  form_cluster(world, 2);
  const auto nobody = world.add(test::spec("nobody", {0}));
  const ByteVector record = sim::sign_revocation(world, nobody, "x");
  const Digest digest = revocation_digest(Bytes(record).first(record.size() - limits::kSignature));
  NodeId half{};
  std::copy_n(digest.begin(), half.size(), half.begin());
  offer(world, 0, RumorKind::revocation, record);
  CoreAccess::impl(world.core(0)).state.queue.erase_about(world.id(nobody));
  for (const NodeId& wanted : {half, world.id(nobody)}) {
    world.act(1, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(world.now());
      Message& question = impl.sender.blank(MessageKind::want);
      question.wants.push_back({RumorKind::revocation, wanted, 0});
      Sender::Options options;
      options.gossip = false;
      CHECK(impl.sender.send(*impl.state.table.find(world.id(0)), question, options));
      return impl.end();
    });
    const auto before = world.peek(1).stats().counters.rumors_known;
    world.run_for(100ms);
    CHECK(world.peek(1).verdicts().knows(digest));
    if (wanted == world.id(nobody)) CHECK(world.peek(1).stats().counters.rumors_known > before);
  }
}

TEST_CASE("a pardon is a credential of a higher serial, and nothing else") {
  World world(14);
  form_cluster(world, 5);
  REQUIRE_FALSE(sim::revoke(world, 3, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 3); }, 2s));
  world.crash(3);
  world.start(3);
  world.run_for(5s);
  CHECK(world.all_see(MemberState::evicted, 3));
  world.crash(3);
  sim::reissue(world, 3);
  world.start(3);
  CHECK(world.run_until([&] { return world.all_alive(); }, 10s));
  world.run_for(60s);
  CHECK(world.all_alive());
  // Not a pardon for good: the next revocation takes the new one, too.
  REQUIRE_FALSE(sim::revoke(world, 3, 1).has_value());
  CHECK(world.run_until([&] { return world.all_see(MemberState::evicted, 3); }, 2s));
}

TEST_CASE("a cluster whose keymaster is revoked still takes newcomers, also by way of newcomers") {
  World world(16);
  form_cluster(world, 4);
  REQUIRE_FALSE(sim::revoke(world, 0, 2).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 0); }, 2s));
  world.crash(0);
  const auto first = world.add(test::spec("first", {1}));
  world.start(first);
  REQUIRE(world.run_until([&] { return world.all_alive(); }, 10s));
  const auto second = world.add(test::spec("second", {first}));
  world.start(second);
  CHECK(world.run_until([&] { return world.peek(second).stats().joined && world.all_alive(); }, 10s));
}

TEST_CASE("a revocation is on disk at once where an operator gives it, and soon where it is heard of") {
  World world(17);
  form_cluster(world, 3);
  bool before_sending = false;
  world.act(0, [&](NodeCore& core) {
    const auto outputs = core.revoke(world.now(), sim::sign_revocation(world, 2));
    for (const Output& o : outputs.value()) {
      const auto* p = std::get_if<Persist>(&o);
      if (p != nullptr && p->what == Persist::What::verdicts) before_sending = p->before_sending;
    }
    return outputs.value();
  });
  CHECK(before_sending);
  world.run_for(2s);
  world.crash(0);
  world.crash(1);
  world.set_reachable([](World::Index, World::Index) { return false; });  // nobody to ask
  world.start(0);
  world.start(1);
  CHECK(world.peek(0).verdicts().revocations() == 1);
  CHECK(world.peek(1).verdicts().revocations() == 1);
}

TEST_CASE("of a burst of revocations all are told, and the file is written once a second") {
  World world(18);
  form_cluster(world, 4);
  constexpr std::size_t kMany = 300;
  std::vector<ByteVector> records;
  for (std::size_t i = 0; i < kMany; ++i) records.push_back(sim::sign_revocation(world, 3, {}, Serial{1'000 + i}));
  std::size_t writes = 0;
  world.crash(3);
  for (const ByteVector& record : records) {
    world.act(0, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(world.now());
      impl.intake.take({RumorKind::revocation, record, {}});
      const auto outputs = impl.end();
      for (const Output& o : outputs) writes += std::holds_alternative<Persist>(o) ? 1 : 0;
      return outputs;
    });
  }
  CHECK(writes <= 1);
  CHECK(world.run_until([&] { return all_hold(world, kMany, 3); }, 60s));
  world.run_for(2s);
  for (World::Index i = 0; i < 3; ++i) world.crash(i);
  for (World::Index i = 0; i < 3; ++i) world.start(i);
  CHECK(all_hold(world, kMany, 3));
  CHECK(world.peek(1).verdicts().revoked_through(world.id(3)) == Serial{1'000 + kMany - 1});
}

TEST_CASE("restarts of everybody at once forget no revocation") {
  World world(15);
  form_cluster(world, 6);
  REQUIRE_FALSE(sim::revoke(world, 5, 0).has_value());
  REQUIRE(world.run_until([&] { return world.all_see(MemberState::evicted, 5); }, 2s));
  world.run_for(15s);  // snapshots
  for (World::Index i = 0; i < 6; ++i) world.crash(i);
  world.clear_events();
  for (World::Index i = 0; i < 5; ++i) world.start(i);
  world.run_for(10s);
  CHECK(world.all_see(MemberState::evicted, 5));
  CHECK(world.all_alive());
  for (World::Index i = 0; i < 5; ++i) CHECK(world.peek(i).verdicts().revocations() == 1);
}
