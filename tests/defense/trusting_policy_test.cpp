#include "defense/trusting_policy.h"

#include <doctest/doctest.h>

#include "view.h"

namespace quorumor {
namespace {

using test::member;
using test::witness;

TEST_CASE("trusting policy: one accusation by anybody else is enough, muted or not") {
  const TrustingPolicy policy;
  const NodeId subject = member(0);
  std::vector<Witness> witnesses;
  CHECK_FALSE(policy.judge(subject, witnesses, {}).suspected);
  CHECK_FALSE(policy.judge(subject, witnesses, {}).condemned);
  witnesses.push_back(witness(subject, {1}));
  CHECK(policy.judge(subject, witnesses, {}).counting == 0);
  CHECK_FALSE(policy.judge(subject, witnesses, {}).suspected);
  CHECK_FALSE(policy.is_worth_holding(subject, witnesses[0]));

  witnesses = {witness(member(1), {7})};
  CHECK(policy.is_worth_holding(subject, witnesses[0]));
  const std::vector<NodeId> muted = {member(1)};
  const Tally tally = policy.judge(subject, witnesses, muted);
  CHECK(tally.counting == 1);
  CHECK(tally.needed == 1);
  CHECK(tally.suspected);
  CHECK(tally.condemned);
  CHECK(tally.quorum);

  witnesses = {witness(member(1), {7}, 1), witness(member(1), {7}, 2), witness(member(2), {7})};
  CHECK(policy.judge(subject, witnesses, {}).counting == 2);
}

TEST_CASE("trusting policy: everybody may accuse under all live epochs, nobody is asked to look") {
  TrustingPolicy policy;
  CHECK(policy.epochs_to_accuse_under(member(1)).empty());
  policy.on_ring(test::ring_with(3));
  const EpochList all{Epoch{1}, Epoch{2}, Epoch{3}};
  CHECK(policy.epochs_to_accuse_under(member(1)) == all);
  CHECK(policy.rank_of(member(0), member(1), Epoch{3}) == 0U);
  CHECK_FALSE(policy.rank_of(member(0), member(0), Epoch{3}));
  CHECK_FALSE(policy.rank_of(member(0), member(1), Epoch{4}));
  std::vector<NodeId> out = {member(5)};
  policy.observers_of(member(1), out);
  CHECK(out.empty());
  CHECK_FALSE(policy.looks_itself());

  // Two announcements of one epoch are one epoch.
  Keyring fork = test::ring_with(1);
  const Digest first = fork.entries()[0].announcement.digest();
  REQUIRE(fork.offer(test::announce_with(2, "a", first, 0, 4)));
  REQUIRE(fork.offer(test::announce_with(2, "b", first, 0, 4)));
  policy.on_ring(fork);
  CHECK(policy.epochs_to_accuse_under(member(1)).size() == 2);
}

TEST_CASE("trusting policy: everybody observes, no liar is tolerated, one live member is quorum") {
  TrustingPolicy policy;
  struct {
    std::size_t live;
    std::size_t observers;
    bool quorum;
  } const table[] = {{0, 0, false}, {1, 0, true}, {2, 1, true}, {3, 2, true}, {1000, 999, true}};
  CHECK(policy.quorum().quorum);  // before anything is known a node counts itself
  for (const auto& row : table) {
    CAPTURE(row.live);
    policy.on_live(row.live, Instant{});
    const QuorumView view = policy.quorum();
    CHECK(view.observers == row.observers);
    CHECK(view.threshold == 1);
    CHECK(view.tolerated == 0);
    CHECK(view.quorum == row.quorum);
    CHECK(view.basis >= 1);
  }
}

// memberlist: k = mult - 2, and 0 if n - 2 < k.
TEST_CASE("trusting policy: confirmations belong to the timer, not to the verdict") {
  struct {
    unsigned mult;
    std::size_t live;
    unsigned expected;
  } const table[] = {{4, 100, 2}, {4, 4, 2}, {4, 3, 0}, {4, 2, 0}, {4, 1, 0}, {4, 0, 0},
                     {6, 6, 4},   {6, 5, 0}, {3, 3, 1}, {3, 2, 0}, {2, 9, 0}, {1, 9, 0}, {0, 9, 0}};
  for (const auto& row : table) {
    CAPTURE(row.mult);
    CAPTURE(row.live);
    TrustingPolicy policy{row.mult};
    policy.on_live(row.live, Instant{});
    CHECK(policy.expected_confirmations() == row.expected);
  }
}

}  // namespace
}  // namespace quorumor
