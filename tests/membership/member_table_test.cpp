#include "membership/member_table.h"

#include "seeded.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace quorumor {
namespace {

NodeId id_of(std::uint64_t prefix, std::uint64_t rest = 0) {
  NodeId id{};
  store_le(id.data(), prefix);
  store_le(id.data() + 8, rest);
  return id;
}

SignedCredential credential_of(const NodeId& id, std::string name = "n") {
  SignedCredential out;
  out.credential.id = id;
  out.credential.name = std::move(name);
  return out;
}

// As much of a credential's record as the table reads: the name behind its length.
ByteVector record_of(const std::string& name = "n") {
  ByteVector out{static_cast<std::byte>(name.size())};
  for (const char c : name) out.push_back(static_cast<std::byte>(c));
  return out;
}

HeldCore core_of(const NodeId& id, std::uint64_t generation, std::uint64_t incarnation = 0, Digest body = {}) {
  Core core;
  core.id = id;
  core.at = {Serial{1}, Generation{generation}, Incarnation{incarnation}};
  core.body_digest = body;
  ByteVector record = to_vector(encode_core(core));
  record.resize(record.size() + limits::kSignature);
  return HeldCore(record);
}

Drbg rng_of(std::uint64_t seed) { return test::seeded(seed, "member table test"); }

// The sum as the header defines it, from scratch.
MemberTable::Sum naive_sum(const MemberTable& table) {
  MemberTable::Sum out;
  for (const auto& member : table.all()) {
    if (!member->core) continue;
    ByteVector flag{std::byte{member->terminal ? std::uint8_t{1} : std::uint8_t{0}}};
    const Digest leaf = hash("quorumor member leaf", {member->id(), member->core->digest(), flag});
    for (std::size_t i = 0; i < 4; ++i) out.lanes[i] += load_le<std::uint64_t>(leaf.data() + 8 * i);
  }
  return out;
}

TEST_CASE("member table: finds what was inserted, by id and by name, in order of insertion") {
  MemberTable table;
  std::vector<Member*> inserted;
  for (std::uint64_t i = 0; i < 100; ++i) {
    Member* member = table.insert(credential_of(id_of(i * 7919 % 100, i), "node-" + std::to_string(i)),
                                  record_of("node-" + std::to_string(i)));
    REQUIRE(member != nullptr);
    CHECK(member->credential->record == record_of("node-" + std::to_string(i)));
    CHECK(member->credential->credential.name == "node-" + std::to_string(i));
    CHECK(member->state == MemberState::unknown);
    inserted.push_back(member);
  }
  CHECK(table.size() == 100);
  for (std::uint64_t i = 0; i < 100; ++i) {
    CHECK(table.find(id_of(i * 7919 % 100, i)) == inserted[i]);
    CHECK(table.find_name("node-" + std::to_string(i)) == inserted[i]);
    CHECK(table.all()[i] == inserted[i]);
  }
  CHECK(table.find(id_of(100)) == nullptr);
  CHECK(table.find_name("node-100") == nullptr);
  CHECK(std::as_const(table).find(id_of(0, 1)) == nullptr);  // a held prefix, another id
}

TEST_CASE("member table: a full table refuses, and takes again after an erasure") {
  MemberTable table{2};
  CHECK(table.insert(credential_of(id_of(1)), record_of()) != nullptr);
  CHECK_FALSE(table.full());
  CHECK(table.insert(credential_of(id_of(2)), record_of()) != nullptr);
  CHECK(table.full());
  CHECK(table.insert(credential_of(id_of(3)), record_of()) == nullptr);
  CHECK(table.size() == 2);
  CHECK(table.find(id_of(3)) == nullptr);
  table.erase(id_of(1));
  CHECK(table.insert(credential_of(id_of(3)), record_of()) != nullptr);
}

TEST_CASE("member table: two ids of one prefix cannot both be members") {
  MemberTable table;
  CHECK(table.insert(credential_of(id_of(1, 1)), record_of()) != nullptr);
  CHECK(table.insert(credential_of(id_of(1, 2)), record_of()) == nullptr);
  table.erase(id_of(1, 2));  // not held: nothing happens to the holder of the prefix
  CHECK(table.find(id_of(1, 1)) != nullptr);
  table.erase(id_of(1, 1));
  CHECK(table.insert(credential_of(id_of(1, 2)), record_of()) != nullptr);
  CHECK(table.find(id_of(1, 1)) == nullptr);
}

TEST_CASE("member table: erasing keeps the order and the addresses of the rest") {
  Drbg rng = rng_of(1);
  MemberTable table;
  std::vector<std::pair<NodeId, Member*>> model;
  std::uint64_t next = 0;
  for (int step = 0; step < 2000; ++step) {
    if (model.empty() || rng.below(5) < 3) {
      const NodeId id = id_of(next++);
      model.emplace_back(id, table.insert(credential_of(id), record_of()));
    } else {
      const auto at = model.begin() + static_cast<std::ptrdiff_t>(rng.below(model.size()));
      // By the member's own id, as a caller that walks the table would.
      table.erase(at->second->id());
      model.erase(at);
    }
    REQUIRE(table.size() == model.size());
  }
  for (std::size_t i = 0; i < model.size(); ++i) {
    CHECK(table.all()[i] == model[i].second);
    CHECK(table.find(model[i].first) == model[i].second);
  }
}

TEST_CASE("member table: a new core drops the accusations of the old one; an older core changes nothing") {
  const NodeId id = id_of(1);
  MemberTable members;
  Member& member = *members.insert(credential_of(id), record_of());
  Witness witness;
  witness.accuser = id_of(9);
  REQUIRE(members.set_core(member, core_of(id, 5, 6)));
  REQUIRE(members.learn_witness(member, witness));
  const auto sum = members.sum();
  CHECK_FALSE(members.set_core(member, core_of(id, 5, 5)));
  CHECK_FALSE(members.set_core(member, core_of(id, 4, 9)));
  CHECK_FALSE(members.set_core(member, core_of(id, 5, 6)));
  CHECK(member.evidence().witnesses().size() == 1);
  CHECK(member.core->core.at.incarnation == Incarnation{6});
  CHECK(members.sum() == sum);
  CHECK(members.set_core(member, core_of(id, 5, 7)));
  CHECK(member.evidence().witnesses().empty());
  CHECK(member.core->core.at.incarnation == Incarnation{7});
  CHECK(members.sum() != sum);
}

TEST_CASE("member table: a new core keeps a body that it names and drops any other") {
  const NodeId id = id_of(1);
  const ByteVector body = to_vector(as_bytes("a body, byte for byte"));
  for (const bool named : {true, false}) {
    CAPTURE(named);
    MemberTable members;
    Member& member = *members.insert(credential_of(id), record_of());
    member.body = HeldBody(body, {});
    members.set_core(member, core_of(id, 1, 1, named ? body_digest(body) : core_digest(body)));
    CHECK(member.body.has_value() == named);
  }
}

TEST_CASE("member table: the sum is that of the definition after every operation") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Drbg rng = rng_of(seed);
    MemberTable table{10};
    for (int step = 0; step < 200; ++step) {
      const NodeId id = id_of(rng.below(12));
      Member* member = table.find(id);
      switch (rng.below(4)) {
        case 0:
          if (member == nullptr) table.insert(credential_of(id), record_of());
          break;
        case 1:
          if (rng.below(3) == 0) table.erase(id);
          break;
        case 2:
          if (member != nullptr) table.set_core(*member, core_of(id, rng.below(3), rng.below(3)));
          break;
        default:
          if (member != nullptr) table.set_terminal(*member, rng.below(2) == 1);
      }
      REQUIRE(table.sum() == naive_sum(table));
    }
  }
  CHECK(MemberTable{}.sum() == MemberTable::Sum{});
}

TEST_CASE("member table: what is unsettled is listed, in order, whatever happens; settled ones go") {
  const ByteVector body = to_vector(as_bytes("a body"));
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Drbg rng = rng_of(seed);
    MemberTable table{20};
    for (int step = 0; step < 300; ++step) {
      const NodeId id = id_of(rng.below(25));
      Member* member = table.find(id);
      switch (rng.below(8)) {
        case 0:
        case 1:
          if (member == nullptr && !table.full()) member = table.insert(credential_of(id), record_of());
          break;
        case 2:
          if (rng.below(4) == 0) table.erase(id);
          break;
        case 3:
          if (member != nullptr) table.set_core(*member, core_of(id, rng.below(3), rng.below(9), body_digest(body)));
          break;
        case 4:
          if (member != nullptr) member->body = HeldBody(body, {});
          break;
        case 5: {
          Witness witness;
          witness.accuser = id_of(30 + rng.below(3));
          if (member != nullptr && member->core) table.learn_witness(*member, witness);
          break;
        }
        case 6:
          if (member != nullptr) table.set_state(*member, static_cast<MemberState>(rng.below(7)), Instant{});
          break;
        default:
          if (member != nullptr && rng.below(2) == 0) member->own_evidence().drop_witnesses([](auto&) { return true; });
      }
      std::vector<Member*> unsettled;
      for (Member* const m : table.all()) {
        CHECK(&table.at(m->slot) == m);
        if (MemberTable::is_unsettled(*m)) unsettled.push_back(m);
      }
      const auto& listed = table.unsettled();
      const auto before = [](const Member* a, const Member* b) { return a->number < b->number; };
      REQUIRE(std::is_sorted(listed.begin(), listed.end(), before));
      REQUIRE(std::includes(listed.begin(), listed.end(), unsettled.begin(), unsettled.end(), before));
      if (rng.below(3) != 0) continue;
      table.settle();
      REQUIRE(table.unsettled() == unsettled);
    }
  }
}

TEST_CASE("member table: equal knowledge, equal digest, in whatever order it was learned") {
  constexpr std::uint64_t kMembers = 20;
  const auto learn = [](std::uint64_t seed) {
    Drbg rng = rng_of(seed);
    auto table = std::make_unique<MemberTable>();
    std::map<NodeId, std::uint64_t> learned;  // the newest generation, of 3
    while (std::any_of(learned.begin(), learned.end(), [](const auto& l) { return l.second < 3; }) ||
           learned.size() < kMembers) {
      const NodeId id = id_of(rng.below(kMembers));
      Member* member = table->find(id);
      if (member == nullptr) member = table->insert(credential_of(id), record_of());
      std::uint64_t& newest = learned[id];
      newest = std::min<std::uint64_t>(3, newest + 1 + rng.below(2));
      table->set_core(*member, core_of(id, newest));
      table->set_terminal(*member, rng.below(2) == 1);
      // Timers differ between readers, and must not show.
      member->state = static_cast<MemberState>(rng.below(7));
      if (rng.below(10) == 0) {
        table->erase(id);
        learned.erase(id);
      }
    }
    for (std::uint64_t i = 0; i < kMembers; ++i) table->set_terminal(*table->find(id_of(i)), i % 5 == 0);
    return table;
  };
  const auto reference = learn(0);
  CHECK(reference->sum() != MemberTable::Sum{});
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const auto table = learn(seed);
    CHECK(table->sum() == reference->sum());
    CHECK(table->pair_digest(id_of(1), id_of(2)) == reference->pair_digest(id_of(1), id_of(2)));
  }
}

TEST_CASE("member table: any difference in knowledge shows in the digest") {
  const auto digest_of = [](bool second, std::uint64_t generation, bool terminal, bool swapped) {
    MemberTable table;
    Member& one = *table.insert(credential_of(id_of(1)), record_of());
    table.set_core(one, core_of(id_of(1), swapped ? 8 : generation));
    table.set_terminal(one, terminal);
    if (second) {
      Member& two = *table.insert(credential_of(id_of(2)), record_of());
      table.set_core(two, core_of(id_of(2), swapped ? generation : 8));
    }
    return table.pair_digest(id_of(1), id_of(2));
  };
  const std::set<std::uint64_t> digests{digest_of(false, 1, false, false), digest_of(false, 2, false, false),
                                        digest_of(false, 1, true, false),  digest_of(true, 1, false, false),
                                        digest_of(true, 1, false, true),   digest_of(true, 1, true, false)};
  CHECK(digests.size() == 6);
}

TEST_CASE("member table: a pair compares the same number, and every pair another") {
  MemberTable table;
  table.set_core(*table.insert(credential_of(id_of(1)), record_of()), core_of(id_of(1), 1));
  std::set<std::uint64_t> seen;
  for (std::uint64_t a = 0; a < 20; ++a) {
    for (std::uint64_t b = 0; b < a; ++b) {
      CHECK(table.pair_digest(id_of(a), id_of(b)) == table.pair_digest(id_of(b), id_of(a)));
      seen.insert(table.pair_digest(id_of(a), id_of(b)));
    }
  }
  CHECK(seen.size() == 190);
}

}  // namespace
}  // namespace quorumor
