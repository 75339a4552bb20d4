#include "crypto/keyring.h"

#include <algorithm>

#include "keyring_fixture.h"

namespace quorumor {
namespace {

using namespace test;

TEST_CASE("a bootstrapped ring holds its first epoch, key, seed and secrets") {
  const Keyring ring = bootstrapped();
  CHECK(shape(ring) == "1+");
  CHECK(ring.newest() == ring.newest_with_key());
  CHECK(ring.newest() == ring.lowest_with_key());
  CHECK(ring.newest()->seed == first_seed(kCluster));
  CHECK(ring.newest()->secrets.tag == EpochSecrets::derive(key_named("1"), kCluster).tag);
  CHECK(ring.find_tag(ring.newest()->secrets.tag) == ring.newest());
}

TEST_CASE("bootstrapping a used ring, another epoch or another key is a programmer's error") {
  CHECK(test::aborts([] { bootstrapped().bootstrap(link(1), key_named("1")); }));
  CHECK(test::aborts([] { Keyring(kCluster).bootstrap(link(2), key_named("2")); }));
  CHECK(test::aborts([] { Keyring(kCluster).bootstrap(link(1), key_named("2")); }));
  CHECK(test::aborts(
      [] { Keyring(kCluster).bootstrap(announce(1, "1", test::test_digest("x"), 60), key_named("1")); }));
}

TEST_CASE("an empty ring answers questions with nothing") {
  Keyring ring(kCluster);
  CHECK(ring.newest() == nullptr);
  CHECK(ring.newest_with_key() == nullptr);
  CHECK(ring.lowest_with_key() == nullptr);
  CHECK(ring.find(Epoch{1}) == nullptr);
  CHECK(ring.find_tag({}) == nullptr);
  CHECK(ring.offer(link(1)).error() == RingError::gap);
  CHECK(ring.set_key(Epoch{1}, key_named("1")).error() == RingError::unknown_epoch);
  CHECK(ring.retire_through(Epoch{1}).error() == RingError::unknown_epoch);
  CHECK(ring.version() == 0);
}

TEST_CASE("an offer extends the chain, with the next seed and no key") {
  Keyring ring = bootstrapped();
  REQUIRE(ring.offer(link(2)));
  CHECK(shape(ring) == "1+ 2-");
  CHECK(ring.newest()->seed == next_seed(first_seed(kCluster), Epoch{2}));
  CHECK(ring.newest_with_key()->epoch() == Epoch{1});
  CHECK(ring.find_tag(EpochSecrets::derive(key_named("2"), kCluster).tag) == nullptr);
  REQUIRE(ring.set_key(Epoch{2}, key_named("2")));
  CHECK(shape(ring) == "1+ 2+");
  CHECK(ring.newest_with_key()->epoch() == Epoch{2});
  CHECK(ring.lowest_with_key()->epoch() == Epoch{1});
  CHECK(ring.find_tag(EpochSecrets::derive(key_named("2"), kCluster).tag) == ring.newest());
}

TEST_CASE("what does not extend the chain is refused for its reason, and changes nothing") {
  Keyring ring = chain(3, 2);
  REQUIRE(ring.retire_through(Epoch{1}));
  const std::uint64_t version = ring.version();
  const ByteVector before = ring.serialize();
  const Digest elsewhere = test::test_digest("elsewhere");
  CHECK(ring.offer(link(1)).error() == RingError::buried);
  CHECK(ring.offer(announce(1, "x", {}, 60)).error() == RingError::buried);
  CHECK(ring.offer(link(2)).error() == RingError::known);
  CHECK(ring.offer(link(3)).error() == RingError::known);
  CHECK(ring.offer(link(5)).error() == RingError::gap);
  CHECK(ring.offer(announce(~std::uint64_t{0}, "x", link(3).digest(), 900)).error() == RingError::gap);
  CHECK(ring.offer(announce(4, "4", elsewhere, 900)).error() == RingError::wrong_predecessor);
  CHECK(ring.offer(announce(4, "4", link(2).digest(), 900)).error() == RingError::wrong_predecessor);
  CHECK(ring.offer(announce(2, "x", elsewhere, 900)).error() == RingError::gap);  // extends nothing that is remembered
  auto retirement = link(4);
  retirement.announcement.kind = AnnouncementKind::retire;
  CHECK(ring.offer(retirement).error() == RingError::wrong_predecessor);
  CHECK(ring.version() == version);
  CHECK(ring.serialize() == before);
}

TEST_CASE("epochs are spaced by their predecessor's minimum interval, by signed times") {
  Keyring ring = bootstrapped();  // signed at 60 s, interval 60 s
  CHECK(ring.offer(announce(2, "2", link(1).digest(), 119)).error() == RingError::too_soon);
  CHECK(ring.offer(announce(2, "2", link(1).digest(), 0)).error() == RingError::too_soon);
  CHECK(ring.offer(announce(2, "2", link(1).digest(), 120)));
}

TEST_CASE("keys: only the committed one, once, for an epoch that is held") {
  Keyring ring = chain(3, 2);
  REQUIRE(ring.retire_through(Epoch{1}));
  const std::uint64_t version = ring.version();
  CHECK(ring.set_key(Epoch{1}, key_named("1")).error() == RingError::buried);
  CHECK(ring.set_key(Epoch{2}, key_named("2")).error() == RingError::known);
  CHECK(ring.set_key(Epoch{2}, key_named("3")).error() == RingError::wrong_key);
  CHECK(ring.set_key(Epoch{3}, key_named("2")).error() == RingError::wrong_key);
  CHECK(ring.set_key(Epoch{3}, EpochKey{}).error() == RingError::wrong_key);
  CHECK(ring.set_key(Epoch{4}, key_named("4")).error() == RingError::unknown_epoch);
  CHECK(ring.version() == version);
  CHECK(ring.set_key(Epoch{3}, key_named("3")));
  CHECK(ring.version() > version);
}

TEST_CASE("a fifth entry drops the oldest") {
  Keyring ring = chain(4, 4);
  REQUIRE(ring.offer(link(5)));
  CHECK(shape(ring) == "2+ 3+ 4+ 5-");
  CHECK(ring.retired_floor() == Epoch{0});
  CHECK(ring.offer(link(1)).error() == RingError::buried);  // older than what is kept
  // Who still speaks under it is heard until it is wiped.
  const auto tag = EpochSecrets::derive(key_named("1"), kCluster).tag;
  REQUIRE(ring.find_tag(tag) != nullptr);
  CHECK(ring.find_readable(ring.retired().front().name()) == ring.find_tag(tag));
  CHECK(ring.find(Epoch{1}) == nullptr);
  ring.wipe_retired(link(1).announcement.commitment);
  CHECK(ring.find_tag(tag) == nullptr);
}

TEST_CASE("an epoch older than what is kept is buried, whether or not it was retired") {
  Keyring ring = chain(6, 6);
  CHECK(shape(ring) == "3+ 4+ 5+ 6+");
  CHECK(ring.offer(link(2)).error() == RingError::buried);
  REQUIRE(ring.retire_through(Epoch{4}));
  CHECK(ring.offer(link(4)).error() == RingError::buried);
}

TEST_CASE("but never the newest key: without it this node could seal nothing") {
  Keyring ring = chain(4, 1);
  REQUIRE(ring.offer(link(5)));
  CHECK(shape(ring) == "1+ 3- 4- 5-");
  REQUIRE(ring.offer(link(6)));
  CHECK(shape(ring) == "1+ 4- 5- 6-");
  REQUIRE(ring.set_key(Epoch{5}, key_named("5")));
  REQUIRE(ring.offer(link(7)));
  CHECK(shape(ring) == "1+ 5+ 6- 7-");  // whoever lacks 5 is heard under 1; nobody gave 4, and nobody needs it now
}

TEST_CASE("an offer that would itself be the one to go is refused, and changes nothing") {
  Keyring ring = chain(4, 1);
  const std::uint64_t version = ring.version();
  for (int i = 0;; ++i) {  // a fork of epoch 2 that stands before the one that is held
    const auto fork = announce(2, "fork" + std::to_string(i), link(1).digest(), 120);
    if (fork.announcement.commitment > link(2).announcement.commitment) continue;
    CHECK(ring.offer(fork).error() == RingError::buried);
    break;
  }
  CHECK(shape(ring) == "1+ 2- 3- 4-");
  CHECK(ring.version() == version);
}

TEST_CASE("a fork is held whole, in order of commitment; find prefers the key, then the lowest") {
  Keyring ring = bootstrapped();
  const auto fork = announce(2, "fork", link(1).digest(), 130);
  REQUIRE(ring.offer(link(2)));
  REQUIRE(ring.offer(fork));
  CHECK(shape(ring) == "1+ 2- 2-");
  CHECK(order_is_strict(ring));
  const Commitment lower = std::min(link(2).announcement.commitment, fork.announcement.commitment);
  const Commitment higher = std::max(link(2).announcement.commitment, fork.announcement.commitment);
  const std::string higher_name = higher == fork.announcement.commitment ? "fork" : "2";
  CHECK(ring.find(Epoch{2})->commitment() == lower);
  REQUIRE(ring.set_key(Epoch{2}, key_named(higher_name)));
  CHECK(ring.find(Epoch{2})->commitment() == higher);
  REQUIRE(ring.set_key(Epoch{2}, key_named(higher_name == "2" ? "fork" : "2")));
  CHECK(ring.find(Epoch{2})->commitment() == lower);

  // Either branch may be extended; the seed is the same, so that a fork cannot choose its observers.
  REQUIRE(ring.offer(announce(3, "3", fork.digest(), 190)));
  CHECK(ring.newest()->seed == next_seed(next_seed(first_seed(kCluster), Epoch{2}), Epoch{3}));
}

TEST_CASE("the union does not depend on the order of arrival") {
  const auto fork = announce(2, "fork", link(1).digest(), 130);
  const auto same_key = announce(2, "2", link(1).digest(), 140);  // the same key, announced in other words
  std::array<SignedAnnouncement, 3> offers = {link(2), fork, same_key};
  std::array<std::size_t, 3> order = {0, 1, 2};
  std::string expected;
  do {
    Keyring ring = bootstrapped();
    for (const std::size_t i : order) REQUIRE(ring.offer(offers[i]));
    REQUIRE(ring.set_key(Epoch{2}, key_named("2")));
    const std::string got = to_hex(ring.serialize());
    if (expected.empty()) expected = got;
    CHECK(got == expected);
    CHECK(std::count_if(ring.entries().begin(), ring.entries().end(),
                        [](const auto& e) { return e.has_key(); }) == 3);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("the first epoch may fork too, with its seed, but not with a predecessor") {
  Keyring ring = bootstrapped();
  CHECK(ring.offer(announce(1, "x", test::test_digest("x"), 60)).error() == RingError::wrong_predecessor);
  REQUIRE(ring.offer(announce(1, "x", {}, 60)));
  CHECK(shape(ring).size() == 5);
  for (const auto& entry : ring.entries()) CHECK(entry.seed == first_seed(kCluster));
}

TEST_CASE("retirement buries through an epoch, wipes, persists, and never takes the newest key") {
  Keyring ring = chain(4, 3);
  CHECK(ring.retire_through(Epoch{3}).error() == RingError::unknown_epoch);
  CHECK(ring.retire_through(Epoch{9}).error() == RingError::unknown_epoch);
  CHECK(shape(ring) == "1+ 2+ 3+ 4-");
  std::uint64_t version = ring.version();
  REQUIRE(ring.retire_through(Epoch{2}));
  CHECK(shape(ring) == "3+ 4-");
  CHECK(ring.retired_floor() == Epoch{2});
  CHECK(ring.version() > version);
  version = ring.version();
  REQUIRE(ring.retire_through(Epoch{2}));  // again, and less: no change, no error
  REQUIRE(ring.retire_through(Epoch{1}));
  CHECK(ring.version() == version);
  CHECK(ring.retired_floor() == Epoch{2});
}

TEST_CASE("a retirement is held once, for an epoch that is held and has a successor") {
  Keyring ring = chain(3, 3);
  const auto retirement = [&](std::uint64_t through, const Digest& begun_by) {
    Announcement a = link(through).announcement;
    a.kind = AnnouncementKind::retire;
    a.predecessor = begun_by;
    return sign_announcement(test::test_key("keymaster"), kCluster, a);
  };
  CHECK(ring.hold_retirement(link(2)).error() == RingError::wrong_predecessor);
  CHECK(ring.hold_retirement(retirement(2, link(1).digest())).error() == RingError::wrong_predecessor);
  CHECK(ring.hold_retirement(retirement(3, link(3).digest())).error() == RingError::gap);
  REQUIRE(ring.hold_retirement(retirement(1, link(1).digest())));
  CHECK(ring.hold_retirement(retirement(1, link(1).digest())).error() == RingError::known);
  REQUIRE(ring.hold_retirement(retirement(2, link(2).digest())));
  CHECK(shape(ring) == "1+ 2+ 3+");  // holding is not obeying
  const Keyring again = Keyring::deserialize(kCluster, ring.serialize()).value();
  REQUIRE(again.retirement());
  CHECK(again.retirement()->through() == Epoch{2});
  REQUIRE(ring.retire_through(Epoch{2}));
  CHECK(ring.hold_retirement(retirement(2, link(2).digest())).error() == RingError::buried);
  CHECK(shape(ring) == "3+");
  CHECK(ring.retired().size() == 2);
}

TEST_CASE("any sequence of operations keeps the ring's promises") {
  int went_far = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    auto rng = test::test_rng("ring model " + std::to_string(seed));
    Keyring ring = bootstrapped();
    std::vector<std::pair<SignedAnnouncement, std::string>> all = {{link(1), "1"}};
    Epoch newest_key = Epoch{1};
    for (int step = 0; step < 120; ++step) {
      const ByteVector before = ring.serialize();
      const std::uint64_t version = ring.version();
      const Epoch floor = ring.retired_floor();
      const auto pick =
          static_cast<std::size_t>(all.size() - 1 - rng.below(std::min<std::size_t>(all.size(), 6)));
      const auto& [known, name] = all[pick];
      switch (rng.below(4)) {
        case 0: {
          const std::string fresh = std::to_string(seed) + "/" + std::to_string(step);
          const auto next = announce(known.announcement.epoch.value + 1, fresh, known.digest(),
                                     unix_seconds(known.announcement.signed_at) + 60);
          static_cast<void>(ring.offer(next));
          all.emplace_back(next, fresh);
          break;
        }
        case 1:
          static_cast<void>(ring.offer(known));
          break;
        case 2:
          static_cast<void>(ring.set_key(known.announcement.epoch, key_named(name)));
          break;
        default:
          static_cast<void>(ring.retire_through(Epoch{rng.below(known.announcement.epoch.value + 2)}));
          break;
      }
      const ByteVector after = ring.serialize();
      REQUIRE((after != before) == (ring.version() != version));
      REQUIRE(ring.version() >= version);
      REQUIRE(ring.entries().size() <= kLiveEpochsMax);
      REQUIRE(order_is_strict(ring));
      REQUIRE(ring.retired_floor() >= floor);
      REQUIRE(ring.entries().front().epoch() > ring.retired_floor());
      REQUIRE(ring.newest_with_key() != nullptr);
      REQUIRE(ring.newest_with_key()->epoch() >= newest_key);
      newest_key = ring.newest_with_key()->epoch();
      REQUIRE(Keyring::deserialize(kCluster, after).value().serialize() == after);
    }
    if (newest_key > Epoch{4}) ++went_far;
  }
  CHECK(went_far > 20);  // else the operations were too often refused to say much
}

}  // namespace
}  // namespace quorumor
