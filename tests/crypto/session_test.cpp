#include "crypto/session.h"

#include "helpers.h"

namespace quorumor {
namespace {

struct Party {
  NodeId id;
  SessionKey key;
};

PairKeys keys_of(const Party& own, const Party& peer, const EpochSecrets& epoch, const ClusterId& cluster) {
  const auto shared = own.key.shared_with(peer.key.public_key());
  REQUIRE(shared.has_value());
  return derive_pair_keys(*shared, epoch, cluster, own.id, own.key.public_key(), peer.id,
                          peer.key.public_key());
}

EpochSecrets secrets_of(Bytes key, const ClusterId& cluster) {
  return EpochSecrets::derive({Secret<32>::copy_of(test::array_of<32>(key))}, cluster);
}

TEST_CASE("golden vectors: both directions, as each side sees them") {
  const test::Vectors v("crypto/session.txt");
  const auto cluster = test::array_at<32>(v, "cluster");
  const auto epoch = secrets_of(v.at("epoch_key"), cluster);
  const Party low{test::array_at<16>(v, "low_id"),
                  SessionKey::from_bytes(test::array_at<32>(v, "low_secret"))};
  const Party high{test::array_at<16>(v, "high_id"),
                   SessionKey::from_bytes(test::array_at<32>(v, "high_secret"))};
  CHECK(to_hex(low.key.public_key()) == to_hex(v.at("low_key")));
  CHECK(to_hex(high.key.public_key()) == to_hex(v.at("high_key")));
  CHECK(to_hex(low.key.shared_with(high.key.public_key())->bytes()) == to_hex(v.at("shared")));

  const auto at_low = keys_of(low, high, epoch, cluster);
  CHECK(to_hex(at_low.send()) == to_hex(v.at("low_sends")));
  CHECK(to_hex(at_low.receive()) == to_hex(v.at("high_sends")));
  const auto at_high = keys_of(high, low, epoch, cluster);
  CHECK(to_hex(at_high.send()) == to_hex(v.at("high_sends")));
  CHECK(to_hex(at_high.receive()) == to_hex(v.at("low_sends")));
}

TEST_CASE("each thing that should enter the keys does: change one, and both keys change") {
  auto rng = test::test_rng("pair");
  const auto cluster = test::test_digest("cluster");
  const auto epoch_key = test::test_digest("epoch");
  NodeId id_a{};
  NodeId id_b{};
  id_a[0] = std::byte{1};
  id_b[0] = std::byte{2};
  const auto key_a = SessionKey::generate(rng);
  const auto key_b = SessionKey::generate(rng);
  const auto key_c = SessionKey::generate(rng);
  const auto shared = key_a.shared_with(key_b.public_key());
  const auto other_shared = key_a.shared_with(key_c.public_key());
  REQUIRE((shared && other_shared));
  const auto epoch = secrets_of(epoch_key, cluster);
  const auto& a = key_a.public_key();
  const auto& b = key_b.public_key();
  NodeId id_c = id_b;
  id_c[15] = std::byte{1};

  const auto base = derive_pair_keys(*shared, epoch, cluster, id_a, a, id_b, b);
  CHECK_FALSE(equal(base.send(), base.receive()));
  const PairKeys changed[] = {
      derive_pair_keys(*other_shared, epoch, cluster, id_a, a, id_b, b),
      derive_pair_keys(*shared, secrets_of(cluster, cluster), cluster, id_a, a, id_b, b),
      derive_pair_keys(*shared, epoch, epoch_key, id_a, a, id_b, b),
      derive_pair_keys(*shared, epoch, cluster, id_a, a, id_c, b),
      derive_pair_keys(*shared, epoch, cluster, id_a, a, id_b, key_c.public_key()),
      derive_pair_keys(*shared, epoch, cluster, id_a, key_c.public_key(), id_b, b),
      derive_pair_keys(*shared, epoch, cluster, id_b, a, id_a, b),  // ids swapped, keys not
  };
  for (const PairKeys& keys : changed) {
    CHECK_FALSE(equal(keys.send(), base.send()));
    CHECK_FALSE(equal(keys.receive(), base.receive()));
    CHECK_FALSE(equal(keys.send(), base.receive()));
  }
}

TEST_CASE("a pair with oneself is a programmer's error") {
  auto rng = test::test_rng("self");
  const auto cluster = test::test_digest("cluster");
  const auto epoch = secrets_of(cluster, cluster);
  const Party self{NodeId{}, SessionKey::generate(rng)};
  CHECK(test::aborts([&] { keys_of(self, self, epoch, cluster); }));
}

}  // namespace
}  // namespace quorumor
