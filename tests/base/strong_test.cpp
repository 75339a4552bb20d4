#include "base/strong.h"

#include <doctest/doctest.h>

#include <type_traits>

namespace quorumor {
namespace {

static_assert(!std::is_convertible_v<Epoch, Serial>, "an epoch is no serial");
static_assert(!std::is_convertible_v<Epoch, std::uint64_t> && !std::is_convertible_v<std::uint64_t, Epoch>);

TEST_CASE("the successor exists except at the end of the range") {
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  CHECK(Epoch{0}.next() == Epoch{1});
  CHECK(Epoch{kMax - 1}.next() == Epoch{kMax});
  CHECK_FALSE(Epoch{kMax}.next().has_value());
}

TEST_CASE("order and hash are the number's") {
  CHECK(Incarnation{1} < Incarnation{2});
  CHECK(Incarnation{std::uint64_t{1} << 63} > Incarnation{1});  // unsigned
  CHECK(Incarnation{3} == Incarnation{3});
  CHECK(Epoch{} == Epoch{0});
  CHECK(std::hash<Epoch>{}(Epoch{9}) == std::hash<std::uint64_t>{}(9));
}

}  // namespace
}  // namespace quorumor
