#include "base/names.h"

#include <doctest/doctest.h>

#include <string>

namespace quorumor {
namespace {

TEST_CASE("every character is a name or is not, as the list says") {
  static constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  for (int c = 0; c < 256; ++c) {
    const std::string one(1, static_cast<char>(c));
    CAPTURE(c);
    const bool allowed = kAllowed.find(static_cast<char>(c)) != std::string_view::npos;
    CHECK(is_valid_name(one) == allowed);
    CHECK(is_valid_label(one) == (allowed || c == '/'));
    CHECK(is_valid_name("a" + one) == allowed);
  }
}

TEST_CASE("1 to 64 characters") {
  CHECK_FALSE(is_valid_name(""));
  CHECK_FALSE(is_valid_label(""));
  CHECK(is_valid_name(std::string(64, 'a')));
  CHECK_FALSE(is_valid_name(std::string(65, 'a')));
  CHECK(is_valid_label("prod/dc1"));
  CHECK_FALSE(is_valid_label(std::string(65, 'a')));
}

}  // namespace
}  // namespace quorumor
