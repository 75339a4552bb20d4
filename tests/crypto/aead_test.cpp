#include "crypto/aead.h"

#include "crypto/aead_software.h"
#include "helpers.h"

namespace quorumor {
namespace {

using test::array_at;

// The ways to seal, behind one signature, so that each property is tested on all.
struct Sealer {
  const char* name;
  void (*seal)(MutableBytes, Bytes, Bytes, const Nonce192&, std::span<const std::byte, 32>);
  bool (*open)(MutableBytes, Bytes, Bytes, const Nonce192&, std::span<const std::byte, 32>);
};

Nonce96 short_nonce(const Nonce192& nonce) { return test::array_of<12>(Bytes(nonce).first(12)); }

const Sealer kChaCha = {
    "chacha20_poly1305",
    [](MutableBytes o, Bytes p, Bytes a, const Nonce192& n, std::span<const std::byte, 32> k) {
      aead_seal(Suite::chacha20_poly1305, o, p, a, short_nonce(n), k);
    },
    [](MutableBytes o, Bytes s, Bytes a, const Nonce192& n, std::span<const std::byte, 32> k) {
      return aead_open(Suite::chacha20_poly1305, o, s, a, short_nonce(n), k);
    }};
const Sealer kGcm = {
    "aes256_gcm",
    [](MutableBytes o, Bytes p, Bytes a, const Nonce192& n, std::span<const std::byte, 32> k) {
      aead_seal(Suite::aes256_gcm, o, p, a, short_nonce(n), k);
    },
    [](MutableBytes o, Bytes s, Bytes a, const Nonce192& n, std::span<const std::byte, 32> k) {
      return aead_open(Suite::aes256_gcm, o, s, a, short_nonce(n), k);
    }};
const Sealer kSoftwareGcm = {
    "aes256_gcm in software",
    [](MutableBytes o, Bytes p, Bytes a, const Nonce192& n, std::span<const std::byte, 32> k) {
      detail::software_gcm_seal(o, p, a, short_nonce(n), k);
    },
    [](MutableBytes o, Bytes s, Bytes a, const Nonce192& n, std::span<const std::byte, 32> k) {
      return detail::software_gcm_open(o, s, a, short_nonce(n), k);
    }};
const Sealer kXChaCha = {"xchacha20_poly1305",
                         [](MutableBytes o, Bytes p, Bytes a, const Nonce192& n,
                            std::span<const std::byte, 32> k) { xaead_seal(o, p, a, n, k); },
                         [](MutableBytes o, Bytes s, Bytes a, const Nonce192& n,
                            std::span<const std::byte, 32> k) { return xaead_open(o, s, a, n, k); }};
const Sealer kSealers[] = {kChaCha, kGcm, kSoftwareGcm, kXChaCha};

struct Input {
  ByteArray<32> key;
  Nonce192 nonce;
  ByteVector plain;
  ByteVector associated;
};

Input random_input(Rng& rng, std::size_t plain_size, std::size_t associated_size) {
  Input in{{}, {}, ByteVector(plain_size), ByteVector(associated_size)};
  rng.fill(in.key);
  rng.fill(in.nonce);
  rng.fill(in.plain);
  rng.fill(in.associated);
  return in;
}

ByteVector seal(const Sealer& sealer, const Input& in) {
  ByteVector out(in.plain.size() + kAeadTag);
  sealer.seal(out, in.plain, in.associated, in.nonce, in.key);
  return out;
}

TEST_CASE("RFC 8439, section 2.8.2: ChaCha20-Poly1305") {
  const auto key = *array_from_hex<32>("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const auto nonce = *array_from_hex<12>("070000004041424344454647");
  const auto associated = *from_hex("50515253c0c1c2c3c4c5c6c7");
  const Bytes plain = as_bytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
      "would be it.");
  ByteVector out(plain.size() + kAeadTag);
  aead_seal(Suite::chacha20_poly1305, out, plain, associated, nonce, key);
  CHECK(to_hex(out) ==
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71"
        "de0a"
        "9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b"
        "7a9d"
        "e576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
}

TEST_CASE("McGrew and Viega, test cases 13, 14 and 16: AES-256-GCM in both implementations") {
  struct Row {
    std::string_view key, nonce, plain, associated, sealed;
  };
  static constexpr std::string_view kZero =
      "0000000000000000000000000000000000000000000000000000000000000000";
  static constexpr Row kRows[] = {
      {kZero, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
      {kZero, "000000000000000000000000", "00000000000000000000000000000000", "",
       "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
      {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
       "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16ae"
       "df5"
       "aa0de657ba637b39",
       "feedfacedeadbeeffeedfacedeadbeefabaddad2",
       "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61"
       "e63"
       "93ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
  };
  for (const Row& row : kRows) {
    const auto nonce = *array_from_hex<12>(row.nonce);
    Input in{*array_from_hex<32>(row.key), {}, *from_hex(row.plain), *from_hex(row.associated)};
    std::memcpy(in.nonce.data(), nonce.data(), nonce.size());
    CHECK(to_hex(seal(kGcm, in)) == row.sealed);
    CHECK(to_hex(seal(kSoftwareGcm, in)) == row.sealed);
  }
}

TEST_CASE("golden vectors of a second implementation") {
  const test::Vectors v("crypto/aead.txt");
  const Input in{array_at<32>(v, "key"), array_at<24>(v, "nonce_192"), v.at("plain"), v.at("associated")};
  CHECK(to_hex(seal(kChaCha, in)) == to_hex(v.at("chacha_sealed")));
  CHECK(to_hex(seal(kXChaCha, in)) == to_hex(v.at("xchacha_sealed")));
  CHECK(to_hex(seal(kXChaCha, {in.key, in.nonce, {}, {}})) == to_hex(v.at("xchacha_empty")));
  ByteArray<32> mask;
  hchacha20(mask, array_at<16>(v, "hchacha_in"), in.key);
  CHECK(to_hex(mask) == to_hex(v.at("hchacha_out")));
}

// On a machine with AES instructions the two are different code; elsewhere this compares one with itself.
TEST_CASE("the suite's two implementations make the same bytes and open each other's, at every small size") {
  auto rng = test::test_rng("gcm");
  for (std::size_t size = 0; size < 100; ++size) {
    const Input in = random_input(rng, size, size % 40);
    const ByteVector hardware = seal(kGcm, in);
    CHECK(to_hex(hardware) == to_hex(seal(kSoftwareGcm, in)));
    ByteVector out(size);
    CHECK(kSoftwareGcm.open(out, hardware, in.associated, in.nonce, in.key));
    CHECK(out == in.plain);
  }
  // On a machine with AES instructions the two are different code; elsewhere this test compares one with
  // itself.
  MESSAGE("AES hardware: " << has_aes_hardware());
}

TEST_CASE("sealing and opening in place, at sizes around the block sizes") {
  auto rng = test::test_rng("in place");
  for (const Sealer& sealer : kSealers) {
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 63U, 64U, 65U, 127U, 128U, 129U, 1000U, 1168U}) {
      CAPTURE(sealer.name);
      CAPTURE(size);
      const Input in = random_input(rng, size, 24);
      ByteVector buffer = in.plain;
      buffer.resize(size + kAeadTag);
      sealer.seal(buffer, MutableBytes(buffer).first(size), in.associated, in.nonce, in.key);
      CHECK(buffer == seal(sealer, in));
      CHECK(sealer.open(MutableBytes(buffer).first(size), buffer, in.associated, in.nonce, in.key));
      CHECK(equal(Bytes(buffer).first(size), in.plain));
    }
  }
}

TEST_CASE("one flipped bit anywhere, in frame, associated data, nonce or key: nothing opens, nothing leaks") {
  auto rng = test::test_rng("flip");
  for (const Sealer& sealer : kSealers) {
    CAPTURE(sealer.name);
    const Input in = random_input(rng, 37, 20);
    const ByteVector sealed = seal(sealer, in);
    ByteVector out(in.plain.size());
    REQUIRE(sealer.open(out, sealed, in.associated, in.nonce, in.key));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      CHECK_FALSE(sealer.open(out, test::with_bit_flipped(sealed, bit), in.associated, in.nonce, in.key));
      CHECK(out == ByteVector(out.size()));  // no unauthenticated plaintext
    }
    for (std::size_t bit = 0; bit < in.associated.size() * 8; ++bit) {
      CHECK_FALSE(sealer.open(out, sealed, test::with_bit_flipped(in.associated, bit), in.nonce, in.key));
    }
    const std::size_t nonce_bytes = &sealer == &kSealers[3] ? 24 : 12;
    for (std::size_t bit = 0; bit < nonce_bytes * 8; ++bit) {
      const auto nonce = test::array_of<24>(test::with_bit_flipped(in.nonce, bit));
      CHECK_FALSE(sealer.open(out, sealed, in.associated, nonce, in.key));
    }
    for (std::size_t bit = 0; bit < 256; ++bit) {
      const auto key = test::array_of<32>(test::with_bit_flipped(in.key, bit));
      CHECK_FALSE(sealer.open(out, sealed, in.associated, in.nonce, key));
    }
  }
}

TEST_CASE("every truncation fails to open") {
  auto rng = test::test_rng("truncate");
  for (const Sealer& sealer : kSealers) {
    const Input in = random_input(rng, 37, 20);
    const ByteVector sealed = seal(sealer, in);
    for (std::size_t size = kAeadTag; size < sealed.size(); ++size) {
      ByteVector out(size - kAeadTag);
      CHECK_FALSE(sealer.open(out, Bytes(sealed).first(size), in.associated, in.nonce, in.key));
    }
  }
}

TEST_CASE("the software path forgets: a call does not depend on the one before") {
  auto rng = test::test_rng("context");
  const Input a = random_input(rng, 40, 5);
  const Input b = random_input(rng, 17, 0);
  const ByteVector first = seal(kSoftwareGcm, a);
  ByteVector out(b.plain.size());
  CHECK_FALSE(kSoftwareGcm.open(out, seal(kSoftwareGcm, b), b.associated, b.nonce, a.key));
  CHECK(seal(kSoftwareGcm, a) == first);
}

TEST_CASE("buffers of the wrong size are a programmer's error") {
  const Input in = {{}, {}, ByteVector(8), {}};
  ByteVector out(8 + kAeadTag - 1);
  CHECK(test::aborts([&] { kChaCha.seal(out, in.plain, {}, in.nonce, in.key); }));
  CHECK(test::aborts([&] { kXChaCha.seal(out, in.plain, {}, in.nonce, in.key); }));
  CHECK(test::aborts([&] { return kChaCha.open(out, Bytes(in.plain), {}, in.nonce, in.key); }));
}

}  // namespace
}  // namespace quorumor
