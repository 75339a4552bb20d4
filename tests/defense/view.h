// What the tests of this room share: numbered members, rings with chosen parameters, witnesses.
#pragma once

#include <vector>

#include "crypto/keyring_fixture.h"
#include "membership/evidence.h"

namespace quorumor::test {

// Random enough for ranks, as an authority's ids are; the number shows in the last bytes.
inline NodeId member(std::uint32_t n) {
  NodeId id{};
  ByteArray<4> number;
  store_le<std::uint32_t>(number.data(), n);
  store_le<std::uint64_t>(id.data(), hash_u64("quorumor test member", {number}));
  store_le<std::uint32_t>(id.data() + 12, n);
  return id;
}

inline SignedAnnouncement announce_with(std::uint64_t epoch, const std::string& key, const Digest& predecessor,
                                        std::uint32_t beta_ppm, std::uint8_t exponent) {
  static const SigningKey keymaster = test_key("keymaster");
  Announcement a;
  a.epoch = Epoch{epoch};
  a.predecessor = predecessor;
  a.commitment = key_named(key).commitment(kCluster);
  a.parameters.beta_ppm = beta_ppm;
  a.parameters.epsilon_exponent = exponent;
  a.signed_at = wall_from_seconds(static_cast<std::int64_t>(60 * epoch));
  return sign_announcement(keymaster, kCluster, a);
}

// Epochs 1 to `last` with these parameters and their keys.
inline Keyring ring_with(std::uint64_t last, std::uint32_t beta_ppm = 100'000, std::uint8_t exponent = 4) {
  Keyring ring(kCluster);
  auto announcement = announce_with(1, "1", Digest{}, beta_ppm, exponent);
  ring.bootstrap(announcement, key_named("1"));
  for (std::uint64_t e = 2; e <= last; ++e) {
    announcement = announce_with(e, std::to_string(e), announcement.digest(), beta_ppm, exponent);
    REQUIRE(ring.offer(announcement));
    REQUIRE(ring.set_key(Epoch{e}, key_named(std::to_string(e))));
  }
  return ring;
}

inline Witness witness(const NodeId& accuser, std::initializer_list<std::uint64_t> epochs,
                       std::uint64_t generation = 1) {
  Witness out;
  out.accuser = accuser;
  out.generation = Generation{generation};
  for (const std::uint64_t e : epochs) out.epochs.push_back(Epoch{e});
  return out;
}

}  // namespace quorumor::test
