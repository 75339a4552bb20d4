#include "defense/trusting_policy.h"

#include <doctest/doctest.h>

namespace quorumor {
namespace {

NodeId id_of(unsigned char n) {
  NodeId id{};
  id[0] = std::byte{n};
  return id;
}

TEST_CASE("trusting policy: one accusation by anybody else is enough") {
  TrustingPolicy policy;
  Accusation accusation;
  accusation.accuser = id_of(1);
  CHECK(policy.counts(id_of(2), accusation));
  CHECK_FALSE(policy.counts(id_of(1), accusation));
  CHECK_FALSE(policy.suspects(0));
  CHECK_FALSE(policy.condemns(0));
  for (const std::size_t counting : {std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
    CHECK(policy.suspects(counting));
    CHECK(policy.condemns(counting));
  }
  CHECK(policy.may_accuse(id_of(1)));
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
    policy.set_live(row.live);
    const QuorumView view = policy.quorum();
    CHECK(view.observers == row.observers);
    CHECK(view.threshold == 1);
    CHECK(view.tolerated == 0);
    CHECK(view.quorum == row.quorum);
  }
}

TEST_CASE("trusting policy: confirmations belong to the timer, not to the verdict") {
  CHECK(TrustingPolicy{}.expected_confirmations() == 0);
  const TrustingPolicy policy{2};
  CHECK(policy.expected_confirmations() == 2);
  CHECK(policy.condemns(1));
}

}  // namespace
}  // namespace quorumor
