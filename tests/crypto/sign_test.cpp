#include "crypto/sign.h"

#include <sodium.h>

#include "helpers.h"

namespace quorumor {
namespace {

using test::array_at;

constexpr SignDomain kAllDomains[] = {
    SignDomain::credential,   SignDomain::core,       SignDomain::accusation,
    SignDomain::announcement, SignDomain::revocation, SignDomain::force_leave,
    SignDomain::event,        SignDomain::session,    SignDomain::request};

TEST_CASE("RFC 8032, section 7.1, tests 1 to 3: our seeds are its private keys") {
  struct Row {
    std::string_view seed, key, message, signature;
  };
  static constexpr Row kRows[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf"
       "5f0595b"
       "be24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2"
       "eaeb430"
       "2aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c1"
       "5e9716e"
       "d28dc027beceea1ec40a"},
  };
  for (const Row& row : kRows) {
    const auto key = SigningKey::from_seed(*array_from_hex<32>(row.seed));
    CHECK(to_hex(key.public_key()) == row.key);
    // The raw primitive, without our domain: libsodium's secret key is seed || public key.
    ByteVector secret = *from_hex(row.seed);
    secret.insert(secret.end(), key.public_key().begin(), key.public_key().end());
    const ByteVector message = *from_hex(row.message);
    Signature signature;
    crypto_sign_detached(uchar(MutableBytes(signature)), nullptr, uchar(Bytes(message)), message.size(),
                         uchar(Bytes(secret)));
    CHECK(to_hex(signature) == row.signature);
  }
}

TEST_CASE("golden vectors: a signature under each domain, and one of the longest content") {
  const test::Vectors v("crypto/sign.txt");
  const auto key = SigningKey::from_seed(array_at<32>(v, "seed"));
  CHECK(to_hex(key.public_key()) == to_hex(v.at("public_key")));
  const auto cluster = array_at<32>(v, "cluster");
  const ByteVector content = v.at("content");
  for (const SignDomain domain : kAllDomains) {
    const auto expected = array_at<64>(v, "signature_" + std::to_string(static_cast<int>(domain)));
    CHECK(to_hex(key.sign(domain, cluster, content)) == to_hex(expected));
    CHECK(verify(key.public_key(), domain, cluster, content, expected));
  }
  ByteVector longest(kSignedContentMax);
  for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<std::byte>(i % 251);
  CHECK(to_hex(key.sign(SignDomain::core, cluster, longest)) == to_hex(v.at("signature_longest")));
}

TEST_CASE("frozen verdicts of libsodium on the edge cases of Ed25519") {
  const test::Vectors v("crypto/ed25519_edge.txt");
  const auto cluster = array_at<32>(v, "cluster");
  std::size_t cases = 0;
  std::size_t accepted = 0;
  for (const auto& named : v.all()) {
    if (named.first == "cluster") continue;
    CAPTURE(named.first);
    const Bytes row = named.second;
    REQUIRE(row.size() >= 98);
    const auto key = test::array_of<32>(row.first(32));
    const auto signature = test::array_of<64>(row.subspan(32, 64));
    CHECK(verify(key, SignDomain::core, cluster, row.subspan(98), signature) == (row[96] == std::byte{1}));
    CHECK(is_valid_public_key(key) == (row[97] == std::byte{1}));
    ++cases;
    if (row[96] == std::byte{1}) ++accepted;
  }
  CHECK(cases == 90);
  CHECK(accepted == 2);  // the honest one, and the mixed-order key whose equation holds
}

TEST_CASE("a signature is for one key, domain, cluster and content") {
  const auto key = test::test_key("signer");
  const auto other = test::test_key("other");
  const auto cluster = test::test_digest("cluster");
  const Bytes content = as_bytes("content");
  const Signature signature = key.sign(SignDomain::core, cluster, content);
  const auto verifies = [&](const PublicKey& k, SignDomain d, const ClusterId& c, Bytes text,
                            const Signature& s) { return verify(k, d, c, text, s); };
  REQUIRE(verifies(key.public_key(), SignDomain::core, cluster, content, signature));
  CHECK_FALSE(verifies(other.public_key(), SignDomain::core, cluster, content, signature));
  CHECK_FALSE(verifies(key.public_key(), SignDomain::core, test::test_digest("x"), content, signature));
  CHECK_FALSE(verifies(key.public_key(), SignDomain::core, cluster, as_bytes("content "), signature));
  CHECK_FALSE(verifies(key.public_key(), SignDomain::core, cluster, {}, signature));
  for (const SignDomain domain : kAllDomains) {
    CHECK(verifies(key.public_key(), domain, cluster, content, signature) == (domain == SignDomain::core));
  }
  for (std::size_t bit = 0; bit < 512; ++bit) {
    const auto flipped = test::array_of<64>(test::with_bit_flipped(signature, bit));
    CHECK_FALSE(verifies(key.public_key(), SignDomain::core, cluster, content, flipped));
  }
  for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
    CHECK_FALSE(verifies(key.public_key(), SignDomain::core, cluster, test::with_bit_flipped(content, bit),
                         signature));
  }
}

TEST_CASE("empty content signs; content over the limit is refused, and signing it is a programmer's error") {
  const auto key = test::test_key("signer");
  const ClusterId cluster{};
  CHECK(verify(key.public_key(), SignDomain::event, cluster, {}, key.sign(SignDomain::event, cluster, {})));
  const ByteVector over(kSignedContentMax + 1);
  // Genuine but for its length: made with the primitive itself.
  ByteVector message(16);
  std::memcpy(message.data(), "quorumor event", 14);
  message.resize(16 + 32 + over.size());
  ByteVector secret = to_vector(key.seed().bytes());
  secret.insert(secret.end(), key.public_key().begin(), key.public_key().end());
  Signature signature;
  crypto_sign_detached(uchar(MutableBytes(signature)), nullptr, uchar(Bytes(message)), message.size(),
                       uchar(Bytes(secret)));
  CHECK_FALSE(verify(key.public_key(), SignDomain::event, cluster, over, signature));
  CHECK(test::aborts([&] { static_cast<void>(key.sign(SignDomain::event, cluster, over)); }));
}

TEST_CASE("a seed gives the same key again") {
  const auto key = test::test_key("stored");
  const auto again = SigningKey::from_seed(key.seed().bytes());
  CHECK(again.public_key() == key.public_key());
  CHECK(again.sign(SignDomain::core, {}, as_bytes("x")) == key.sign(SignDomain::core, {}, as_bytes("x")));
  CHECK(is_valid_public_key(key.public_key()));
}

}  // namespace
}  // namespace quorumor
