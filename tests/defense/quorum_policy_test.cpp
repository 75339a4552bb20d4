#include "defense/quorum_policy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "view.h"

namespace quorumor {
namespace {

using test::member;
using test::witness;

// The rules of the header, said again as plainly as possible: sort everybody, walk, count.
class Model {
 public:
  std::map<NodeId, MemberState> states;
  std::map<std::uint64_t, std::pair<Digest, Committee>> epochs;
  std::map<std::uint64_t, std::size_t> worth;

  static bool out_of_reach(MemberState s) { return s == MemberState::unreachable || s == MemberState::dead; }
  static bool belongs(MemberState s) {
    return s == MemberState::alive || s == MemberState::suspect || out_of_reach(s);
  }
  std::vector<NodeId> ranked(std::uint64_t epoch, const NodeId& subject) const {
    const auto key = Observers::key_of(epochs.at(epoch).first, subject);
    std::vector<std::pair<std::uint64_t, NodeId>> all;
    for (const auto& [id, state] : states) {
      if (belongs(state) && id != subject) all.push_back({siphash(key, id), id});
    }
    std::sort(all.begin(), all.end());
    std::vector<NodeId> out;
    for (const auto& entry : all) out.push_back(entry.second);
    return out;
  }
  std::vector<NodeId> counting(std::uint64_t epoch, const NodeId& subject) const {
    const std::size_t m = epochs.at(epoch).second.observers;
    std::vector<NodeId> out;
    std::size_t skipped = 0;
    for (const NodeId& id : ranked(epoch, subject)) {
      if (out_of_reach(states.at(id))) {
        ++skipped;
      } else if (skipped <= 2 * m && out.size() < m + 3) {
        out.push_back(id);
      }
    }
    return out;
  }
  std::set<NodeId> accusers(std::uint64_t epoch, const NodeId& subject, const std::vector<Witness>& witnesses) const {
    std::set<NodeId> out;
    const auto able = counting(epoch, subject);
    for (const Witness& w : witnesses) {
      const bool stated = std::find(w.epochs.begin(), w.epochs.end(), Epoch{epoch}) != w.epochs.end();
      if (stated && std::find(able.begin(), able.end(), w.accuser) != able.end()) out.insert(w.accuser);
    }
    return out;
  }
};

// A view of `n` live members under a ring of some epochs, and the model of it.
struct View {
  QuorumPolicy policy;
  Model model;

  View(std::uint32_t n, const Keyring& ring, const NodeId& own = member(0)) : policy(own) {
    policy.on_ring(ring);
    for (const auto& entry : ring.entries()) model.epochs[entry.epoch().value].first = entry.seed;
    for (std::uint32_t i = 0; i < n; ++i) set(member(i), MemberState::alive);
    policy.on_live(n, Instant{});
    update(n, 100'000, 4);
  }
  void set(const NodeId& id, MemberState state) {
    policy.on_state(id, state);
    model.states[id] = state;
  }
  void update(std::size_t n, std::uint32_t beta_ppm, unsigned exponent) {
    for (auto& [epoch, draw] : model.epochs) draw.second = committee_for(n, beta_ppm, exponent);
  }
};

TEST_CASE("quorum policy: as the naive model says, whatever states, witnesses and mutings") {
  for (const std::uint32_t n : {3U, 5U, 16U, 40U, 150U}) {
    auto rng = test::test_rng("quorum " + std::to_string(n));
    View view(n, test::ring_with(3));
    std::size_t condemned = 0, suspected = 0, without_quorum = 0;
    for (int step = 0; step < 900; ++step) {
      // States swing between all alive and mostly gone.
      static constexpr MemberState kGone[] = {MemberState::dead, MemberState::unreachable, MemberState::dead,
                                              MemberState::unreachable, MemberState::left, MemberState::evicted,
                                              MemberState::unknown};
      for (std::uint32_t i = 0; i <= n / 10; ++i) {
        const bool gone = rng.below(100) < static_cast<std::uint64_t>(step / 60 % 10) * 11;
        view.set(member(static_cast<std::uint32_t>(rng.below(n))),
                 gone ? kGone[rng.below(7)] : rng.below(2) == 0 ? MemberState::alive : MemberState::suspect);
      }
      const NodeId subject = member(static_cast<std::uint32_t>(rng.below(n)));

      std::vector<Witness> witnesses;
      std::vector<NodeId> muted;
      const auto base = view.model.ranked(1 + rng.below(3), subject);
      for (std::uint64_t i = rng.below(60); i > 0 && !base.empty(); --i) {
        const auto near = std::min<std::size_t>(base.size(), 50);
        Witness w = witness(rng.below(20) == 0 ? member(static_cast<std::uint32_t>(rng.below(n + 2)))
                                               : base[rng.below(near)], {}, rng.below(3));
        for (std::uint64_t e = 1; e <= 4; ++e) {
          if (rng.below(2) == 0) w.epochs.push_back(Epoch{e});  // 4 is not live
        }
        witnesses.push_back(w);
        if (rng.below(3) == 0) muted.push_back(w.accuser);
      }
      if (rng.below(3) == 0) {  // few, all muted
        witnesses.resize(std::min<std::size_t>(witnesses.size(), 3));
        for (const Witness& w : witnesses) muted.push_back(w.accuser);
      }

      Tally expected;
      expected.quorum = false;
      std::size_t most = 0;
      for (const auto& [epoch, draw] : view.model.epochs) {
        const auto accusers = view.model.accusers(epoch, subject, witnesses);
        const bool all_muted = std::all_of(accusers.begin(), accusers.end(), [&](const NodeId& id) {
          return std::find(muted.begin(), muted.end(), id) != muted.end();
        });
        expected.condemned = expected.condemned || accusers.size() >= draw.second.threshold;
        expected.suspected = expected.suspected || !all_muted || accusers.size() >= draw.second.threshold;
        expected.quorum = expected.quorum || view.model.counting(epoch, subject).size() >= draw.second.threshold;
        most = std::max(most, accusers.size());
      }
      const Tally tally = view.policy.judge(subject, witnesses, muted);
      REQUIRE(tally.condemned == expected.condemned);
      REQUIRE(tally.suspected == expected.suspected);
      REQUIRE(tally.quorum == expected.quorum);
      REQUIRE(tally.counting == most);  // one k for all epochs here
      REQUIRE(tally.needed == view.model.epochs.at(3).second.threshold);
      condemned += tally.condemned ? 1 : 0;
      suspected += tally.suspected ? 1 : 0;
      without_quorum += tally.quorum ? 0 : 1;
      // Nothing of one judgement stays for the next.
      REQUIRE(view.policy.judge(subject, {}, {}).counting == 0);

      EpochList may;
      for (std::uint64_t e = 1; e <= 3; ++e) {
        const auto able = view.model.counting(e, subject);
        for (std::uint32_t i = 0; i < n; i += 1 + n / 20) {
          const auto place = std::find(able.begin(), able.end(), member(i));
          const auto rank = view.policy.rank_of(subject, member(i), Epoch{e});
          REQUIRE(rank.has_value() == (place != able.end()));
          if (rank) REQUIRE(*rank == static_cast<unsigned>(place - able.begin()));
        }
        if (std::find(able.begin(), able.end(), member(0)) != able.end()) may.push_back(Epoch{e});
      }
      REQUIRE(view.policy.epochs_to_accuse_under(subject) == may);
      auto asked = view.model.counting(3, subject);
      std::erase(asked, member(0));
      std::vector<NodeId> out(3);
      view.policy.observers_of(subject, out);
      REQUIRE(out == asked);
      // What may count is held.
      for (const Witness& w : witnesses) {
        bool counts = false;
        for (std::uint64_t e = 1; e <= 3; ++e) counts = counts || view.model.accusers(e, subject, {w}).size() > 0;
        if (counts) REQUIRE(view.policy.is_worth_holding(subject, w));
      }
    }
    CHECK(condemned > 10);
    if (n >= 5) CHECK(suspected > condemned);
    CHECK(without_quorum > 10);
  }
}

TEST_CASE("quorum policy: votes of two epochs are not added up") {
  View view(64, test::ring_with(2));
  const NodeId subject = member(9);
  const auto old = view.model.counting(1, subject);
  const auto young = view.model.counting(2, subject);
  const std::size_t k = view.model.epochs.at(1).second.threshold;
  REQUIRE(k == 7);
  std::vector<Witness> witnesses;
  for (std::size_t i = 0; i < k - 1; ++i) {
    witnesses.push_back(witness(old[i], {1}));
    witnesses.push_back(witness(young[i], {2}));
  }
  CHECK_FALSE(view.policy.judge(subject, witnesses, {}).condemned);
  CHECK(view.policy.judge(subject, witnesses, {}).counting == k - 1);
  witnesses.push_back(witness(young[k - 1], {2}));
  CHECK(view.policy.judge(subject, witnesses, {}).condemned);
  // One accuser is one vote, however often it signs.
  witnesses.pop_back();
  for (std::uint64_t g = 2; g < 9; ++g) witnesses.push_back(witness(young[0], {2}, g));
  CHECK(view.policy.judge(subject, witnesses, {}).counting == k - 1);
}

TEST_CASE("quorum policy: observers who lie and fall silent do not count together with their successors") {
  View view(64, test::ring_with(1));
  const NodeId subject = member(9);
  const auto able = view.model.counting(1, subject);
  std::vector<Witness> witnesses;
  for (std::size_t i = 0; i < 6; ++i) witnesses.push_back(witness(able[i], {1}));
  CHECK(view.policy.judge(subject, witnesses, {}).counting == 6);
  for (std::size_t i = 0; i < 6; ++i) view.set(able[i], MemberState::unreachable);
  CHECK(view.policy.judge(subject, witnesses, {}).counting == 0);
  const auto successors = view.model.counting(1, subject);
  CHECK(std::find(able.begin(), able.end(), successors.back()) == able.end());
  witnesses.push_back(witness(successors.back(), {1}));
  CHECK(view.policy.judge(subject, witnesses, {}).counting == 1);
  CHECK_FALSE(view.policy.judge(subject, witnesses, {}).condemned);
}

TEST_CASE("quorum policy: one observer suspects unless muted, as many as needed do though muted") {
  View view(64, test::ring_with(1));
  const NodeId subject = member(9);
  const auto able = view.model.counting(1, subject);
  const std::vector<NodeId> muted(able.begin(), able.begin() + 8);
  std::vector<Witness> witnesses = {witness(able[0], {1})};
  CHECK(view.policy.judge(subject, witnesses, {}).suspected);
  CHECK_FALSE(view.policy.judge(subject, witnesses, muted).suspected);
  for (std::size_t i = 1; i < 6; ++i) witnesses.push_back(witness(able[i], {1}));
  CHECK_FALSE(view.policy.judge(subject, witnesses, muted).suspected);
  witnesses.push_back(witness(able[6], {1}));
  CHECK(view.policy.judge(subject, witnesses, muted).suspected);
  CHECK(view.policy.judge(subject, witnesses, muted).condemned);
  // Whoever does not rank suspects nobody.
  const auto ranked = view.model.ranked(1, subject);
  CHECK_FALSE(view.policy.judge(subject, std::vector{witness(ranked.back(), {1})}, {}).suspected);
}

TEST_CASE("quorum policy: what is worth holding is bounded by rank, and grows with the cluster's next size") {
  View view(2000, test::ring_with(2));
  const NodeId subject = member(9);
  const std::size_t worth = view.policy.worth_of(Epoch{2});
  CHECK(worth == 3 * committee_for(4000, 100'000, 4).observers + 3 + QuorumPolicy::kWorthSlack);
  CHECK(view.policy.worth_of(Epoch{3}) == 0);
  const auto ranked = view.model.ranked(2, subject);
  const auto older = view.model.ranked(1, subject);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    CHECK(view.policy.is_worth_holding(subject, witness(ranked[i], {2})) == (i < worth));
    CHECK(view.policy.is_worth_holding(subject, witness(older[i], {1, 3})) == (i < worth));
    CHECK_FALSE(view.policy.is_worth_holding(subject, witness(ranked[i], {3})));
  }
  CHECK_FALSE(view.policy.is_worth_holding(subject, witness(subject, {1, 2})));
  CHECK_FALSE(view.policy.is_worth_holding(subject, witness(member(5000), {1, 2})));
  view.set(ranked[0], MemberState::evicted);
  CHECK_FALSE(view.policy.is_worth_holding(subject, witness(ranked[0], {2})));
}

TEST_CASE("quorum policy: n is what was live at once, not what is; a restart does not lower k") {
  View view(64, test::ring_with(1));
  CHECK(view.policy.quorum().threshold == 7);
  CHECK(view.policy.expected_confirmations() == 6);
  for (std::uint32_t i = 4; i < 64; ++i) view.set(member(i), MemberState::dead);
  view.policy.on_live(4, Instant{1min});
  CHECK(view.policy.quorum().threshold == 7);
  CHECK_FALSE(view.policy.quorum().quorum);
  CHECK(view.policy.basis() == 64);
  view.policy.on_live(4, Instant{70min});
  CHECK(view.policy.basis() == 4);
  CHECK(view.policy.quorum().threshold == 2);
  CHECK(view.policy.quorum().quorum);

  QuorumPolicy restarted(member(0), 64);
  restarted.on_ring(test::ring_with(1));
  restarted.on_state(member(0), MemberState::alive);
  restarted.on_live(1, Instant{});
  CHECK(restarted.basis() == 64);
  CHECK(restarted.expected_confirmations() == 6);
}

TEST_CASE("quorum policy: the present count is never undercut, and small clusters tolerate nobody") {
  QuorumPolicy policy(member(0));
  CHECK_FALSE(policy.quorum().quorum);  // no ring: no observers
  CHECK_FALSE(policy.judge(member(1), std::vector{witness(member(2), {1})}, {}).suspected);
  policy.on_ring(test::ring_with(1));
  struct {
    std::uint32_t n;
    std::size_t m, k, b;
  } const table[] = {{1, 0, 1, 0}, {2, 1, 1, 0}, {3, 2, 1, 0}, {4, 3, 2, 1}, {16, 3, 2, 1}, {17, 7, 4, 1},
                     {40, 13, 7, 4}};
  std::uint32_t n = 0;
  for (const auto& row : table) {
    CAPTURE(row.n);
    while (n < row.n) policy.on_state(member(n++), MemberState::alive);  // on_live lags
    const QuorumView view = policy.quorum();
    CHECK(view.basis == row.n);
    CHECK(view.observers == row.m);
    CHECK(view.threshold == row.k);
    CHECK(view.tolerated == row.b);
    CHECK(view.quorum);
  }
  // k - 1 others left: the next death cannot be agreed on.
  for (std::uint32_t i = 8; i < 40; ++i) policy.on_state(member(i), MemberState::dead);
  policy.on_live(40, Instant{});
  CHECK(policy.quorum().quorum);
  policy.on_state(member(7), MemberState::suspect);
  CHECK(policy.quorum().quorum);
  policy.on_state(member(7), MemberState::unreachable);
  CHECK_FALSE(policy.quorum().quorum);
}

TEST_CASE("quorum policy: each epoch has its own parameters, and of a fork the stricter hold") {
  Keyring ring(test::kCluster);
  auto first = test::announce_with(1, "1", Digest{}, 100'000, 4);
  ring.bootstrap(first, test::key_named("1"));
  const Digest predecessor = first.digest();
  REQUIRE(ring.offer(test::announce_with(2, "a", predecessor, 0, 9)));
  QuorumPolicy policy(member(0));
  for (std::uint32_t i = 0; i < 64; ++i) policy.on_state(member(i), MemberState::alive);
  policy.on_ring(ring);
  CHECK(policy.quorum().threshold == committee_for(64, 100'000, 4).threshold);  // announced only: nothing is weaker
  REQUIRE(ring.set_key(Epoch{2}, test::key_named("a")));
  policy.on_ring(ring);
  CHECK(policy.quorum().threshold == 1);
  const auto witnesses = [&] {
    std::vector<Witness> out;
    for (std::uint32_t i = 1; i < 64; ++i) {
      if (policy.rank_of(member(0), member(i), Epoch{2})) out.push_back(witness(member(i), {2}));
    }
    return out;
  }();
  REQUIRE(witnesses.size() >= 1);
  CHECK(policy.judge(member(0), std::span(witnesses).first(1), {}).condemned);
  CHECK(policy.judge(member(0), std::span(witnesses).first(1), {}).needed == 1);

  REQUIRE(ring.offer(test::announce_with(2, "b", predecessor, 200'000, 2)));
  REQUIRE(ring.set_key(Epoch{2}, test::key_named("b")));
  policy.on_ring(ring);
  CHECK(policy.quorum().threshold == committee_for(64, 200'000, 9).threshold);
  CHECK_FALSE(policy.judge(member(0), std::span(witnesses).first(1), {}).condemned);
  CHECK(policy.looks_itself());

  // Whichever of the two has the lesser commitment, and so stands first in the ring.
  Keyring other(test::kCluster);
  other.bootstrap(first, test::key_named("1"));
  REQUIRE(other.offer(test::announce_with(2, "a", predecessor, 200'000, 2)));
  REQUIRE(other.offer(test::announce_with(2, "b", predecessor, 0, 9)));
  REQUIRE(other.set_key(Epoch{2}, test::key_named("a")));
  REQUIRE(other.set_key(Epoch{2}, test::key_named("b")));
  policy.on_ring(other);
  CHECK(policy.quorum().threshold == committee_for(64, 200'000, 9).threshold);
}

// The condemned epoch's threshold is shown, though another epoch counts more.
TEST_CASE("quorum policy: an epoch of less doubt condemns beside one of more") {
  Keyring ring(test::kCluster);
  auto first = test::announce_with(1, "1", Digest{}, 0, 4);  // k = 1, m = 1: 4 may count
  ring.bootstrap(first, test::key_named("1"));
  REQUIRE(ring.offer(test::announce_with(2, "2", first.digest(), 200'000, 4)));
  REQUIRE(ring.set_key(Epoch{2}, test::key_named("2")));
  QuorumPolicy policy(member(0));
  for (std::uint32_t i = 0; i < 200; ++i) policy.on_state(member(i), MemberState::alive);
  policy.on_ring(ring);
  std::vector<Witness> witnesses;
  for (std::uint32_t i = 0; i < 200 && witnesses.size() < 3; ++i) {
    if (i != 5 && policy.rank_of(member(5), member(i), Epoch{2})) witnesses.push_back(witness(member(i), {2}));
  }
  CHECK(policy.judge(member(5), witnesses, {}).counting == 3);
  CHECK_FALSE(policy.judge(member(5), witnesses, {}).condemned);
  for (std::uint32_t i = 0; i < 200; ++i) {
    if (policy.rank_of(member(5), member(i), Epoch{1}) == 0U) witnesses.push_back(witness(member(i), {1}));
  }
  const Tally tally = policy.judge(member(5), witnesses, {});
  CHECK(tally.condemned);
  CHECK(tally.counting == 1);
  CHECK(tally.needed == 1);
}

}  // namespace
}  // namespace quorumor
