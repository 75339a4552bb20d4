#include "base/time.h"

#include <doctest/doctest.h>

#include <type_traits>

namespace quorumor {
namespace {

static_assert(!std::is_convertible_v<Instant, WallTime> && !std::is_convertible_v<WallTime, Instant>,
              "the two clocks do not mix");

TEST_CASE("wall time converts to seconds and milliseconds and back") {
  CHECK(unix_seconds(wall_from_seconds(1'700'000'000)) == 1'700'000'000);
  CHECK(unix_millis(wall_from_seconds(1'700'000'000)) == 1'700'000'000'000);
  CHECK(unix_millis(wall_from_millis(1'700'000'000'999)) == 1'700'000'000'999);
  CHECK(unix_seconds(wall_from_millis(1'700'000'000'999)) == 1'700'000'000);
  CHECK(wall_from_seconds(2) - wall_from_millis(500) == 1500ms);
}

TEST_CASE("instants count nanoseconds") {
  CHECK((Instant{} + 1s).time_since_epoch().count() == 1'000'000'000);
  CHECK(Instant{} + 999'999'999ns < Instant{} + 1s);
}

}  // namespace
}  // namespace quorumor
