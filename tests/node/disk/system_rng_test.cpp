#include "node/driver/system_rng.h"

#include <doctest/doctest.h>

using namespace quorumor;

TEST_CASE("the system's generator gives different bytes each time, and takes an empty span") {
  ByteArray<32> a{};
  ByteArray<32> b{};
  system_random(a);
  system_random(b);
  system_random({});
  CHECK(a != b);
}
