#include "crypto/drbg.h"

#include "helpers.h"

namespace quorumor {
namespace {

ByteVector draw(Drbg& rng, std::size_t size) {
  ByteVector out(size);
  rng.fill(out);
  return out;
}

TEST_CASE("golden vectors: the whole stream is fixed by seed and label") {
  const test::Vectors v("crypto/drbg.txt");
  const auto seed = test::array_at<32>(v, "seed");
  for (const char* label : {"public", "secret"}) {
    Drbg rng(seed, label);
    CHECK(to_hex(draw(rng, 600)) == to_hex(v.at(label)));
  }
}

TEST_CASE("the stream does not depend on how it is cut") {
  auto whole = test::test_rng("cut");
  const ByteVector expected = draw(whole, 2000);
  auto sizes = test::test_rng("sizes");
  auto pieces = test::test_rng("cut");
  ByteVector got;
  while (got.size() < expected.size()) {
    const auto size =
        std::min<std::size_t>(static_cast<std::size_t>(sizes.below(300)), expected.size() - got.size());
    const ByteVector piece = draw(pieces, size);
    got.insert(got.end(), piece.begin(), piece.end());
  }
  CHECK(got == expected);
}

TEST_CASE("labels and seeds make independent streams") {
  ByteArray<32> seed{};
  Drbg a(seed, "public");
  Drbg b(seed, "secret");
  seed[31] = std::byte{1};
  Drbg c(seed, "public");
  const ByteVector first = draw(a, 64);
  CHECK(first != draw(b, 64));
  CHECK(first != draw(c, 64));
}

}  // namespace
}  // namespace quorumor
