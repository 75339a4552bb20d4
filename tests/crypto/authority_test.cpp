#include "crypto/authority.h"

#include "crypto/passphrase.h"
#include "bundle_checks.h"

namespace quorumor {
namespace {

using test::array_at;

Bundle sample() {
  const auto authority = test::test_key("authority");
  Credential c;
  c.id[0] = std::byte{1};
  c.identity = test::test_key("identity").public_key();
  c.serial = Serial{1};
  c.not_before = wall_from_seconds(1);
  c.not_after = wall_from_seconds(2);
  c.name = std::string("n");
  const auto cluster = make_cluster_id(authority.public_key(), "lan");
  return {authority.public_key(), "lan", issue_credential(authority, cluster, c)};
}

TEST_CASE("golden vector: a bundle, there and back") {
  const test::Vectors v("crypto/credential.txt");
  const auto bundle = decode_bundle(v.at("bundle"));
  REQUIRE(bundle);
  CHECK(bundle.value().label == "prod/dc1");
  CHECK(to_hex(bundle.value().authority) == to_hex(v.at("authority_key")));
  CHECK(to_hex(bundle.value().cluster()) == to_hex(v.at("cluster")));
  CHECK(bundle.value().credential.credential.name == "node-1.example");
  CHECK(to_hex(encode_bundle(bundle.value())) == to_hex(v.at("bundle")));
}

TEST_CASE("every truncation, every flipped bit and every added byte is refused") {
  const ByteVector bytes = encode_bundle(sample());
  REQUIRE(decode_bundle(bytes));
  test::check_is_exact(bytes);
}

TEST_CASE("random and mutated bytes are refused without harm") {
  auto rng = test::test_rng("bundle fuzz");
  const ByteVector bytes = encode_bundle(sample());
  for (int i = 0; i < 2000; ++i) {
    const ByteVector wrong = i % 2 == 0 ? test::random_bytes(rng, 700) : test::mutated(bytes, rng);
    if (wrong != bytes) CHECK_FALSE(decode_bundle(wrong));
  }
}

TEST_CASE("a bundle whose label or authority is not the credential's is refused") {
  Bundle other_label = sample();
  other_label.label = "wan";
  CHECK(decode_bundle(encode_bundle(other_label)).error() == CredentialError::bad_signature);
  Bundle other_authority = sample();
  other_authority.authority = test::test_key("x").public_key();
  CHECK(decode_bundle(encode_bundle(other_authority)).error() == CredentialError::bad_signature);
  Bundle small = sample();
  small.authority = {};
  CHECK(decode_bundle(encode_bundle(small)).error() == CredentialError::bad_key);
}

TEST_CASE("the largest bundle fits its limit exactly") {
  Bundle b = sample();
  b.label = std::string(kNameMax, 'l');
  b.credential.content.assign(kCredentialContentMax, std::byte{0});
  CHECK(encode_bundle(b).size() + kEndorsementListMax == kBundleMax);  // a standby's has more (authorities_test.cpp)
}

TEST_CASE("the estimate of a passphrase is conservative") {
  struct Row {
    std::string_view text;
    unsigned least, most;  // bits
  };
  static constexpr Row kRows[] = {
      {"", 0, 0},
      {"a", 0, 0},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 1},
      {"abababababababababababababababababababab", 0, 10},
      {"abcdefghijklmnopqrstuvwxyz0123456789", 0, 15},
      {"password", 0, 20},
      {"Tr0ub4dor&3", 0, 45},
      {"Tr0ub4dor&3Tr0ub4dor&3Tr0ub4dor&3", 0, 60},
      {"correct horse battery staple", 30, 44},  // 44 bits
      {"9f86d081884c7d65", 30, 64},              // 64 bits
      {"9f86d081884c7d659a2feaa0c55ad015", 80, 128},
      {"vY3k+Qm1Zr8wT0xJp5Ls/c7N", 80, 144},
      {"unsaved copier headlock tinfoil scabbed gravity oxidant relish", 80,
       103},  // 8 words of EFF: 103 bits
  };
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    const unsigned bits = estimate_strength_bits(row.text);
    CHECK(bits >= row.least);
    CHECK(bits <= row.most);
  }
}

TEST_CASE("a longer passphrase is not weaker for repeating itself, and length is bounded") {
  const std::string long_one(100000, 'x');
  CHECK(estimate_strength_bits(long_one) == 0);
  std::string varied;
  auto rng = test::test_rng("passphrase");
  for (int i = 0; i < 5000; ++i) varied.push_back(static_cast<char>(rng.below(256)));
  CHECK(estimate_strength_bits(varied) <= 256 * 8);
}

TEST_CASE("a shared secret gives one key, from words and label, at the fixed cost") {
  const test::Vectors v("crypto/passphrase.txt");
  static constexpr std::string_view kWords = "9f86d081884c7d659a2feaa0c55ad015";
  const auto key = authority_from_shared_secret(kWords, "prod/dc1");
  REQUIRE(key);
  const auto salt = test::array_at<16>(v, "shared_secret_salt");
  const auto seed = derive_from_passphrase(as_bytes(kWords), salt, {3, 65536});
  REQUIRE(seed);
  CHECK(key.value().public_key() == SigningKey::from_seed(seed.value().bytes()).public_key());
  CHECK(authority_from_shared_secret(kWords, "prod/dc2").value().public_key() != key.value().public_key());
}

TEST_CASE("a weak shared secret is refused before any work") {
  CHECK(authority_from_shared_secret("correct horse battery staple", "lan").error() ==
        SharedSecretError::too_weak);
}

}  // namespace
}  // namespace quorumor
