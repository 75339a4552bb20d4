// How a ring meets another's chain: adopting it, branching off it, going on where a part of it was missed.
#include "crypto/keyring.h"

#include "keyring_fixture.h"

namespace quorumor {
namespace {

using namespace test;

TEST_CASE("a joiner adopts the first entry of its giver and is offered the rest") {
  Keyring giver = chain(4, 4);
  REQUIRE(giver.retire_through(Epoch{1}));
  Keyring joiner(kCluster);
  REQUIRE(joiner.adopt(giver.entries()[0].announcement, giver.entries()[0].seed));
  for (std::size_t i = 1; i < giver.entries().size(); ++i)
    REQUIRE(joiner.offer(giver.entries()[i].announcement));
  for (const auto& entry : giver.entries()) REQUIRE(joiner.set_key(entry.epoch(), {entry.key.key.clone()}));
  REQUIRE(joiner.retire_through(giver.retired_floor()));
  CHECK(shape(joiner) == shape(giver));
  CHECK(joiner.retired_floor() == giver.retired_floor());
  CHECK(joiner.newest()->seed == giver.newest()->seed);
}

TEST_CASE("adopting is for empty rings, beginnings, and the true first seed") {
  Keyring used = bootstrapped();
  CHECK(used.adopt(link(2), test::test_digest("seed")).error() == RingError::known);
  Keyring ring(kCluster);
  CHECK(ring.adopt(link(1), test::test_digest("seed")).error() == RingError::wrong_predecessor);
  CHECK(ring.adopt(announce(1, "1", test::test_digest("x"), 60), first_seed(kCluster)).error() ==
        RingError::wrong_predecessor);
  auto retirement = link(2);
  retirement.announcement.kind = AnnouncementKind::retire;
  CHECK(ring.adopt(retirement, test::test_digest("seed")).error() == RingError::wrong_predecessor);
  CHECK(ring.adopt(link(1), first_seed(kCluster)));
}

TEST_CASE("what has gone from the ring is remembered as a link: a branch of an old partition still chains to it") {
  Keyring ring = chain(4, 4);
  REQUIRE(ring.retire_through(Epoch{3}));
  for (std::uint64_t e = 1; e <= 3; ++e) ring.wipe_retired(link(e).announcement.commitment);
  const auto branch = announce(4, "branch", link(3).digest(), 250);
  REQUIRE(ring.offer(branch));
  CHECK(ring.newest()->seed == ring.entries().front().seed);
  CHECK(shape(Keyring::deserialize(kCluster, ring.serialize()).value()) == shape(ring));
  CHECK(ring.offer(announce(4, "later", link(3).digest(), 239)).error() == RingError::too_soon);
}

TEST_CASE("a graft is an entry on a chain that nobody here knows, if its seed is the right one") {
  Keyring ring = bootstrapped();
  const auto far = announce(40, "far", test::test_digest("their 39"), 9000);
  Digest seed = first_seed(kCluster);
  for (std::uint64_t e = 2; e <= 40; ++e) seed = next_seed(seed, Epoch{e});
  CHECK(ring.offer(far).error() == RingError::gap);
  CHECK(ring.graft(far, first_seed(kCluster)).error() == RingError::wrong_predecessor);
  CHECK(ring.graft(announce(40 + kGraftDistanceMax, "x", {}, 9000), seed).error() == RingError::gap);
  REQUIRE(ring.graft(far, seed));
  CHECK(ring.graft(far, seed).error() == RingError::known);
  CHECK(ring.entries().size() == 2);
  CHECK(ring.newest()->epoch() == Epoch{40});
}

TEST_CASE("a chain that is shown link by link bridges what was missed, and can be shown again") {
  Keyring far = chain(9, 9);  // holds 6 to 9
  const auto remembered = far.remembered();
  REQUIRE(remembered.size() == 5);
  Keyring ring = bootstrapped();
  REQUIRE(ring.bridge(link(6), remembered));
  CHECK(shape(ring) == "1+ 6-");
  CHECK(ring.newest()->seed == far.find(Epoch{6})->seed);
  for (std::uint64_t e = 7; e <= 9; ++e) REQUIRE(ring.offer(link(e)));
  CHECK(shape(ring) == "1+ 7- 8- 9-");
  const Keyring stored = Keyring::deserialize(kCluster, ring.serialize()).value();
  Keyring third = bootstrapped();
  CHECK(third.bridge(link(6), stored.remembered()));
}

TEST_CASE("a chain with a link missing, in the wrong place, too soon, or of another kind bridges nothing") {
  Keyring far = chain(9, 9);
  const auto whole = far.remembered();
  std::vector<Bytes> shown(whole.begin(), whole.end());
  const auto refusal = [](const SignedAnnouncement& next, std::span<const Bytes> chain_shown) {
    Keyring ring = bootstrapped();
    const auto bridged = ring.bridge(next, chain_shown);
    CHECK(shape(ring) == (bridged ? "1+ 6-" : "1+"));
    CHECK(ring.remembered().empty() != bridged.has_value());
    return bridged ? RingError::known : bridged.error();
  };
  shown.erase(shown.begin() + 2);
  CHECK(refusal(link(6), shown) == RingError::gap);
  CHECK(refusal(announce(6, "6", link(3).digest(), 360), whole) == RingError::wrong_predecessor);  // a jump
  CHECK(refusal(announce(6, "6", link(5).digest(), 359), whole) == RingError::too_soon);
  const auto hasty = announce(3, "3", link(2).digest(), 179);
  const auto next = announce(4, "4", hasty.digest(), 300);
  CHECK(refusal(next, std::vector<Bytes>{hasty.content, link(2).content}) == RingError::too_soon);
  const auto soon = announce(2, "2", link(1).digest(), 119);  // after what the ring itself holds
  CHECK(refusal(announce(3, "3", soon.digest(), 300), std::vector<Bytes>{soon.content}) == RingError::too_soon);
  Announcement a = link(5).announcement;
  a.kind = AnnouncementKind::retire;
  const auto retirement = sign_announcement(test::test_key("keymaster"), kCluster, a);
  CHECK(refusal(announce(6, "6", retirement.digest(), 900), std::vector<Bytes>{retirement.content}) ==
        RingError::wrong_predecessor);
  CHECK(Keyring(kCluster).bridge(link(6), whole).error() == RingError::gap);
  CHECK(far.bridge(link(6), whole).error() == RingError::known);
  CHECK(far.bridge(link(5), whole).error() == RingError::buried);
}

TEST_CASE("starting over keeps what was readable readable, and shows that the ring has changed") {
  Keyring ring = chain(2, 2);
  const std::uint64_t version = ring.version();
  Keyring fresh(kCluster);
  REQUIRE(fresh.adopt(announce(9, "9", test::test_digest("8"), 9000), test::test_digest("seed")));
  REQUIRE(fresh.set_key(Epoch{9}, key_named("9")));
  ring.start_over(std::move(fresh));
  CHECK(shape(ring) == "9+");
  CHECK(ring.retired().size() == 2);
  CHECK(ring.version() > version);
}

}  // namespace
}  // namespace quorumor
