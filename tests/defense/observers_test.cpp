#include "defense/observers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "view.h"

namespace quorumor {
namespace {

using test::member;

constexpr MemberState kMembers[] = {MemberState::alive, MemberState::suspect, MemberState::unreachable,
                                    MemberState::dead};
constexpr MemberState kOthers[] = {MemberState::unknown, MemberState::left, MemberState::evicted};

bool belongs(MemberState state) { return std::find(std::begin(kMembers), std::end(kMembers), state) != std::end(kMembers); }

// The naive model: sort everybody, for every question.
class Model {
 public:
  void set_state(const NodeId& id, MemberState state) { states_[id] = state; }
  std::vector<NodeId> ranked(const Digest& seed, const NodeId& subject) const {
    const auto key = Observers::key_of(seed, subject);
    std::vector<std::pair<std::uint64_t, NodeId>> all;
    for (const auto& [id, state] : states_) {
      if (belongs(state) && id != subject) all.push_back({siphash(key, id), id});
    }
    std::sort(all.begin(), all.end());
    std::vector<NodeId> out;
    for (const auto& entry : all) out.push_back(entry.second);
    return out;
  }
  std::size_t live() const {
    return static_cast<std::size_t>(std::count_if(states_.begin(), states_.end(), [](const auto& entry) {
      return entry.second == MemberState::alive || entry.second == MemberState::suspect;
    }));
  }
  std::size_t size() const {
    return static_cast<std::size_t>(
        std::count_if(states_.begin(), states_.end(), [](const auto& entry) { return belongs(entry.second); }));
  }

 private:
  std::map<NodeId, MemberState> states_;
};

std::vector<NodeId> ids(const Population& population, std::span<const Observers::Ranked> ranked) {
  std::vector<NodeId> out;
  for (const auto& r : ranked) out.push_back(population.id(r.slot));
  return out;
}

TEST_CASE("population: who belongs, who lives, and slots that are used again") {
  Population population;
  population.set_state(member(1), MemberState::alive);
  population.set_state(member(2), MemberState::dead);
  population.set_state(member(3), MemberState::left);
  population.set_state(member(4), MemberState::evicted);
  CHECK(population.size() == 2);
  CHECK(population.live() == 1);
  CHECK(population.find(member(3)) == Population::kNone);
  CHECK(population.is_out_of_reach(population.find(member(2))));
  CHECK_FALSE(population.is_out_of_reach(population.find(member(1))));
  const auto version = population.version();
  for (const MemberState state : kMembers) {
    population.set_state(member(1), state);
    CHECK(population.version() == version);
    CHECK(population.is_out_of_reach(population.find(member(1))) ==
          (state == MemberState::unreachable || state == MemberState::dead));
    CHECK(population.live() == (population.is_out_of_reach(population.find(member(1))) ? 0 : 1));
  }
  for (const MemberState state : kOthers) {
    const auto slot = population.find(member(1));
    population.set_state(member(1), state);
    CHECK(population.size() == 1);
    CHECK_FALSE(population.is_used(slot));
    population.set_state(member(1), MemberState::suspect);
    CHECK(population.find(member(1)) == slot);
    CHECK(population.slots() == 2);
  }
  CHECK(population.live() == 1);
}

TEST_CASE("observers: as the naive model ranks them, through joins, leaves, changes of state and long silences") {
  for (const std::uint32_t ids_max : {12U, 90U, 700U}) {
    auto rng = test::test_rng("observers " + std::to_string(ids_max));
    Population population;
    Model model;
    const Digest seeds[] = {test::test_digest("seed a"), test::test_digest("seed b")};
    Observers observers[] = {{population, seeds[0]}, {population, seeds[1]}};
    std::size_t compared = 0;
    for (int step = 0; step < 12'000; ++step) {
      const NodeId id = member(static_cast<std::uint32_t>(rng.below(ids_max)));
      const auto what = rng.below(100);
      // Tides: for a while mostly joins, then mostly leaves.
      const bool ebb = (step / 1500) % 3 == 2;
      if (what < 70) {
        const bool leaves = rng.below(10) < (ebb ? 7 : 2);
        const MemberState state = leaves ? kOthers[rng.below(3)] : kMembers[rng.below(4)];
        population.set_state(id, state);
        model.set_state(id, state);
      } else if (step % 6000 > 4000) {
        continue;  // so that rankings lag past the journal
      } else {
        // Mostly of a few subjects, whose rankings so are brought up to date rather than made.
        const NodeId subject = rng.below(10) == 0 ? id : member(static_cast<std::uint32_t>(rng.below(4)));
        const auto which = rng.below(2);
        const std::size_t count = rng.below(40) == 0 ? rng.below(80) : 20;
        auto expected = model.ranked(seeds[which], subject);
        expected.resize(std::min(expected.size(), count));
        REQUIRE(ids(population, observers[which].best(subject, count)) == expected);
        ++compared;
      }
      REQUIRE(population.size() == model.size());
      REQUIRE(population.live() == model.live());
    }
    CHECK(compared > 2000);
    CHECK(observers[0].full_scans() + observers[1].full_scans() < compared / 2);
  }
}

TEST_CASE("observers: changes are taken from the journal, not from a new scan") {
  Population population;
  for (std::uint32_t i = 0; i < 2000; ++i) population.set_state(member(i), MemberState::alive);
  Observers observers(population, test::test_digest("seed"));
  observers.best(member(0), 40);
  CHECK(observers.full_scans() == 1);
  for (std::uint32_t i = 0; i < 500; ++i) {
    population.set_state(member(2000 + i), MemberState::alive);
    observers.best(member(0), 40);
    population.set_state(member(1000 + i), MemberState::left);
    observers.best(member(0), 40);
  }
  CHECK(observers.full_scans() <= 3);  // 500 of 2000 left: a quarter of the spare room and of the prefix
  const auto before = observers.full_scans();
  for (std::uint32_t i = 0; i < Population::kJournal; ++i) {
    population.set_state(member(5000 + i), MemberState::alive);
  }
  observers.best(member(0), 40);
  CHECK(observers.full_scans() == before);  // exactly as far back as it reaches
  for (std::uint32_t i = 0; i <= Population::kJournal; ++i) {
    population.set_state(member(9000 + i), MemberState::alive);
  }
  observers.best(member(0), 40);
  CHECK(observers.full_scans() == before + 1);
}

TEST_CASE("observers: rankings are bounded, and the one used longest ago goes") {
  Population population;
  for (std::uint32_t i = 0; i < 100; ++i) population.set_state(member(i), MemberState::alive);
  Observers observers(population, test::test_digest("seed"));
  for (std::uint32_t i = 0; i < Observers::kSubjects; ++i) observers.best(member(i), 10);
  CHECK(observers.rankings_held() == Observers::kSubjects);
  const auto scans = observers.full_scans();
  observers.best(member(0), 10);  // used again: the next to go is number 1
  CHECK(observers.full_scans() == scans);
  observers.best(member(10'000), 10);
  CHECK(observers.rankings_held() == Observers::kSubjects);
  observers.best(member(0), 10);
  CHECK(observers.full_scans() == scans + 1);
  observers.best(member(1), 10);
  CHECK(observers.full_scans() == scans + 2);
  // Longer rankings leave room for fewer.
  observers.best(member(0), 4096 - Observers::kSpare);
  CHECK(observers.rankings_held() <= Observers::kEntries / 4096);
}

TEST_CASE("observers: each member watches about m, its share under one seed says nothing about another") {
  constexpr std::uint32_t kN = 400;
  constexpr std::size_t kM = 18;
  Population population;
  for (std::uint32_t i = 0; i < kN; ++i) population.set_state(member(i), MemberState::alive);
  Observers a(population, test::test_digest("seed a"));
  Observers b(population, test::test_digest("seed b"));
  std::map<NodeId, unsigned> watched;
  std::size_t common = 0;
  for (std::uint32_t i = 0; i < kN; ++i) {
    const auto under_a = ids(population, a.best(member(i), kM));
    const auto under_b = ids(population, b.best(member(i), kM));
    CHECK(std::set<NodeId>(under_a.begin(), under_a.end()).size() == kM);
    CHECK(std::find(under_a.begin(), under_a.end(), member(i)) == under_a.end());
    for (const NodeId& id : under_a) {
      ++watched[id];
      common += std::find(under_b.begin(), under_b.end(), id) != under_b.end() ? 1 : 0;
    }
  }
  // Binomial(399, 18 / 399): mean 18, standard deviation 4.1; 400 draws stay within 5 of them. Chi-squared over all
  // has 399 degrees: mean 400, deviation 28.
  double chi = 0;
  for (std::uint32_t i = 0; i < kN; ++i) {
    const double seen = watched[member(i)];
    CHECK(seen >= 2);
    CHECK(seen <= 39);
    chi += (seen - 18) * (seen - 18) / 18;
  }
  CHECK(chi > 260);
  CHECK(chi < 540);
  // 7200 places, each common with probability 18 / 399.
  CHECK(common > 325 - 90);
  CHECK(common < 325 + 90);
}

TEST_CASE("observers: the first look turns away nobody that ranks, and nearly everybody that does not") {
  constexpr std::uint32_t kN = 3000;
  Population population;
  for (std::uint32_t i = 0; i < kN; ++i) population.set_state(member(i), MemberState::alive);
  Observers observers(population, test::test_digest("seed"));
  std::size_t turned_away = 0;
  for (std::uint32_t s = 0; s < 30; ++s) {
    // Asked before there is a ranking, and after.
    std::vector<bool> far;
    for (std::uint32_t i = 0; i < kN; ++i) far.push_back(observers.is_far(member(s), member(i), 50));
    for (const NodeId& id : ids(population, observers.best(member(s), 50))) {
      CHECK_FALSE(far[load_le<std::uint32_t>(id.data() + 12)]);
    }
    for (std::uint32_t i = 0; i < kN; ++i) {
      CHECK(observers.is_far(member(s), member(i), 50) == far[i]);
      turned_away += far[i] ? 1 : 0;
    }
  }
  CHECK(turned_away > 30 * kN * 9 / 10);
  CHECK(observers.full_scans() == 30);
}

// All nodes of all versions must rank alike: a change here needs a new protocol version.
TEST_CASE("observers: frozen ranks") {
  Population population;
  for (std::uint32_t i = 0; i < 50; ++i) population.set_state(member(i), MemberState::alive);
  Observers observers(population, test::test_digest("seed"));
  const auto ranked = observers.best(member(7), 8);
  std::string text;
  for (const auto& r : ranked) {
    text += std::to_string(load_le<std::uint32_t>(population.id(r.slot).data() + 12)) + ' ';
  }
  CHECK(text == "42 27 45 10 43 41 15 46 ");
  CHECK(ranked[0].value == 1020350835465992148ULL);
}

}  // namespace
}  // namespace quorumor
