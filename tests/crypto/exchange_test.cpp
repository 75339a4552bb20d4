#include "crypto/exchange.h"

#include "helpers.h"

namespace quorumor {
namespace {

SessionKey key_from(std::string_view hex) { return SessionKey::from_bytes(*array_from_hex<32>(hex)); }

TEST_CASE("RFC 7748, section 5.2: two scalar multiplications") {
  struct Row {
    std::string_view scalar, point, product;
  };
  static constexpr Row kRows[] = {
      {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
       "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
       "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
      {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
       "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
       "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
  };
  for (const Row& row : kRows) {
    const auto shared = key_from(row.scalar).shared_with(*array_from_hex<32>(row.point));
    REQUIRE(shared.has_value());
    CHECK(to_hex(shared->bytes()) == row.product);
  }
}

TEST_CASE("RFC 7748, section 6.1: Diffie-Hellman") {
  const auto alice = key_from("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const auto bob = key_from("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  CHECK(to_hex(alice.public_key()) == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(to_hex(bob.public_key()) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const auto shared = alice.shared_with(bob.public_key());
  REQUIRE(shared.has_value());
  CHECK(to_hex(shared->bytes()) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TEST_CASE("points of small order are refused: they would make the shared secret anybody's") {
  // The list of https://cr.yp.to/ecdh.html, with the top bit (ignored by X25519) set and not.
  static constexpr std::string_view kSmall[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  auto rng = test::test_rng("small");
  const auto own = SessionKey::generate(rng);
  for (const std::string_view hex : kSmall) {
    CAPTURE(hex);
    auto point = *array_from_hex<32>(hex);
    CHECK_FALSE(own.shared_with(point).has_value());
    point[31] |= std::byte{0x80};
    CHECK_FALSE(own.shared_with(point).has_value());
  }
}

TEST_CASE("both sides arrive at the same secret, strangers at another") {
  auto rng = test::test_rng("exchange");
  const auto a = SessionKey::generate(rng);
  const auto b = SessionKey::generate(rng);
  const auto c = SessionKey::generate(rng);
  const auto ab = a.shared_with(b.public_key());
  const auto ba = b.shared_with(a.public_key());
  const auto ac = a.shared_with(c.public_key());
  REQUIRE((ab && ba && ac));
  CHECK(equal(ab->bytes(), ba->bytes()));
  CHECK_FALSE(equal(ab->bytes(), ac->bytes()));
  CHECK(a.public_key() != b.public_key());
}

}  // namespace
}  // namespace quorumor
