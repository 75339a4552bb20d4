#include "base/bytes.h"

#include <doctest/doctest.h>

namespace quorumor {
namespace {

TEST_CASE("hex: two lower-case digits a byte") {
  CHECK(to_hex({}).empty());
  CHECK(to_hex(ByteVector{std::byte{0x00}, std::byte{0x9f}, std::byte{0xa0}, std::byte{0xff}}) == "009fa0ff");
}

TEST_CASE("from_hex takes an even number of digits of either case, and nothing else") {
  struct Row {
    std::string_view text;
    bool accepted;
  };
  static constexpr Row kRows[] = {
      {"", true},    {"00", true},  {"fF", true},  {"0123456789abcdefABCDEF", true},
      {"0", false},  {"0g", false}, {"g0", false}, {" 0", false},
      {"0x", false}, {"/0", false}, {":0", false}, {"@0", false},
      {"G0", false}, {"`0", false}, {"-1", false}, {"000", false},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    CHECK(from_hex(row.text).has_value() == row.accepted);
  }
}

TEST_CASE("hex there and back, for every byte") {
  ByteVector all;
  for (unsigned i = 0; i < 256; ++i) all.push_back(static_cast<std::byte>(i));
  CHECK(from_hex(to_hex(all)) == all);
}

TEST_CASE("array_from_hex wants the exact length") {
  const auto four = array_from_hex<4>("01020304");
  REQUIRE(four.has_value());
  CHECK((*four)[3] == std::byte{4});
  CHECK_FALSE(array_from_hex<4>("010203").has_value());
  CHECK_FALSE(array_from_hex<4>("0102030405").has_value());
  CHECK_FALSE(array_from_hex<4>("0102030g").has_value());
}

TEST_CASE("integers are little-endian") {
  ByteArray<8> raw{};
  store_le<std::uint64_t>(raw.data(), 0x0102030405060708ULL);
  CHECK(to_hex(raw) == "0807060504030201");
  CHECK(load_le<std::uint64_t>(raw.data()) == 0x0102030405060708ULL);
  CHECK(load_le<std::uint32_t>(raw.data()) == 0x05060708U);
  CHECK(load_le<std::uint16_t>(raw.data()) == 0x0708U);
  CHECK(load_le<std::uint8_t>(raw.data()) == 0x08U);
  store_le<std::uint16_t>(raw.data(), 0xfffeU);
  CHECK(to_hex(raw) == "feff060504030201");
}

TEST_CASE("equal compares sizes and bytes, and takes empty spans") {
  CHECK(equal({}, {}));
  CHECK(equal(as_bytes("ab"), as_bytes("ab")));
  CHECK_FALSE(equal(as_bytes("ab"), as_bytes("aB")));
  CHECK_FALSE(equal(as_bytes("ab"), as_bytes("abc")));
  CHECK_FALSE(equal(as_bytes("ab"), {}));
}

TEST_CASE("text and bytes are two views of the same memory") {
  const std::string text = "a\0b";
  CHECK(as_text(as_bytes(text)) == text);
  CHECK(as_text(to_vector(as_bytes("copy"))) == "copy");
}

}  // namespace
}  // namespace quorumor
