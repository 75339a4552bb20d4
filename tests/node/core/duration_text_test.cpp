#include "node/core/duration_text.h"

#include <doctest/doctest.h>

using namespace quorumor;

TEST_CASE("durations as people write them") {
  struct {
    const char* text;
    Duration value;
  } const cases[] = {{"500ms", 500ms}, {"1s", 1s},     {"2m", 2min},           {"1h", 1h},
                     {"0s", 0s},       {"007s", 7s},   {"999999999ms", 999999999ms}};
  for (const auto& c : cases) {
    CAPTURE(c.text);
    REQUIRE(parse_duration(c.text).has_value());
    CHECK(*parse_duration(c.text) == c.value);
  }
}

TEST_CASE("what is not one") {
  for (const char* text : {"", "s", "5", "1.5s", "-1s", "+1s", "1 s", " 1s", "1s ", "1S", "1sec", "1m30s", "1us", "1d",
                           "1000000000ms", "999999999h", "99999999999999999999s", "\xc2\xb5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("the largest unit that says it exactly, and back") {
  struct {
    Duration value;
    const char* text;
  } const cases[] = {{0s, "0s"},     {1ms, "1ms"},    {1500ms, "1500ms"}, {60s, "1m"},  {90s, "90s"},
                     {24h, "24h"},   {61min, "61m"},  {-1s, "-1s"},       {1us, "1000ns"}};
  for (const auto& c : cases) {
    CHECK(to_text(c.value) == c.text);
    if (c.value >= 0s && c.value % 1ms == 0s) CHECK(parse_duration(c.text) == c.value);
  }
}
