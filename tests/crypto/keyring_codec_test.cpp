// Keyring::serialize and deserialize; what the ring does is in keyring_test.cpp.
#include "keyring_fixture.h"

namespace quorumor {
namespace {

using test::array_at;
using test::chain;
using test::kCluster;
using test::key_named;
using test::shape;

ByteVector with_right_checksum(ByteVector bytes) {
  const Bytes body = Bytes(bytes).first(bytes.size() - 32);
  const Digest sum = hash("quorumor ring", {body});
  std::memcpy(bytes.data() + body.size(), sum.data(), sum.size());
  return bytes;
}

TEST_CASE("golden vector: a serialised ring") {
  const test::Vectors v("crypto/ring.txt");
  const test::Vectors names("crypto/announcement.txt");
  const auto cluster = array_at<32>(names, "cluster");
  const auto read = [&](const std::string& name) {
    return verify_announcement(array_at<32>(names, "keymaster_key"), cluster, names.at(name + "_content"),
                               array_at<64>(names, name + "_signature"))
        .value();
  };
  Keyring ring(cluster);
  ring.bootstrap(read("first"), {Secret<32>::copy_of(array_at<32>(names, "epoch_key_1"))});
  REQUIRE(ring.offer(read("second")));
  CHECK(to_hex(ring.serialize()) == to_hex(v.at("ring_3")));
  for (const char* layout : {"ring", "ring_2", "ring_3"}) {  // former layouts are still read
    const auto again = Keyring::deserialize(cluster, v.at(layout));
    REQUIRE(again);
    CHECK(shape(again.value()) == "1+ 2-");
    CHECK(again.value().serialize() == ring.serialize());
  }
}

TEST_CASE("a ring survives its serialisation: floor, entries, seeds, keys, secrets") {
  for (std::uint64_t last_key = 1; last_key <= 4; ++last_key) {
    Keyring ring = chain(4, last_key);
    if (last_key > 1) REQUIRE(ring.retire_through(Epoch{last_key - 1}));
    const ByteVector bytes = ring.serialize();
    CHECK(bytes.size() <= kRingBytesMax);
    const auto again = Keyring::deserialize(kCluster, bytes);
    REQUIRE(again);
    CHECK(again.value().serialize() == bytes);
    CHECK(shape(again.value()) == shape(ring));
    CHECK(again.value().retired_floor() == ring.retired_floor());
    CHECK(equal(again.value().newest_with_key()->secrets.group_key.bytes(),
                ring.newest_with_key()->secrets.group_key.bytes()));
  }
  CHECK(Keyring::deserialize(kCluster, Keyring(kCluster).serialize()).value().entries().empty());
}

TEST_CASE("the largest ring fits its limit exactly") {
  Announcement a;
  a.epoch = Epoch{7};
  a.revocations.resize(kAnnouncedRevocationsMax);
  a.parameters.min_interval_s = 0;
  const auto keymaster = test::test_key("keymaster");
  const ByteVector signer(kSignerBytesMax);
  Keyring ring(kCluster);
  for (std::size_t i = 0; i < kRememberedLinksMax + kLiveEpochsMax; ++i) {
    a.commitment = key_named(std::to_string(i)).commitment(kCluster);
    const auto made = sign_announcement(keymaster, kCluster, a);
    if (i == 0) REQUIRE(ring.adopt(made, {}, signer));
    if (i > 0) REQUIRE(ring.offer(made, signer));
    REQUIRE(ring.set_key(a.epoch, key_named(std::to_string(i))));
    a.epoch = *a.epoch.next();
    a.predecessor = made.digest();
  }
  CHECK(ring.entries().size() == kLiveEpochsMax);
  CHECK(ring.retired().size() == kRetiredEpochsMax);
  a.kind = AnnouncementKind::retire;
  a.epoch = ring.entries().front().epoch();
  a.predecessor = ring.entries().front().announcement.digest();
  REQUIRE(ring.hold_retirement(sign_announcement(keymaster, kCluster, a), signer));
  CHECK(ring.serialize().size() == kRingBytesMax);
  CHECK(Keyring::deserialize(kCluster, ring.serialize()));
}

TEST_CASE("every flipped bit and every truncation is damage; another cluster's ring is told so") {
  const ByteVector bytes = chain(2, 1).serialize();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    CHECK(Keyring::deserialize(kCluster, test::with_bit_flipped(bytes, bit)).error() == RingError::damaged);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(Keyring::deserialize(kCluster, Bytes(bytes).first(size)).error() == RingError::damaged);
  }
  CHECK(Keyring::deserialize(test::test_digest("other"), bytes).error() == RingError::wrong_cluster);
}

TEST_CASE("bytes with a right checksum but wrong contents are damage too") {
  const Keyring ring = chain(2, 2);
  const ByteVector bytes = ring.serialize();
  const std::size_t entry_at = 6 + 32 + 8 + 2;
  const std::size_t content = ring.entries()[0].announcement.content.size();
  const std::size_t seed_at = 2 + content + 64 + 2;  // behind an empty signer
  const std::size_t entry_size = seed_at + 32 + 1 + 32;
  const auto damaged = [&](std::size_t at, unsigned flip) {
    ByteVector wrong = bytes;
    wrong[at] ^= static_cast<std::byte>(flip);
    const auto result = Keyring::deserialize(kCluster, with_right_checksum(wrong));
    return !result && result.error() == RingError::damaged;
  };
  REQUIRE(Keyring::deserialize(kCluster, with_right_checksum(bytes)));
  CHECK(damaged(0, 1));                                         // magic
  CHECK(damaged(38, 1));                                        // a floor that buries epoch 1
  CHECK(damaged(46, 1));                                        // count 3
  CHECK(damaged(46, 3));                                        // count 1: bytes are left
  CHECK(damaged(47, 1));                                        // a retired one that is none
  CHECK(damaged(entry_at, 1));                                  // length of the content
  CHECK(damaged(entry_at + 2, 2));                              // version of the announcement
  CHECK(damaged(entry_at + 3, 3));                              // a retirement
  CHECK(damaged(entry_at + seed_at, 1));                        // seed of epoch 1
  CHECK(damaged(entry_at + entry_size + seed_at, 1));           // seed of epoch 2
  CHECK(damaged(entry_at + seed_at + 32, 2));                   // has key: 3
  CHECK(damaged(entry_at + seed_at + 32 + 1, 1));               // a key that is not the committed one
  CHECK(damaged(entry_at + 2 * entry_size, 1));                 // one remembered link that is none
  CHECK(damaged(entry_at + 2 * entry_size + 1, 1));             // a retirement that is none

  // What a remembered link says against its announcement's content.
  Keyring moved_on = chain(2, 2);
  REQUIRE(moved_on.retire_through(Epoch{1}));
  moved_on.wipe_retired(test::link(1).announcement.commitment);
  const ByteVector linked = moved_on.serialize();
  const std::size_t link_at = entry_at + entry_size + 1;
  for (const std::size_t at : {link_at, link_at + 8, link_at + 72, link_at + 80, link_at + 84 + 2 + 60}) {
    CAPTURE(at - link_at);
    ByteVector wrong = linked;
    wrong[at] ^= std::byte{2};
    CHECK(Keyring::deserialize(kCluster, with_right_checksum(wrong)).error() == RingError::damaged);
  }

  ByteVector swapped(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(entry_at));
  for (const std::size_t i : {1U, 0U}) {
    const Bytes entry = Bytes(bytes).subspan(entry_at + i * entry_size, entry_size);
    swapped.insert(swapped.end(), entry.begin(), entry.end());
  }
  swapped.resize(bytes.size() - 32);
  std::memcpy(swapped.data() + swapped.size() - 2, bytes.data() + swapped.size() - 2, 2);
  swapped.resize(bytes.size());
  CHECK_FALSE(Keyring::deserialize(kCluster, with_right_checksum(swapped)));
}

TEST_CASE("mutated rings with right checksums do no harm: what is accepted serialises to the same bytes") {
  auto rng = test::test_rng("ring fuzz");
  const ByteVector bytes = chain(3, 2).serialize();
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    ByteVector wrong = i % 10 == 0 ? test::random_bytes(rng, 900) : test::mutated(bytes, rng);
    if (wrong.size() < 32) continue;
    wrong = with_right_checksum(std::move(wrong));
    const auto result = Keyring::deserialize(kCluster, wrong);
    if (!result) continue;
    ++accepted;
    REQUIRE(result.value().serialize() == wrong);
  }
  CHECK(accepted > 100);  // signatures, for one, are not this function's to check
}

}  // namespace
}  // namespace quorumor
