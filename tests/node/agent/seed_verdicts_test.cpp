#include "node/agent/seed_verdicts.h"

#include <doctest/doctest.h>

using namespace quorumor;

namespace {
Endpoint ep(unsigned char last, std::uint16_t port = 7947) { return Endpoint::v4(10, 0, 0, last, port); }
}  // namespace

TEST_CASE("only what trying again cannot mend is permanent") {
  struct Case {
    Refusal refusal;
    bool permanent;
  };
  static constexpr Case kCases[] = {
      {Refusal::not_our_cluster, true}, {Refusal::expired, true},   {Refusal::revoked, true},
      {Refusal::unknown_version, true}, {Refusal::bad_proof, true}, {Refusal::busy, false},
      {Refusal::not_yet_valid, false},  {Refusal::no_ring, false},  {Refusal::malformed, false},
  };
  for (const Case& c : kCases) {
    CAPTURE(static_cast<int>(c.refusal));
    CHECK(is_permanent(c.refusal) == c.permanent);
    SeedVerdicts v({"10.0.0.1:7947"});
    v.refused(ep(1), c.refusal);
    CHECK(v.all_refused() == c.permanent);
  }
}

TEST_CASE("every seed must have refused, as its last answer") {
  SeedVerdicts v({"10.0.0.1:7947", "10.0.0.2:7947"});
  CHECK(!v.all_refused());
  v.refused(ep(1), Refusal::expired);
  CHECK(!v.all_refused());
  v.refused(ep(2), Refusal::expired);
  CHECK(v.all_refused());
  v.refused(ep(1), Refusal::busy);
  CHECK(!v.all_refused());
  v.refused(ep(1), Refusal::revoked);
  CHECK(v.all_refused());
  v.failed(ep(2));
  CHECK(!v.all_refused());
}

TEST_CASE("a refusal by somebody else is not a seed's") {
  SeedVerdicts v({"10.0.0.1:7947"});
  v.refused(ep(9), Refusal::expired);
  v.refused(ep(1, 7948), Refusal::expired);
  CHECK(!v.all_refused());
}

TEST_CASE("without seeds there is nobody to refuse") {
  SeedVerdicts v({});
  v.refused(ep(1), Refusal::expired);
  CHECK(!v.all_refused());
}

TEST_CASE("seeds that are names: by port, each needs an address of its own, none may be silent") {
  SeedVerdicts v({"seed-a:7947", "seed-b:7947", "10.0.0.1:7947"});
  v.refused(ep(1), Refusal::expired);
  v.refused(ep(2), Refusal::expired);
  CHECK(!v.all_refused());
  v.refused(ep(3, 7000), Refusal::expired);
  CHECK(!v.all_refused());
  v.failed(ep(3));
  CHECK(!v.all_refused());
  v.refused(ep(4), Refusal::expired);
  CHECK(!v.all_refused());  // 10.0.0.3 may yet come up
  v.refused(ep(3), Refusal::expired);
  CHECK(v.all_refused());
}

TEST_CASE("IPv6 seeds are numeric too") {
  SeedVerdicts v({"[::1]:7947"});
  ByteArray<16> one{};
  one[15] = std::byte{1};
  v.refused(Endpoint::v6(one, 7947), Refusal::revoked);
  CHECK(v.all_refused());
}

TEST_CASE("seeds given while running keep the node trying") {
  SeedVerdicts v({"10.0.0.1:7947"});
  v.seeds_added();
  v.refused(ep(1), Refusal::expired);
  CHECK(!v.all_refused());
}

TEST_CASE("addresses are remembered up to a bound") {
  SeedVerdicts v({"name:7947"});
  for (unsigned i = 0; i < 1000; ++i) {
    v.refused(Endpoint::v4(10, 1, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256), 7947),
              Refusal::expired);
  }
  v.failed(Endpoint::v4(10, 2, 0, 0, 7947));  // beyond the bound: not noted
  CHECK(v.all_refused());
}

TEST_CASE("the same answer again is no news") {
  SeedVerdicts v({"10.0.0.1:7947", "name:7947"});
  for (const Endpoint& at : {ep(1), ep(2)}) {
    CHECK(v.failed(at));
    CHECK(!v.failed(at));
    CHECK(v.refused(at, Refusal::busy));
    CHECK(!v.refused(at, Refusal::busy));
    CHECK(v.refused(at, Refusal::expired));
    CHECK(v.failed(at));
  }
}
