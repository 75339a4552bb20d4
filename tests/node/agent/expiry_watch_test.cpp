#include "node/agent/expiry_watch.h"

#include <doctest/doctest.h>

#include <string>

using namespace quorumor;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kEnd = wall_from_seconds(1'900'000'000);

// What is told if the watch looks every hour from `days` before the end to `after` days behind it, as "days:stage".
std::string told(int days, int after) {
  ExpiryWatch watch;
  std::string out;
  for (auto left = 24h * days; left >= -24h * after; left -= 1h) {
    const auto stage = watch.look(kEnd, kEnd - left);
    if (!stage) continue;
    out += (out.empty() ? "" : " ") + std::to_string(left / 1h) + ":" + to_string(*stage);
  }
  return out;
}

}  // namespace

TEST_CASE("a line at 30 days, daily from 7 days on, at 1 day, and daily after the end") {
  CHECK(told(40, 2) ==
        "719:30_days 167:7_days 143:7_days 119:7_days 95:7_days 71:7_days 47:7_days 23:1_day -1:expired -25:expired");
}

TEST_CASE("an agent that starts late begins with where it is") {
  CHECK(told(3, 0) == "72:7_days 48:7_days 24:7_days 23:1_day");
  CHECK(told(0, 1) == "0:1_day -1:expired");
}

TEST_CASE("a renewal is silent, and its own end is told again") {
  ExpiryWatch watch;
  CHECK(watch.look(kEnd, kEnd - 1h) == ExpiryStage::day);
  CHECK(!watch.look(kEnd + 24h * 365, kEnd - 1h));
  CHECK(watch.look(kEnd + 24h * 365, kEnd + 24h * 340) == ExpiryStage::month);
}

TEST_CASE("phrases") {
  CHECK(expiry_phrase(kEnd, kEnd - 24h * 29 - 1h) == "expires in 29 days");
  CHECK(expiry_phrase(kEnd, kEnd - 47h) == "expires in 47 hours");
  CHECK(expiry_phrase(kEnd, kEnd - 90min) == "expires in 1 hour");
  CHECK(expiry_phrase(kEnd, kEnd + 1s) == "has expired: after a restart it cannot join");
}
