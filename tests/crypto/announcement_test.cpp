#include "crypto/announcement.h"

#include <functional>

#include "helpers.h"

namespace quorumor {
namespace {

using test::array_at;

constexpr std::size_t kEpochAt = 2 + 16 + 8;
constexpr std::size_t kSuiteAt = kEpochAt + 8 + 32 + 32;
constexpr std::size_t kDefenseAt = kSuiteAt + 1;
constexpr std::size_t kBetaAt = kDefenseAt + 1;
constexpr std::size_t kEpsilonAt = kBetaAt + 4;
constexpr std::size_t kSignedAt = kEpsilonAt + 1 + 4;
constexpr std::size_t kCountAt = kSignedAt + 8;

EpochKey key_at(const test::Vectors& v, const char* name) {
  return {Secret<32>::copy_of(array_at<32>(v, name))};
}

Announcement sample() {
  Announcement a;
  a.signer[3] = std::byte{3};
  a.signer_serial = Serial{5};
  a.epoch = Epoch{9};
  a.predecessor = test::test_digest("predecessor");
  a.commitment = test::test_digest("commitment");
  a.signed_at = wall_from_millis(1'700'000'000'123);
  a.revocations = {test::test_digest("r1"), test::test_digest("r2")};
  return a;
}

TEST_CASE("golden vectors: a first epoch, a second, a retirement; content, signature, digest") {
  const test::Vectors v("crypto/announcement.txt");
  const auto cluster = array_at<32>(v, "cluster");
  const auto keymaster = SigningKey::from_seed(array_at<32>(v, "keymaster_seed"));
  const auto check = [&](const std::string& name, const Announcement& a) {
    CAPTURE(name);
    const auto made = sign_announcement(keymaster, cluster, a);
    CHECK(to_hex(made.content) == to_hex(v.at(name + "_content")));
    CHECK(to_hex(made.signature) == to_hex(v.at(name + "_signature")));
    CHECK(to_hex(made.digest()) == to_hex(v.at(name + "_digest")));
    const auto read = verify_announcement(keymaster.public_key(), cluster, made.content, made.signature);
    REQUIRE(read);
    CHECK(read.value().announcement == a);
    return made.digest();
  };
  Announcement a;
  a.signer = array_at<16>(v, "signer");
  a.signer_serial = Serial{5};
  a.epoch = Epoch{1};
  a.commitment = key_at(v, "epoch_key_1").commitment(cluster);
  a.signed_at = wall_from_millis(1'700'000'000'123);
  const Commitment first_commitment = a.commitment;
  a.predecessor = check("first", a);

  a.epoch = Epoch{2};
  a.commitment = key_at(v, "epoch_key_2").commitment(cluster);
  a.parameters = {Suite::aes256_gcm, false, 333'333, 18, 1};
  a.signed_at = wall_from_millis(1'700'000'060'123);
  const auto decoded = decode_announcement(v.at("second_content"));
  REQUIRE(decoded);
  REQUIRE(decoded.value().revocations.size() == kAnnouncedRevocationsMax);
  a.revocations = decoded.value().revocations;
  a.predecessor = check("second", a);
  CHECK(v.at("second_content").size() == kAnnouncementContentMax);

  a.kind = AnnouncementKind::retire;
  a.epoch = Epoch{1};
  a.commitment = first_commitment;
  a.signed_at = wall_from_millis(1'700'000'070'000);
  a.revocations.clear();
  check("retire", a);
}

TEST_CASE("golden vectors: the chain of seeds") {
  const test::Vectors v("crypto/epoch.txt");
  const Digest first = first_seed(array_at<32>(v, "cluster"));
  CHECK(to_hex(first) == to_hex(v.at("seed_1")));
  const Digest second = next_seed(first, Epoch{2});
  CHECK(to_hex(second) == to_hex(v.at("seed_2")));
  CHECK(to_hex(next_seed(second, Epoch{3})) == to_hex(v.at("seed_3")));
}

TEST_CASE("values at their limits pass, and one beyond is refused") {
  using E = AnnouncementError;
  const auto check = [](std::optional<E> expected, const std::function<void(ByteVector&)>& patch) {
    ByteVector content = encode_announcement(sample());
    patch(content);
    const auto result = decode_announcement(content);
    CHECK(result.has_value() == !expected.has_value());
    if (expected && !result) CHECK(result.error() == *expected);
    if (result) CHECK(encode_announcement(result.value()) == content);
  };
  const auto byte = [](std::size_t at, unsigned value) {
    return [=](ByteVector& c) { c[at] = static_cast<std::byte>(value); };
  };
  const auto u32 = [](std::size_t at, std::uint32_t value) {
    return [=](ByteVector& c) { store_le<std::uint32_t>(c.data() + at, value); };
  };
  const auto u64 = [](std::size_t at, std::uint64_t value) {
    return [=](ByteVector& c) { store_le<std::uint64_t>(c.data() + at, value); };
  };
  check({}, [](ByteVector&) {});
  check(E::malformed, byte(0, 0));
  check(E::malformed, byte(0, 2));
  check(E::bad_value, byte(1, 0));
  check({}, byte(1, 2));
  check(E::bad_value, byte(1, 3));
  check(E::bad_value, u64(kEpochAt, 0));
  check({}, u64(kEpochAt, ~std::uint64_t{0}));
  check(E::bad_value, byte(kSuiteAt, 0));
  check({}, byte(kSuiteAt, 2));
  check(E::bad_value, byte(kSuiteAt, 3));
  check({}, byte(kDefenseAt, 0));
  check(E::bad_value, byte(kDefenseAt, 2));  // another spelling of true
  check({}, u32(kBetaAt, 0));
  check({}, u32(kBetaAt, 333'333));
  check(E::bad_value, u32(kBetaAt, 333'334));
  check(E::bad_value, byte(kEpsilonAt, 0));
  check({}, byte(kEpsilonAt, 18));
  check(E::bad_value, byte(kEpsilonAt, 19));
  check({}, u64(kSignedAt, 0));
  check(E::bad_value, u64(kSignedAt, ~std::uint64_t{0}));
  check({}, u64(kSignedAt, 253'402'300'799'999));
  check(E::bad_value, u64(kSignedAt, 253'402'300'800'000));
  check(E::malformed, byte(kCountAt, 1));
  check(E::malformed, byte(kCountAt, 3));
  check(E::malformed, [](ByteVector& c) { c.push_back(std::byte{0}); });
  check(E::malformed, [](ByteVector& c) {  // well-formed, but too many
    c[kCountAt] = std::byte{kAnnouncedRevocationsMax + 1};
    c.resize(kCountAt + 1 + 32 * (kAnnouncedRevocationsMax + 1));
  });
}

TEST_CASE("every truncation is refused") {
  const ByteVector content = encode_announcement(sample());
  for (std::size_t size = 0; size < content.size(); ++size) {
    CAPTURE(size);
    CHECK(decode_announcement(Bytes(content).first(size)).error() == AnnouncementError::malformed);
  }
}

TEST_CASE("whatever decodes encodes to the same bytes") {
  auto rng = test::test_rng("announcement fuzz");
  const ByteVector content = encode_announcement(sample());
  int decoded = 0;
  for (int i = 0; i < 20000; ++i) {
    const ByteVector bytes = i % 5 == 0 ? test::random_bytes(rng, 700) : test::mutated(content, rng);
    const auto result = decode_announcement(bytes);
    if (!result) continue;
    ++decoded;
    CHECK(encode_announcement(result.value()) == bytes);
  }
  CHECK(decoded > 1000);
}

TEST_CASE("an announcement verifies for its signer and cluster only, to the bit") {
  const auto keymaster = test::test_key("keymaster");
  const auto cluster = test::test_digest("cluster");
  const auto made = sign_announcement(keymaster, cluster, sample());
  const auto& key = keymaster.public_key();
  REQUIRE(verify_announcement(key, cluster, made.content, made.signature));
  CHECK(verify_announcement(key, test::test_digest("x"), made.content, made.signature).error() ==
        AnnouncementError::bad_signature);
  CHECK(
      verify_announcement(test::test_key("x").public_key(), cluster, made.content, made.signature).error() ==
      AnnouncementError::bad_signature);
  for (std::size_t bit = 0; bit < made.content.size() * 8; ++bit) {
    CHECK_FALSE(verify_announcement(key, cluster, test::with_bit_flipped(made.content, bit), made.signature));
  }
}

TEST_CASE("encoding what is out of range is a programmer's error") {
  CHECK(test::aborts([] { encode_announcement(Announcement{}); }));  // epoch 0
  CHECK(test::aborts([] {
    Announcement a = sample();
    a.revocations.resize(kAnnouncedRevocationsMax + 1);
    encode_announcement(a);
  }));
}

}  // namespace
}  // namespace quorumor
