// Evidence is a join-semilattice: tried over everything that small alphabets of facts reach.
#include "membership/evidence.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace quorumor {
namespace {

NodeId id_of(unsigned n) {
  NodeId id{};
  id[0] = static_cast<std::byte>(n);
  return id;
}

Coordinate at(std::uint64_t serial, std::uint64_t generation, std::uint64_t incarnation) {
  return {Serial{serial}, Generation{generation}, Incarnation{incarnation}};
}

CoreFact core(const Coordinate& where, unsigned digest, bool leaving = false) {
  CoreFact out;
  out.at = where;
  out.digest[0] = static_cast<std::byte>(digest);
  out.leaving = leaving;
  return out;
}

Witness witness(unsigned accuser, std::uint64_t generation, std::initializer_list<std::uint64_t> epochs) {
  Witness out;
  out.accuser = id_of(accuser);
  out.generation = Generation{generation};
  for (const std::uint64_t e : epochs) out.epochs.push_back(Epoch{e});
  return out;
}

using Fact = std::function<void(Evidence&)>;

Evidence joined(Evidence a, const Evidence& b) {
  a.merge(b);
  return a;
}

// Everything that sequences of these facts, each any number of times, lead to.
std::vector<Evidence> reachable(const std::vector<Fact>& facts) {
  std::vector<Evidence> out(1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const Fact& fact : facts) {
      Evidence next = out[i];
      fact(next);
      if (std::find(out.begin(), out.end(), next) == out.end()) out.push_back(next);
    }
  }
  return out;
}

// Counts violations instead of asserting each: there are millions of triples.
void check_semilattice(const std::vector<Evidence>& all) {
  std::size_t not_idempotent = 0, not_commutative = 0, not_associative = 0, wrong_news = 0, not_absorbing = 0;
  std::vector<std::vector<Evidence>> join(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const Evidence& b : all) join[i].push_back(joined(all[i], b));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    not_idempotent += join[i][i] == all[i] ? 0 : 1;
    for (std::size_t j = 0; j < all.size(); ++j) {
      not_commutative += join[i][j] == join[j][i] ? 0 : 1;
      not_absorbing += joined(join[i][j], all[j]) == join[i][j] ? 0 : 1;
      Evidence a = all[i];
      const bool news = a.merge(all[j]);
      wrong_news += news == !(a == all[i]) ? 0 : 1;
      for (std::size_t k = 0; k < all.size(); ++k) {
        not_associative += joined(join[i][j], all[k]) == joined(all[i], join[j][k]) ? 0 : 1;
      }
    }
  }
  CHECK(not_idempotent == 0);
  CHECK(not_commutative == 0);
  CHECK(not_associative == 0);
  CHECK(not_absorbing == 0);
  CHECK(wrong_news == 0);
}

Fact learn(const CoreFact& fact) {
  return [fact](Evidence& e) { e.learn_core(fact); };
}
Fact learn(const Coordinate& where, const Witness& w) {
  return [where, w](Evidence& e) { e.learn_witness(where, w); };
}
Fact evict(std::uint64_t through) {
  return [through](Evidence& e) { e.learn_eviction(Serial{through}); };
}
Fact force(std::uint64_t through) {
  return [through](Evidence& e) { e.learn_force_leave(Generation{through}); };
}

TEST_CASE("evidence: a semilattice over coordinates that differ in serial, generation and incarnation") {
  std::vector<Fact> facts;
  // One generation and incarnation under two serials; a lesser generation under a greater serial.
  for (const auto& where : {at(1, 5, 3), at(1, 5, 4), at(2, 4, 9), at(2, 5, 3)}) {
    facts.push_back(learn(core(where, 1)));
    for (const unsigned accuser : {1U, 2U, 3U}) facts.push_back(learn(where, witness(accuser, 1, {1})));
  }
  const auto all = reachable(facts);
  CHECK(all.size() == 1 + 4 * 8);
  check_semilattice(all);
}

TEST_CASE("evidence: a semilattice over conflicting digests, evictions and force-leaves") {
  std::vector<Fact> facts = {evict(1), evict(2), force(4)};
  for (const auto& where : {at(1, 1, 1), at(1, 1, 2)}) {
    facts.push_back(learn(core(where, 1)));
    facts.push_back(learn(core(where, 2, true)));
    facts.push_back(learn(core(where, 3)));
    facts.push_back(learn(where, witness(1, 1, {1})));
    facts.push_back(learn(where, witness(2, 1, {1})));
  }
  const auto all = reachable(facts);
  CHECK(all.size() == 6 * (1 + 2 * 3 * 4));
  check_semilattice(all);
}

TEST_CASE("evidence: a semilattice over the records of one accuser, of other generations and epochs") {
  std::vector<Fact> facts;
  for (const auto& where : {at(1, 1, 1), at(1, 2, 0)}) {
    facts.push_back(learn(core(where, 1)));
    facts.push_back(learn(where, witness(1, 1, {1})));
    facts.push_back(learn(where, witness(1, 1, {2})));
    facts.push_back(learn(where, witness(1, 1, {1, 2})));
    facts.push_back(learn(where, witness(1, 1, {3})));
    facts.push_back(learn(where, witness(1, 2, {1})));
    facts.push_back(learn(where, witness(2, 1, {1, 3})));
    facts.push_back(learn(where, witness(2, 1, {2, 3})));
  }
  const auto all = reachable(facts);
  CHECK(all.size() == 1 + 2 * 6 * 3);
  check_semilattice(all);
}

TEST_CASE("evidence: one accuser is one record, the greatest") {
  Evidence e;
  e.learn_core(core(at(1, 1, 1), 1));
  // In the order in which an honest accuser may sign them.
  const Witness rising[] = {witness(1, 1, {1}), witness(1, 1, {2}), witness(1, 1, {1, 2}), witness(1, 1, {3}),
                            witness(1, 1, {2, 3}), witness(1, 1, {1, 2, 3}), witness(1, 2, {1})};
  for (const Witness& w : rising) {
    CHECK(e.learn_witness(at(1, 1, 1), w));
    CHECK_FALSE(e.learn_witness(at(1, 1, 1), w));
    CHECK(e.accusers() == 1);
    CHECK(e.witnesses()[0] == w);
  }
  for (const Witness& w : rising) {
    if (w == rising[6]) continue;
    CHECK_FALSE(e.learn_witness(at(1, 1, 1), w));
  }
  for (std::uint64_t generation = 3; generation < 1000; ++generation) {
    e.learn_witness(at(1, 1, 1), witness(1, generation, {1}));
  }
  CHECK(e.witnesses().size() == 1);
}

TEST_CASE("evidence: accusations belong to one coordinate, whichever of its cores is held") {
  Evidence e;
  CHECK_FALSE(e.learn_witness(at(1, 1, 1), witness(1, 1, {1})));  // of whom nothing is known
  CHECK(e.learn_core(core(at(1, 1, 1), 5)));
  CHECK_FALSE(e.learn_core(core(at(1, 1, 1), 5)));
  CHECK_FALSE(e.learn_witness(at(1, 1, 0), witness(1, 1, {1})));
  CHECK_FALSE(e.learn_witness(at(1, 1, 2), witness(1, 1, {1})));
  CHECK_FALSE(e.learn_witness(at(2, 1, 1), witness(1, 1, {1})));
  CHECK(e.learn_witness(at(1, 1, 1), witness(2, 1, {1})));
  CHECK(e.learn_witness(at(1, 1, 1), witness(1, 1, {1})));
  CHECK(std::is_sorted(e.witnesses().begin(), e.witnesses().end()));
  CHECK_FALSE(e.learn_core(core(at(1, 1, 1), 6)));  // the greater digest of a conflict
  CHECK(e.learn_core(core(at(1, 1, 1), 4)));
  CHECK(e.accusers() == 2);
  CHECK_FALSE(e.learn_core(core(at(1, 1, 0), 1)));
  CHECK(e.accusers() == 2);
  CHECK(e.learn_core(core(at(1, 1, 2), 9)));
  CHECK(e.accusers() == 0);
}

TEST_CASE("evidence: what lapses is dropped; the record and the hearing of it are the reader's own") {
  Evidence e;
  e.learn_core(core(at(1, 1, 1), 1));
  Witness w = witness(1, 1, {1});
  e.learn_witness(at(1, 1, 1), w);
  e.learn_witness(at(1, 1, 1), witness(2, 1, {2}));
  Evidence same = e;
  w.heard_at = Instant{5s};
  w.record = std::make_shared<const ByteVector>(3);
  CHECK_FALSE(same.learn_witness(at(1, 1, 1), w));
  CHECK(same == e);
  e.drop_witnesses([](const Witness& held) { return held.epochs[0] == Epoch{1}; });
  REQUIRE(e.accusers() == 1);
  CHECK(e.witnesses()[0].accuser == id_of(2));
  CHECK_FALSE(same == e);
}

TEST_CASE("evidence: keeping the least accusers after each merge is a join too") {
  std::vector<Evidence> all;
  for (unsigned set = 0; set < 64; ++set) {
    Evidence e;
    e.learn_core(core(at(1, 1, 1), 1));
    for (unsigned i = 0; i < 6; ++i) {
      if (set & 1U << i) e.learn_witness(at(1, 1, 1), witness(i, 1 + set % 3, {1}));
    }
    e.keep_least(3);
    CHECK(e.accusers() <= 3);
    all.push_back(e);
  }
  const auto join = [](Evidence a, const Evidence& b) {
    a.merge(b);
    a.keep_least(3);
    return a;
  };
  std::size_t wrong = 0;
  for (const auto& a : all) {
    for (const auto& b : all) {
      wrong += join(a, b) == join(b, a) ? 0 : 1;
      for (const auto& c : all) wrong += join(join(a, b), c) == join(a, join(b, c)) ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace quorumor
