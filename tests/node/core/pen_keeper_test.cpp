// What came before the thing that it depends on is taken when that has come, by whatever way it comes.
#include "bench/fixture.h"
#include "node/core/impl.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace quorumor;
using quorumor::bench::Fixture;
using quorumor::bench::Person;

namespace {

// A node that knows six persons, and strangers of the same authority, whom it does not know.
struct Lab {
  Fixture f{4};
  Fixture wider{20};  // makes the same persons, and then more
  static constexpr std::size_t kStranger = 6;

  const Person& person(std::size_t i) { return wider.person(i); }
  const NodeId& id(std::size_t i) { return person(i).credential.credential.id; }
  Rumor credential(std::size_t i) { return {RumorKind::credential, person(i).credential_record, {}}; }
  Rumor core(std::size_t i) { return {RumorKind::core, person(i).core_record, {}}; }
  Rumor body(std::size_t i) { return {RumorKind::body, person(i).body_record, {}}; }
  void tell(std::initializer_list<Rumor> rumors, std::size_t from = 1) {
    Message m = f.blank(MessageKind::want);
    for (const Rumor& rumor : rumors) m.rumors.push_back(rumor);
    f.node().on_datagram(f.now(), f.person(from).endpoint, f.frame(m, from));
  }
  const Member* member(std::size_t i) { return CoreAccess::impl(f.node()).state.table.find(id(i)); }
  bool has_core(std::size_t i) { return member(i) != nullptr && member(i)->core.has_value(); }
  std::size_t waiting() { return CoreAccess::impl(f.node()).state.pen.size(); }
  Counters counters() { return f.node().stats().counters; }
  ByteVector accusation(std::size_t accuser, std::size_t subject) {
    Accusation a;
    a.accuser = id(accuser);
    a.serial = Serial{1};
    a.generation = Generation{1};
    a.epochs = {Epoch{1}};
    a.subjects = {{id(subject), Generation{1}, Incarnation{1}}};
    const ByteVector content = encode_accusation(a);
    return join_record(content, person(accuser).identity.sign(SignDomain::accusation, f.cluster(), content));
  }
};
constexpr std::size_t kS = Lab::kStranger;

}  // namespace

TEST_CASE("a core that overtook its credential is taken: in one datagram, or in the next") {
  Lab lab;
  lab.tell({lab.core(kS), lab.credential(kS)});
  CHECK(lab.has_core(kS));
  lab.tell({lab.core(kS + 1)});
  CHECK(lab.member(kS + 1) == nullptr);
  CHECK(lab.waiting() == 1);
  lab.tell({lab.credential(kS + 1)}, 2);
  CHECK(lab.has_core(kS + 1));
  CHECK(lab.waiting() == 0);
  CHECK(lab.counters().rumors_lapsed == 0);
}

TEST_CASE("what waits for what waits comes out in one call, whatever the order was") {
  std::vector<int> order{0, 1, 2, 3};  // credential, core, body, accusation
  do {
    Lab lab;
    lab.tell({lab.core(2)});
    const ByteVector accusation = lab.accusation(kS, 2);
    const Rumor all[] = {lab.credential(kS), lab.core(kS), lab.body(kS), {RumorKind::accusation, accusation, {}}};
    for (const int i : order) lab.tell({all[i]});
    CAPTURE(order[0] * 1000 + order[1] * 100 + order[2] * 10 + order[3]);
    CHECK(lab.has_core(kS));
    CHECK(lab.member(kS)->body.has_value());
    CHECK(lab.member(2)->state == MemberState::suspect);
    CHECK(lab.waiting() == 0);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("what comes to nothing does not hold up what else may be taken") {
  Lab lab;
  ByteVector forged = lab.person(kS).core_record;
  forged.back() ^= std::byte{1};
  lab.tell({{RumorKind::core, forged, {}}, lab.core(kS + 1), lab.core(kS + 2)});
  CHECK(lab.waiting() == 3);
  lab.tell({lab.credential(kS), lab.credential(kS + 1), lab.credential(kS + 2)});
  CHECK_FALSE(lab.has_core(kS));
  CHECK(lab.has_core(kS + 1));
  CHECK(lab.has_core(kS + 2));
  CHECK(lab.waiting() == 0);
}

TEST_CASE("it does not matter how the credential came") {
  Lab lab;
  lab.tell({lab.core(kS)});
  auto& impl = CoreAccess::impl(lab.f.node());
  impl.begin(lab.f.now());
  impl.intake.take(lab.credential(kS));  // as a stream's session does
  CHECK_FALSE(lab.has_core(kS));
  impl.end();
  CHECK(lab.has_core(kS));
}

TEST_CASE("orphans of a relayed message wait as well, on the account of who sealed it") {
  Lab lab;
  Message inner = lab.f.blank(MessageKind::ping);
  inner.rumors.push_back(lab.core(kS));
  const ByteVector sealed = lab.f.frame(inner, 3);
  Message outer = lab.f.blank(MessageKind::relayed);
  outer.peer = lab.id(3);
  outer.sealed = sealed;
  lab.f.node().on_datagram(lab.f.now(), lab.f.peer().endpoint, lab.f.frame(outer));
  CHECK(lab.waiting() == 1);
  for (std::size_t i = 0; i < Pen::kHeldOfSender; ++i) lab.tell({lab.core(kS + 1 + i)}, 1);  // the carrier's own share
  CHECK(lab.waiting() == 1 + Pen::kHeldOfSender);
  lab.tell({lab.credential(kS)}, 2);
  CHECK(lab.has_core(kS));
}

TEST_CASE("what nobody completes lapses after five seconds, is counted, and wakes the node for that") {
  Lab lab;
  lab.f.advance(123'456'789ns);  // when nothing else is due
  lab.tell({lab.core(kS)});
  const Instant lapses = lab.f.now() + Pen::kPatience;
  for (int calls = 0; calls < 1000 && lab.f.now() < lapses; ++calls) {
    const auto due = lab.f.node().next_deadline();
    REQUIRE(due.has_value());
    lab.f.advance(std::max(*due, lab.f.now()) - lab.f.now());
    CHECK(lab.waiting() == 1);
    lab.f.node().on_timer(lab.f.now());
  }
  CHECK(lab.f.now() == lapses);
  CHECK(lab.waiting() == 0);
  CHECK(lab.counters().rumors_lapsed == 1);
  lab.tell({lab.credential(kS)});
  CHECK_FALSE(lab.has_core(kS));
}

TEST_CASE("what waits for a newer credential is not taken again for other news") {
  Lab lab;
  Core newer = decode_core(Bytes(lab.person(2).core_record).first(limits::kCoreContent)).value();
  newer.at.serial = Serial{2};
  const auto content = encode_core(newer);
  const ByteVector bytes = join_record(content, lab.person(2).identity.sign(SignDomain::core, lab.f.cluster(), content));
  lab.tell({{RumorKind::core, bytes, {}}});
  CHECK(lab.waiting() == 1);
  for (std::size_t i = kS; i < kS + 10; ++i) lab.tell({lab.credential(i), lab.core(i)});
  CHECK(lab.waiting() == 1);
  CHECK(lab.counters().rumors_orphaned == 1);
}

TEST_CASE("a flood of orphans costs its sender's share, and is counted") {
  Lab lab;
  lab.tell({lab.core(kS)}, 2);
  for (std::size_t i = kS + 1; i < kS + 13; ++i) lab.tell({lab.core(i)}, 1);
  CHECK(lab.waiting() == 1 + Pen::kHeldOfSender);
  CHECK(lab.counters().rumors_lapsed == 12 - Pen::kHeldOfSender);
  CHECK(CoreAccess::impl(lab.f.node()).state.pen.watched() == lab.waiting());
  lab.tell({lab.credential(kS)}, 1);
  CHECK(lab.has_core(kS));
}
