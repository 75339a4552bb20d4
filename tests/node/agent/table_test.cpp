#include "node/cli/table.h"

#include <doctest/doctest.h>

using namespace quorumor;

TEST_CASE("columns are as wide as their widest cell, the last one ragged") {
  CHECK(render_table({"NAME", "STATE"}, {{"n1*", "alive"}, {"node-10", "dead"}}) ==
        "NAME     STATE\n"
        "n1*      alive\n"
        "node-10  dead\n");
  CHECK(render_table({"A", "B"}, {}) == "A  B\n");
}

TEST_CASE("a cell cannot move the cursor") {
  CHECK(render_table({"A"}, {{"x\x1b[2J\ny"}}) == "A\nx?[2J?y\n");
  CHECK(printable("a\x7f\x80\t") == "a???");
}

TEST_CASE("ages") {
  struct Case {
    std::int64_t ms;
    const char* text;
  };
  static constexpr Case kCases[] = {
      {-5, "0s"},
      {0, "0s"},
      {999, "0s"},
      {59'999, "59s"},
      {60'000, "1m00s"},
      {192'000, "3m12s"},
      {3'599'999, "59m59s"},
      {3'600'000, "1h00m"},
      {7'500'000, "2h05m"},
      {86'399'000, "23h59m"},
      {86'400'000, "1d00h"},
      {356'400'000, "4d03h"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.ms);
    CHECK(format_age(c.ms) == c.text);
  }
}

TEST_CASE("bytes") {
  struct Case {
    std::uint64_t bytes;
    const char* text;
  };
  static constexpr Case kCases[] = {
      {0, "0 B"},
      {999, "999 B"},
      {1000, "1.0 kB"},
      {4'750, "4.7 kB"},
      {999'999, "999.9 kB"},
      {1'000'000, "1.0 MB"},
      {1'234'567'890, "1.2 GB"},
      {~std::uint64_t{0}, "18.4 EB"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.bytes);
    CHECK(format_bytes(c.bytes) == c.text);
  }
}
