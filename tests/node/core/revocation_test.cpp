// A revoked node is out, everywhere, for good: at once, across partitions and restarts, whatever it still holds and
// whatever it says; and nobody but the authority can make it so.
#include "node/core/impl.h"
#include "revocation_lab.h"
#include "sim/authority.h"

using namespace quorumor;
using quorumor::sim::World;
using namespace quorumor::test;

namespace {

// A process that was tampered with: it goes on although it knows that it is revoked.
void defy(World& world, World::Index node) { CoreAccess::impl(world.core(node)).state.silent = false; }

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
