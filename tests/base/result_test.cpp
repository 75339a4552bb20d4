#include "base/result.h"

#include <doctest/doctest.h>

#include <memory>

namespace quorumor {
namespace {

enum class Reason { odd, negative };

Result<int, Reason> half(int n) {
  if (n < 0) return Reason::negative;
  if (n % 2 != 0) return Reason::odd;
  return n / 2;
}
Result<int, Reason> quarter(int n) {
  BOOST_OUTCOME_TRY(const auto once, half(n));
  return half(once);
}
Result<void, Reason> check(int n) {
  BOOST_OUTCOME_TRY(half(n));
  return success();
}

TEST_CASE("a result is a value or a reason, and TRY passes the reason on") {
  CHECK(quarter(12).value() == 3);
  CHECK(quarter(6).error() == Reason::odd);
  CHECK(quarter(-4).error() == Reason::negative);
  CHECK(check(2).has_value());
  CHECK(check(1).error() == Reason::odd);
}

TEST_CASE("a result carries what can only be moved") {
  Result<std::unique_ptr<int>, Reason> result = std::make_unique<int>(5);
  REQUIRE(result);
  CHECK(*std::move(result).value() == 5);
}

}  // namespace
}  // namespace quorumor
