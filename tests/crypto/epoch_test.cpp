#include "crypto/epoch.h"

#include <set>

#include "helpers.h"

namespace quorumor {
namespace {

EpochKey key_of(Bytes bytes) { return {Secret<32>::copy_of(test::array_of<32>(bytes))}; }

TEST_CASE("golden vectors: commitment, tag and the three keys") {
  const test::Vectors v("crypto/epoch.txt");
  const auto cluster = test::array_at<32>(v, "cluster");
  const EpochKey key = key_of(v.at("epoch_key"));
  CHECK(to_hex(key.commitment(cluster)) == to_hex(v.at("commitment")));
  const auto secrets = EpochSecrets::derive(key, cluster);
  CHECK(to_hex(secrets.tag) == to_hex(v.at("tag")));
  CHECK(to_hex(secrets.header_key.bytes()) == to_hex(v.at("header_key")));
  CHECK(to_hex(secrets.group_key.bytes()) == to_hex(v.at("group_key")));
  CHECK(to_hex(secrets.mixing_key.bytes()) == to_hex(v.at("mixing_key")));
}

TEST_CASE("everything derived differs by key and by cluster, and from each other") {
  auto rng = test::test_rng("epoch");
  std::set<std::string> seen;
  std::size_t expected = 0;
  for (int k = 0; k < 3; ++k) {
    const EpochKey key = EpochKey::generate(rng);
    for (const char* cluster : {"one", "two"}) {
      const auto id = test::test_digest(cluster);
      const auto secrets = EpochSecrets::derive(key, id);
      for (const Bytes value : {Bytes(secrets.header_key.bytes()), Bytes(secrets.group_key.bytes()),
                                Bytes(secrets.mixing_key.bytes()), Bytes(secrets.tag)}) {
        seen.insert(to_hex(value));
      }
      seen.insert(to_hex(key.commitment(id)));
      expected += 5;
    }
  }
  CHECK(seen.size() == expected);
}

TEST_CASE("a generated key is what the generator drew") {
  auto rng = test::test_rng("same");
  auto again = test::test_rng("same");
  ByteArray<32> raw;
  again.fill(raw);
  CHECK(equal(EpochKey::generate(rng).key.bytes(), raw));
}

TEST_CASE("a commitment's prefix is its first 8 bytes, little-endian") {
  Commitment c{};
  c[0] = std::byte{1};
  c[7] = std::byte{2};
  c[8] = std::byte{9};
  CHECK(commitment_prefix(c) == 0x0200000000000001ULL);
}

}  // namespace
}  // namespace quorumor
