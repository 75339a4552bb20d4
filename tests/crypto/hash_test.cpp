#include "crypto/hash.h"

#include <sodium.h>

#include "helpers.h"

namespace quorumor {
namespace {

TEST_CASE("RFC 7693, appendix A: the primitive beneath is BLAKE2b") {
  ByteArray<64> out;
  const Bytes abc = as_bytes("abc");
  crypto_generichash(uchar(MutableBytes(out)), out.size(), uchar(abc), abc.size(), nullptr, 0);
  CHECK(to_hex(out) ==
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d3"
        "8aa8"
        "dbf1925ab92386edd4009923");
}

TEST_CASE("golden vectors of a second implementation") {
  const test::Vectors v("crypto/hash.txt");
  const std::initializer_list<Bytes> parts = {as_bytes("one"), {}, as_bytes("three")};
  CHECK(to_hex(hash("quorumor test", parts)) == to_hex(v.at("hash")));
  CHECK(hash_u64("quorumor test", parts) == load_le<std::uint64_t>(v.at("hash_u64_le").data()));
  CHECK(to_hex(hash("q", {})) == to_hex(v.at("hash_no_parts")));
  const std::string long_part(300, 'x');
  CHECK(to_hex(hash(std::string(64, 'd'), {as_bytes(long_part)})) == to_hex(v.at("hash_longest_domain")));

  ByteVector key;
  for (unsigned i = 0; i < 48; ++i) key.push_back(static_cast<std::byte>(i));
  for (const std::size_t size : {16U, 32U, 64U}) {
    ByteVector out(size);
    keyed_hash(out, key, "quorumor test", parts);
    CHECK(to_hex(out) == to_hex(v.at("keyed_" + std::to_string(size))));
  }
}

TEST_CASE("a domain and its parts cannot be mistaken for another domain and other parts") {
  const Digest whole = hash("ab", {as_bytes("c")});
  CHECK(whole != hash("a", {as_bytes("bc")}));
  CHECK(whole != hash("abc", {}));
  CHECK(whole == hash("ab", {{}, as_bytes("c")}));  // parts concatenate: callers give them fixed sizes
}

TEST_CASE("SipHash-2-4: the vectors of its paper and reference code") {
  ByteArray<16> key;
  ByteVector message;
  for (unsigned i = 0; i < 16; ++i) key[i] = static_cast<std::byte>(i);
  CHECK(siphash(key, message) == 0x726fdb47dd0e0e31ULL);
  for (unsigned i = 0; i < 15; ++i) message.push_back(static_cast<std::byte>(i));
  CHECK(siphash(key, message) == 0xa129ca6149be45e5ULL);
}

TEST_CASE("sizes out of range are a programmer's error") {
  ByteVector out(64);
  const ByteVector key(65);
  CHECK(test::aborts([] { hash("", {}); }));
  CHECK(test::aborts([] { hash(std::string(65, 'd'), {}); }));
  CHECK(test::aborts([&] { keyed_hash(out, key, "d", {}); }));
  CHECK(test::aborts([&] { keyed_hash(out, Bytes(key).first(15), "d", {}); }));
  CHECK(test::aborts([&] { keyed_hash(MutableBytes(out).first(15), Bytes(key).first(32), "d", {}); }));
  CHECK_FALSE(test::aborts([&] { keyed_hash(out, Bytes(key).first(64), "d", {}); }));
}

}  // namespace
}  // namespace quorumor
