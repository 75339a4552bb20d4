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

TEST_CASE("beta in the shortest way that reads back") {
  struct {
    std::uint32_t ppm;
    const char* text;
  } const cases[] = {{0, "0.0"}, {100'000, "0.1"}, {333'333, "0.333333"}, {1, "0.000001"}, {50'000, "0.05"}};
  for (const auto& c : cases) {
    CHECK(beta_text(c.ppm) == c.text);
    CHECK(parse_beta(c.text).value() == c.ppm);
  }
}

TEST_CASE("epsilon is a power of ten, exactly") {
  struct Case {
    const char* text;
    int exponent;  // 0: refused
  };
  static constexpr Case kCases[] = {
      {"1e-4", 4},      {"0.0001", 4},   {"1e-1", 1},    {"0.1", 1},     {"1E-18", 18},  {"1e-18", 18}, {"10e-5", 4},
      {"0.001e-1", 4},  {"1.0e-4", 4},   {"0.1000", 1},  {"1e-19", 0},   {"1e0", 0},     {"1", 0},      {"2e-4", 0},
      {"1.1e-4", 0},    {"0.00011", 0},  {"0", 0},       {"0.0", 0},     {"-1e-4", 0},   {"1e", 0},     {"1e+", 0},
      {"1e+-4", 0},     {"1e--4", 0},    {"e-4", 0},     {"", 0},        {"x", 0},       {"1e-4x", 0},  {"1e-999999999999", 0},
      {".1", 0},        {"1.e-4", 0},    {"nan", 0},     {"1e-2147483647", 0},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    const auto out = parse_epsilon(c.text);
    CHECK(out.has_value() == (c.exponent > 0));
    if (out) CHECK(out.value() == c.exponent);
    if (!out) CHECK(out.error().usage);
  }
}

TEST_CASE("what is wrong names the flag, or the place in a file") {
  CHECK(parse_beta("1").error().message ==
        "--beta '1': give a fraction from 0 to 0.333333, with at most 6 decimals");
  CHECK(parse_epsilon("1", "f:1:2: epsilon").error().message ==
        "f:1:2: epsilon '1': give a power of ten from 1e-1 to 1e-18, such as 1e-4 or 0.0001");
}
