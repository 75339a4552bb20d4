#include "node/agent/cluster_options.h"

#include <doctest/doctest.h>

using namespace quorumor;

TEST_CASE("beta is exact") {
  struct Case {
    const char* text;
    int ppm;  // -1: refused
  };
  static constexpr Case kCases[] = {
      {"0", 0},        {"0.0", 0},       {"0.1", 100'000}, {"0.10", 100'000}, {"0.05", 50'000}, {"0.333333", 333'333},
      {"0.000001", 1}, {"0.333334", -1}, {"0.34", -1},     {"1", -1},         {"1.0", -1},      {"-0.1", -1},
      {"0.", -1},      {".1", -1},       {"0.1e1", -1},    {"0,1", -1},       {"", -1},         {"0.1000000", -1},
      {"nan", -1},     {" 0.1", -1},     {"00.1", -1},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    const auto out = parse_beta(c.text);
    CHECK(out.has_value() == (c.ppm >= 0));
    if (out) CHECK(out.value() == static_cast<std::uint32_t>(c.ppm));
    if (!out) CHECK(out.error().usage);
  }
}

TEST_CASE("the exponent of epsilon") {
  for (const char* good : {"1", "4", "18"}) CHECK(parse_epsilon_exponent(good).value() == std::stoi(good));
  for (const char* bad : {"0", "19", "-4", "4.0", "", "x", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(!parse_epsilon_exponent(bad));
  }
}
