// What a node believes, rumor by rumor: only what its owner, or an entitled accuser, has signed, about exactly the claim
// that is held. An authenticated peer that lies is the attacker here.
#include "bench/fixture.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <map>

using namespace quorumor;
using quorumor::bench::Fixture;
using quorumor::bench::Person;

namespace {

struct Lab {
  Fixture f{4};

  const NodeId& id(std::size_t i) const { return f.person(i).credential.credential.id; }
  // One rumor in a frame of the peer; the outputs are thrown away.
  void tell(RumorKind kind, const ByteVector& bytes) {
    Message m = f.blank(MessageKind::want);
    m.rumors.push_back({kind, bytes, {}});
    f.node().on_datagram(f.now(), f.peer().endpoint, f.frame(m));
  }
  void make_alive(std::size_t i) { tell(RumorKind::core, f.person(i).core_record); }
  MemberView member(const NodeId& id) {
    MemberView out;
    f.node().for_each_member([&](const MemberView& m) {
      if (m.id == id) out = m;
    });
    return out;
  }
  MemberState state(std::size_t i) { return member(id(i)).state; }
  Counters counters() { return f.node().stats().counters; }

  Core core_of(const Person& p, std::uint64_t incarnation) {
    Core core = decode_core(Bytes(p.core_record).first(limits::kCoreContent)).value();
    core.at.incarnation = Incarnation{incarnation};
    return core;
  }
  ByteVector signed_core(const Core& core, const Person& by) {
    const auto content = encode_core(core);
    return join_record(content, by.identity.sign(SignDomain::core, f.cluster(), content));
  }
  ByteVector accusation(const Person& by, const NodeId& accuser, const NodeId& subject, Generation generation,
                        Incarnation incarnation) {
    Accusation a;
    a.accuser = accuser;
    a.serial = Serial{1};
    a.generation = Generation{1};
    a.epochs = {Epoch{1}};
    a.subjects = {{subject, generation, incarnation}};
    const ByteVector content = encode_accusation(a);
    return join_record(content, by.identity.sign(SignDomain::accusation, f.cluster(), content));
  }
  ByteVector accuse(std::size_t accuser, std::size_t subject, std::uint64_t incarnation = 1) {
    return accusation(f.person(accuser), id(accuser), id(subject), Generation{1}, Incarnation{incarnation});
  }
};

}  // namespace

TEST_CASE("a newer core is believed if its owner signed it, and not otherwise") {
  Lab lab;
  lab.make_alive(2);
  const Core newer = lab.core_of(lab.f.person(2), 5);
  lab.tell(RumorKind::core, lab.signed_core(newer, lab.f.person(3)));  // somebody else's signature
  CHECK(lab.member(lab.id(2)).at.incarnation == Incarnation{1});
  CHECK(lab.counters().rumors_bad_signature == 1);
  lab.tell(RumorKind::core, lab.signed_core(newer, lab.f.person(2)));
  CHECK(lab.member(lab.id(2)).at.incarnation == Incarnation{5});
  lab.tell(RumorKind::core, lab.signed_core(lab.core_of(lab.f.person(2), 4), lab.f.person(2)));  // older again
  CHECK(lab.member(lab.id(2)).at.incarnation == Incarnation{5});
}

TEST_CASE("nobody else can say that a member leaves") {
  Lab lab;
  lab.make_alive(2);
  Core leaving = lab.core_of(lab.f.person(2), 2);
  leaving.leaving = true;
  lab.tell(RumorKind::core, lab.signed_core(leaving, lab.f.person(3)));
  CHECK(lab.state(2) == MemberState::alive);
  lab.tell(RumorKind::core, lab.signed_core(leaving, lab.f.person(2)));
  CHECK(lab.state(2) == MemberState::left);
}

TEST_CASE("what is known costs no signature check") {
  Lab lab;
  lab.make_alive(2);
  const auto checks = lab.counters().signature_checks;
  for (int i = 0; i < 10; ++i) lab.make_alive(2);
  lab.tell(RumorKind::credential, lab.f.person(2).credential_record);
  CHECK(lab.counters().signature_checks == checks);
}

TEST_CASE("an accusation counts if its accuser signed it") {
  Lab lab;
  lab.make_alive(2);
  lab.make_alive(3);
  lab.tell(RumorKind::accusation, lab.accusation(lab.f.person(4), lab.id(3), lab.id(2), Generation{1}, Incarnation{1}));
  CHECK(lab.state(2) == MemberState::alive);
  CHECK(lab.counters().rumors_bad_signature == 1);
  lab.tell(RumorKind::accusation, lab.accuse(3, 2));
  CHECK(lab.state(2) == MemberState::suspect);
}

TEST_CASE("an accusation of another incarnation or generation than the one that is held counts for nothing") {
  Lab lab;
  lab.make_alive(2);
  lab.make_alive(3);
  lab.tell(RumorKind::accusation, lab.accuse(3, 2, 0));
  lab.tell(RumorKind::accusation, lab.accuse(3, 2, 2));
  lab.tell(RumorKind::accusation, lab.accusation(lab.f.person(3), lab.id(3), lab.id(2), Generation{2}, Incarnation{1}));
  CHECK(lab.state(2) == MemberState::alive);
  lab.tell(RumorKind::accusation, lab.accuse(3, 2, 1));
  CHECK(lab.state(2) == MemberState::suspect);
}

TEST_CASE("a suspect's newer core clears it, and its old accusations with it") {
  Lab lab;
  lab.make_alive(2);
  lab.make_alive(3);
  lab.tell(RumorKind::accusation, lab.accuse(3, 2));
  REQUIRE(lab.state(2) == MemberState::suspect);
  lab.tell(RumorKind::core, lab.signed_core(lab.core_of(lab.f.person(2), 2), lab.f.person(2)));
  CHECK(lab.state(2) == MemberState::alive);
  lab.tell(RumorKind::accusation, lab.accuse(3, 2));  // replayed: of the incarnation that was refuted
  CHECK(lab.state(2) == MemberState::alive);
}

TEST_CASE("an accused node refutes at once, under the next incarnation, at most once a second") {
  Lab lab;
  lab.make_alive(3);
  lab.make_alive(4);
  const Generation own{1 << 20};
  const auto accuse_node = [&](std::size_t by, std::uint64_t incarnation, bool genuine = true) {
    lab.tell(RumorKind::accusation, lab.accusation(lab.f.person(genuine ? by : 2), lab.id(by), lab.f.node().id(), own,
                                                   Incarnation{incarnation}));
    return lab.f.node().stats().incarnation.value;
  };
  CHECK(accuse_node(3, 1, false) == 1);
  CHECK(accuse_node(3, 7) == 1);  // not the current one
  CHECK(accuse_node(3, 1) == 2);
  CHECK(accuse_node(4, 2) == 2);  // within the second
  lab.f.advance(1100ms);
  lab.f.node().on_timer(lab.f.now());  // it was owed
  CHECK(lab.f.node().stats().incarnation.value == 3);
  CHECK(lab.counters().refutations == 2);
}

TEST_CASE("a credential that our authority did not sign brings nobody in") {
  Lab lab;
  std::size_t before = 0, after = 0;
  lab.f.node().for_each_member([&](const MemberView&) { ++before; });
  Credential c = lab.f.person(2).credential.credential;
  c.id[3] ^= std::byte{1};
  const SignedCredential own_made = issue_credential(lab.f.person(3).identity, lab.f.cluster(), c);
  lab.tell(RumorKind::credential, join_record(own_made.content, own_made.signature));
  lab.f.node().for_each_member([&](const MemberView&) { ++after; });
  CHECK(after == before);
  CHECK(lab.counters().rumors_bad_signature == 1);
}

TEST_CASE("a body is believed if the core that is held has its digest") {
  Lab lab;
  lab.make_alive(2);
  Body other;
  other.id = lab.id(2);
  other.endpoints = {Endpoint::v4(192, 0, 2, 66, 1)};
  lab.tell(RumorKind::body, encode_body(other));
  REQUIRE(lab.member(lab.id(2)).endpoints != nullptr);
  CHECK(lab.member(lab.id(2)).endpoints->front() == lab.f.person(2).endpoint);
  Core moved = lab.core_of(lab.f.person(2), 2);
  moved.body_digest = body_digest(encode_body(other));
  lab.tell(RumorKind::core, lab.signed_core(moved, lab.f.person(2)));
  CHECK(lab.member(lab.id(2)).endpoints == nullptr);  // the old body is no longer what its owner says
  lab.tell(RumorKind::body, encode_body(other));
  REQUIRE(lab.member(lab.id(2)).endpoints != nullptr);
  CHECK(lab.member(lab.id(2)).endpoints->front() == other.endpoints.front());
}

TEST_CASE("two signed stories at one coordinate are counted, and every node keeps the same one of them") {
  for (const bool swapped : {false, true}) {
    Lab lab;
    Core one = lab.core_of(lab.f.person(2), 2), two = one;
    two.next_event = Sequence{9};
    lab.tell(RumorKind::core, lab.signed_core(swapped ? two : one, lab.f.person(2)));
    lab.tell(RumorKind::core, lab.signed_core(swapped ? one : two, lab.f.person(2)));
    CHECK(lab.counters().conflicts == 1);
    const Digest lesser = std::min(core_digest(encode_core(one)), core_digest(encode_core(two)));
    for (const SnapshotRecord& r : lab.f.node().snapshot().members) {
      const Core held = decode_core(Bytes(r.core).first(limits::kCoreContent)).value();
      if (held.id == lab.id(2)) CHECK(core_digest(encode_core(held)) == lesser);
    }
  }
}

TEST_CASE("to an endpoint that nobody has proven goes little, seldom, and no gossip") {
  Lab lab;
  Fixture& f = lab.f;
  f.node().start(f.now());
  // The peer speaks from an address that it does not claim, so nothing that it claims is proven.
  const Endpoint elsewhere = Endpoint::v4(198, 51, 100, 7, 4000);
  Message news = f.blank(MessageKind::want);
  for (std::size_t i = 1; i < 5; ++i) news.rumors.push_back({RumorKind::core, f.person(i).core_record, {}});
  f.node().on_datagram(f.now(), elsewhere, f.frame(news));
  // A suspect: pings to it would like to carry the accusation, and must leave it out.
  Message accused = f.blank(MessageKind::want);
  const ByteVector accusation = lab.accuse(3, 2);
  accused.rumors.push_back({RumorKind::accusation, accusation, {}});
  f.node().on_datagram(f.now(), elsewhere, f.frame(accused));
  REQUIRE(lab.state(2) == MemberState::suspect);
  std::size_t sent = 0;
  std::map<Endpoint, std::vector<Instant>> introductions;
  const Instant end = f.now() + 60s;
  while (f.now() < end) {
    f.advance(10ms);
    for (const Output& o : f.node().on_timer(f.now())) {
      const auto* t = std::get_if<Transmit>(&o);
      if (t == nullptr) continue;
      ++sent;
      const bool introduces = t->datagram.front() == kLongType;
      CHECK(t->datagram.size() <= (introduces ? limits::kUnprovenIntroduction : limits::kUnprovenPing));
      if (introduces) introductions[t->to].push_back(f.now());
    }
  }
  CHECK(sent > 10);
  CHECK(introductions.size() >= 3);
  for (const auto& [to, times] : introductions) {
    for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] >= 10s);
  }
}
