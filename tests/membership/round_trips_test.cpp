#include "membership/round_trips.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace quorumor {
namespace {

constexpr Duration kLeast = 50ms, kFixed = 500ms;

RoundTrips fed(Duration sample, int times) {
  RoundTrips out;
  for (int i = 0; i < times; ++i) out.add(sample);
  return out;
}

TEST_CASE("round trips: a fixed bound while samples are few") {
  RoundTrips r;
  for (unsigned i = 0; i < RoundTrips::kFew; ++i) {
    CHECK(r.samples() == i);
    CHECK(r.timeout(kLeast, kFixed) == kFixed);
    CHECK(r.phi(10s) == 0);
    r.add(1ms);
  }
  CHECK(r.timeout(kLeast, kFixed) < kFixed);
  CHECK(r.phi(10s) > 8);
}

TEST_CASE("round trips: the timeout stays within its bounds, whatever the samples") {
  CHECK(fed(0ms, 50).timeout(kLeast, kFixed) == kLeast);
  CHECK(fed(1ms, 50).timeout(kLeast, kFixed) == kLeast);
  CHECK(fed(10s, 50).timeout(kLeast, kFixed) == kFixed);
  CHECK(fed(Duration::max(), 50).timeout(kLeast, kFixed) == kFixed);
  CHECK(fed(Duration::min(), 50).timeout(kLeast, kFixed) == kLeast);
  CHECK(fed(-1ns, 50).mean() == 0ms);
  CHECK(fed(100h, 50).mean() == 60s);
  CHECK(fed(1ms, 50).timeout(kFixed, kFixed) == kFixed);
}

TEST_CASE("round trips: mean and deviation converge, and follow a path that changes") {
  RoundTrips r = fed(40ms, 60);
  CHECK(r.mean() == 40ms);
  CHECK(r.deviation() < 100us);
  // A constant path still has an eighth of its mean as its deviation: 40 + 7.01 * 5 ms.
  CHECK(r.timeout(1ms, kFixed) == 75'050us);
  for (int i = 0; i < 60; ++i) r.add(80ms);
  CHECK(r.mean() > 79ms);
  CHECK(r.mean() <= 80ms);
  RoundTrips wide;
  for (int i = 0; i < 200; ++i) wide.add(i % 2 == 0 ? 20ms : 60ms);
  CHECK(wide.mean() > 35ms);
  CHECK(wide.mean() < 45ms);
  CHECK(wide.deviation() > 17ms);
  CHECK(wide.deviation() < 23ms);
  CHECK(wide.timeout(1ms, kFixed) > 150ms);  // about 40 + 7 * 20
  CHECK(wide.timeout(1ms, kFixed) < 205ms);
}

TEST_CASE("round trips: a fast path does not get a timeout without slack") {
  CHECK(fed(100us, 50).timeout(Duration::zero(), kFixed) == 100us + 7010us);  // 1 ms at least
}

TEST_CASE("round trips: RFC 6298's first sample") {
  const RoundTrips r = fed(30ms, 1);
  CHECK(r.mean() == 30ms);
  CHECK(r.deviation() == 15ms);
}

TEST_CASE("round trips: phi is nothing for no wait, grows, and ends at a bound") {
  const RoundTrips r = fed(40ms, 60);
  CHECK(r.phi(Duration::zero()) == 0);
  CHECK(r.phi(-1s) == 0);
  double before = 0;
  for (Duration waited = 1ms; waited < 400ms; waited += 1ms) {
    const double phi = r.phi(waited);
    CHECK(phi >= before);
    CHECK(phi <= RoundTrips::kPhiMost);
    before = phi;
  }
  CHECK(r.phi(40ms) == doctest::Approx(0.301).epsilon(0.01));  // half of all answers come later
  CHECK(r.phi(1h) == RoundTrips::kPhiMost);
  CHECK(r.phi(Duration::max()) == RoundTrips::kPhiMost);
  // The timeout is where phi is 8.
  CHECK(r.phi(r.timeout(1ms, kFixed)) == doctest::Approx(8.0).epsilon(0.01));
}

TEST_CASE("round trips: the count of samples saturates") {
  RoundTrips r = fed(5ms, 70'000);
  CHECK(r.samples() == 65'535);
  CHECK(r.timeout(1ms, kFixed) < kFixed);
}

}  // namespace
}  // namespace quorumor
