#include "crypto/passphrase.h"

#include "helpers.h"

namespace quorumor {
namespace {

constexpr PassphraseCost kCheap{1, 8};

ByteVector sealed_sample(Bytes plain) {
  auto rng = test::test_rng("box");
  return seal_with_passphrase(plain, as_bytes("words"), "identity", rng, kCheap).value();
}

TEST_CASE("golden vectors of a second implementation of Argon2id: a key, and a box that opens") {
  const test::Vectors v("crypto/passphrase.txt");
  const auto key = derive_from_passphrase(v.at("passphrase"), test::array_at<16>(v, "salt"), {2, 64});
  REQUIRE(key);
  CHECK(to_hex(key.value().bytes()) == to_hex(v.at("key")));
  const auto plain = open_with_passphrase(v.at("box"), v.at("passphrase"), "identity");
  REQUIRE(plain);
  CHECK(to_hex(plain.value()) == to_hex(v.at("plain")));
}

TEST_CASE("sealed boxes open again, at any size, under their own passphrase and purpose only") {
  for (const std::size_t size : {0U, 1U, 32U, 5000U}) {
    const ByteVector plain(size, std::byte{7});
    const ByteVector box = sealed_sample(plain);
    CHECK(is_passphrase_box(box));
    CHECK(open_with_passphrase(box, as_bytes("words"), "identity").value() == plain);
    CHECK(open_with_passphrase(box, as_bytes("word"), "identity").error() ==
          PassphraseError::wrong_passphrase);
    CHECK(open_with_passphrase(box, {}, "identity").error() == PassphraseError::wrong_passphrase);
    CHECK(open_with_passphrase(box, as_bytes("words"), "ring").error() == PassphraseError::wrong_passphrase);
  }
}

TEST_CASE("the same plaintext twice makes different boxes") {
  auto rng = test::test_rng("twice");
  const auto one = seal_with_passphrase(as_bytes("x"), as_bytes("words"), "identity", rng, kCheap).value();
  const auto two = seal_with_passphrase(as_bytes("x"), as_bytes("words"), "identity", rng, kCheap).value();
  const auto salt_of = [](const ByteVector& box) { return to_hex(Bytes(box).subspan(14, 16)); };
  const auto nonce_of = [](const ByteVector& box) { return to_hex(Bytes(box).subspan(30, 24)); };
  CHECK(salt_of(one) != salt_of(two));
  CHECK(nonce_of(one) != nonce_of(two));
}

TEST_CASE("a flipped bit anywhere: the box does not open") {
  const ByteVector box = sealed_sample(as_bytes("a secret"));
  REQUIRE(open_with_passphrase(box, as_bytes("words"), "identity"));
  for (std::size_t bit = 0; bit < box.size() * 8; ++bit) {
    // The upper bits of the costs are refused by their bounds (below); the rest of them would take seconds
    // here.
    if (bit >= 6 * 8 && bit < 14 * 8) continue;
    CHECK_FALSE(open_with_passphrase(test::with_bit_flipped(box, bit), as_bytes("words"), "identity"));
  }
}

TEST_CASE("the header is authenticated: a box of other, equally sound costs does not open") {
  ByteVector box = sealed_sample(as_bytes("a secret"));
  store_le<std::uint32_t>(box.data() + 6, 2);
  CHECK(open_with_passphrase(box, as_bytes("words"), "identity").error() ==
        PassphraseError::wrong_passphrase);
}

TEST_CASE("a box may not ask for more than the bounds, nor for nothing") {
  struct Row {
    std::uint32_t passes, memory_kib;
  };
  static constexpr Row kRows[] = {{0, 8}, {kPassesMax + 1, 8},    {0xffffffff, 8}, {1, 0},
                                  {1, 7}, {1, kMemoryKibMax + 1}, {1, 0xffffffff}, {0x80000001, 8}};
  for (const Row& row : kRows) {
    ByteVector box = sealed_sample(as_bytes("a secret"));
    store_le<std::uint32_t>(box.data() + 6, row.passes);
    store_le<std::uint32_t>(box.data() + 10, row.memory_kib);
    CAPTURE(row.passes);
    CAPTURE(row.memory_kib);
    CHECK(open_with_passphrase(box, as_bytes("words"), "identity").error() == PassphraseError::damaged);
  }
}

TEST_CASE("every truncation is refused, and what is no box is known as none") {
  const ByteVector box = sealed_sample(as_bytes("a secret"));
  for (std::size_t size = 0; size < box.size(); ++size) {
    const auto result = open_with_passphrase(Bytes(box).first(size), as_bytes("words"), "identity");
    REQUIRE_FALSE(result);
    const bool has_whole_header = size >= 6 + 8 + 16 + 24 + 16;
    CHECK(result.error() ==
          (has_whole_header ? PassphraseError::wrong_passphrase : PassphraseError::damaged));
  }
  CHECK_FALSE(is_passphrase_box({}));
  CHECK_FALSE(is_passphrase_box(as_bytes("QSEAL")));
  CHECK_FALSE(is_passphrase_box(as_bytes("QSEAL2 and more")));
  CHECK(open_with_passphrase(as_bytes("not a box"), as_bytes("words"), "identity").error() ==
        PassphraseError::damaged);
}

TEST_CASE("salt and cost enter the key") {
  const auto key = [](unsigned salt_byte, PassphraseCost cost) {
    ByteArray<16> salt{};
    salt[0] = static_cast<std::byte>(salt_byte);
    return to_hex(derive_from_passphrase(as_bytes("words"), salt, cost).value().bytes());
  };
  const std::string base = key(0, kCheap);
  CHECK(base == key(0, kCheap));
  CHECK(base != key(1, kCheap));
  CHECK(base != key(0, {2, 8}));
  CHECK(base != key(0, {1, 16}));
}

TEST_CASE("one key seals many boxes of one salt, each of which opens alone") {
  auto rng = test::test_rng("many");
  const auto key = PassphraseKey::make(as_bytes("words"), rng, kCheap);
  REQUIRE(key);
  const ByteVector one = key.value().seal(as_bytes("x"), "ring", rng);
  const ByteVector two = key.value().seal(as_bytes("x"), "ring", rng);
  CHECK(one != two);
  CHECK(key.value().has_salt_of(one));
  CHECK(key.value().has_salt_of(two));
  CHECK(!key.value().has_salt_of(sealed_sample(as_bytes("x"))));
  CHECK(as_text(key.value().open(two, "ring").value()) == "x");
  CHECK(as_text(open_with_passphrase(two, as_bytes("words"), "ring").value()) == "x");
  CHECK(key.value().open(two, "identity").error() == PassphraseError::wrong_passphrase);
  CHECK(key.value().open(Bytes(two).first(20), "ring").error() == PassphraseError::damaged);

  const auto again = PassphraseKey::of(one, as_bytes("words"));
  REQUIRE(again);
  CHECK(as_text(again.value().open(two, "ring").value()) == "x");
  const auto wrong = PassphraseKey::of(one, as_bytes("word"));
  REQUIRE(wrong);
  CHECK(wrong.value().open(one, "ring").error() == PassphraseError::wrong_passphrase);
  CHECK(PassphraseKey::of(as_bytes("no box"), as_bytes("words")).error() == PassphraseError::damaged);
}

}  // namespace
}  // namespace quorumor
