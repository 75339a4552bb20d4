// What an observer of the wire sees: no name, id, key or address of anybody; beyond type and epoch tag, noise.
#include "node/core/support.h"

#include <algorithm>
#include <array>

using namespace quorumor;
using namespace quorumor::test;

TEST_CASE("no name, id, key or address crosses the wire in the clear") {
  sim::World world(51);
  world.set_capture(true);
  form_cluster(world, 5);
  world.run_for(30s);
  REQUIRE(world.captured().size() > 200);
  std::vector<ByteVector> secrets;
  for (std::size_t i = 0; i < 5; ++i) {
    world.core(i).for_each_member([&](const MemberView& m) {
      secrets.push_back(to_vector(Bytes(m.id).first(8)));
      if (m.endpoints != nullptr) {
        for (const Endpoint& e : *m.endpoints) secrets.push_back(to_vector(Bytes(e.address).first(4)));
      }
    });
    secrets.push_back(to_vector(as_bytes("keymaster")));
  }
  secrets.push_back(to_vector(Bytes(world.cluster()).first(8)));
  std::size_t chance = 0;  // 4 bytes of an address appear by chance once in 2^32 positions
  for (const auto& c : world.captured()) {
    for (const auto& s : secrets) {
      const auto at = std::search(c.datagram.begin(), c.datagram.end(), s.begin(), s.end());
      if (at != c.datagram.end()) ++chance;
    }
  }
  CHECK(chance == 0);
}

TEST_CASE("every introduction has a nonce of its own") {
  sim::World world(53);
  world.set_capture(true);
  start_cluster(world, 12);
  world.run_for(20s);
  std::vector<ByteVector> nonces;
  for (const auto& c : world.captured()) {
    if (c.datagram.front() == kLongType) nonces.push_back(to_vector(Bytes(c.datagram).subspan(5, 24)));
  }
  REQUIRE(nonces.size() > 50);
  std::sort(nonces.begin(), nonces.end());
  CHECK(std::adjacent_find(nonces.begin(), nonces.end()) == nonces.end());
  // Neither do any two share a prefix that would link them to one boot.
  for (auto& n : nonces) n.resize(8);
  CHECK(std::adjacent_find(nonces.begin(), nonces.end()) == nonces.end());
}

TEST_CASE("beyond type and epoch tag, steady traffic is indistinguishable from noise") {
  sim::World world(52);
  form_cluster(world, 5);
  world.set_capture(true);
  world.run_for(20min);
  std::size_t pings = 0;
  constexpr std::size_t kSize = 117;  // a ping or ack without news: equal content but for sequence and digest
  std::vector<std::array<std::uint32_t, 256>> histogram(kSize);
  for (const auto& c : world.captured()) {
    if (c.datagram.size() != kSize) continue;
    ++pings;
    for (std::size_t i = 0; i < kSize; ++i) ++histogram[i][std::to_integer<std::size_t>(c.datagram[i])];
  }
  REQUIRE(pings > 10'000);
  const double expected = static_cast<double>(pings) / 256;
  for (std::size_t i = 5; i < kSize; ++i) {
    double chi = 0;
    for (const std::uint32_t seen : histogram[i]) {
      const double off = static_cast<double>(seen) - expected;
      chi += off * off / expected;
    }
    CAPTURE(i);
    CHECK(chi < 380);  // 255 degrees of freedom: mean 255, standard deviation 22.6; a constant byte gives millions
  }
  // The two clear fields, on the other hand, are constant: the test can see structure where there is some.
  CHECK(*std::max_element(histogram[0].begin(), histogram[0].end()) == pings);
  CHECK(*std::max_element(histogram[1].begin(), histogram[1].end()) == pings);
}
