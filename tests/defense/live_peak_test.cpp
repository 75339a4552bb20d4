#include "defense/live_peak.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "crypto/helpers.h"

namespace quorumor {
namespace {

Instant at(Duration since) { return Instant{since}; }

TEST_CASE("live peak: a count that ended counts for an hour more, then the present one") {
  LivePeak peak;
  CHECK(peak.value() == 1);  // a node counts itself
  peak.on_live(100, at(0min));
  CHECK(peak.value() == 100);
  peak.on_live(40, at(31min));
  CHECK(peak.value() == 100);
  peak.on_live(10, at(61min));
  CHECK(peak.value() == 100);
  peak.on_live(10, at(89min + 59s));  // an hour after the hundred
  CHECK(peak.value() == 100);
  peak.on_live(10, at(95min));  // the hundred's last bucket was 30 to 35
  CHECK(peak.value() == 40);
  peak.on_live(10, at(124min + 59s));
  CHECK(peak.value() == 40);
  peak.on_live(10, at(125min));
  CHECK(peak.value() == 10);
}

TEST_CASE("live peak: a rise counts at once, and a moment of it is enough") {
  LivePeak peak;
  peak.on_live(5, at(10h));
  peak.on_live(50, at(10h + 1s));
  peak.on_live(5, at(10h + 2s));
  CHECK(peak.value() == 50);
  peak.on_live(5, at(11h));
  CHECK(peak.value() == 50);
  peak.on_live(5, at(11h + 5min));
  CHECK(peak.value() == 5);
}

TEST_CASE("live peak: what was persisted counts as if reported at the start") {
  LivePeak peak(1000);
  CHECK(peak.value() == 1000);
  peak.on_live(1, at(200h));
  CHECK(peak.value() == 1000);
  peak.on_live(30, at(200h + 59min + 59s));
  CHECK(peak.value() == 1000);
  peak.on_live(30, at(201h + 5min));
  CHECK(peak.value() == 30);
}

TEST_CASE("live peak: a silence of any length is the count that prevailed") {
  LivePeak peak;
  peak.on_live(70, at(0s));
  peak.on_live(3, at(1000h));
  CHECK(peak.value() == 70);
  peak.on_live(3, at(1001h + 5min));
  CHECK(peak.value() == 3);
}

TEST_CASE("live peak: time that goes back, or begins before the origin, is survived") {
  LivePeak peak;
  peak.on_live(9, at(-7min));
  peak.on_live(4, at(-4min));
  CHECK(peak.value() == 9);
  peak.on_live(6, at(-400h));
  CHECK(peak.value() == 9);
  peak.on_live(2, at(61min));
  peak.on_live(2, at(2h + 6min));
  CHECK(peak.value() == 2);

  LivePeak before;  // the bucket before the origin is as wide as any
  before.on_live(9, at(-4min));
  before.on_live(1, at(-4min));
  before.on_live(1, at(59min));
  CHECK(before.value() == 9);
  before.on_live(1, at(60min));
  CHECK(before.value() == 1);
}

// Between the maximum of the last 60 minutes and that of the last 65, over a random history.
TEST_CASE("live peak: lies between the maxima of an hour and of an hour and a bucket") {
  auto rng = test::test_rng("live peak");
  LivePeak peak;
  std::vector<std::pair<Instant, std::size_t>> history;
  Instant now{};
  for (int step = 0; step < 3000; ++step) {
    now += std::chrono::seconds(rng.below(step % 100 == 0 ? 5000 : 240));
    const std::size_t live = rng.below(1 + static_cast<std::uint64_t>(step / 50 % 5) * 40) + 1;
    history.push_back({now, live});
    peak.on_live(live, now);
    const auto most_since = [&](Instant from) {
      std::size_t most = 0;
      for (std::size_t i = 0; i < history.size(); ++i) {
        const Instant end = i + 1 < history.size() ? history[i + 1].first : now;
        if (end >= from) most = std::max(most, history[i].second);
      }
      return most;
    };
    REQUIRE(peak.value() >= live);
    REQUIRE(peak.value() >= most_since(now - 60min));
    REQUIRE(peak.value() <= most_since(now - 65min));
  }
}

}  // namespace
}  // namespace quorumor
