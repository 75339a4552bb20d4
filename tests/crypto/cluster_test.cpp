#include "crypto/cluster.h"

#include "helpers.h"

namespace quorumor {
namespace {

TEST_CASE("golden vector: authority key and label") {
  const test::Vectors v("crypto/epoch.txt");
  const auto id = make_cluster_id(test::array_at<32>(v, "authority_key"), as_text(v.at("label")));
  CHECK(to_hex(id) == to_hex(v.at("cluster")));
}

TEST_CASE("another label or another authority is another cluster") {
  const auto a = test::test_key("a").public_key();
  const auto b = test::test_key("b").public_key();
  CHECK(make_cluster_id(a, "prod/lan") != make_cluster_id(a, "prod/wan"));
  CHECK(make_cluster_id(a, "prod/lan") != make_cluster_id(b, "prod/lan"));
}

TEST_CASE("a prefix is the first 8 bytes, little-endian; the table hash uses the other half") {
  const NodeId id = *array_from_hex<16>("0102030405060708090a0b0c0d0e0f10");
  CHECK(id_prefix(id) == 0x0807060504030201ULL);
  CHECK(std::hash<NodeId>{}(id) == 0x100f0e0d0c0b0a09ULL);
}

}  // namespace
}  // namespace quorumor
