#include "base/codec.h"

#include <doctest/doctest.h>

namespace quorumor {
namespace {

TEST_CASE("what is written is what is read, byte for byte as documented") {
  ByteArray<64> buffer;
  Writer w(buffer);
  w.u8(0x01);
  w.u16(0x0203);
  w.u32(0x04050607);
  w.u64(0x08090a0b0c0d0e0f);
  w.i64(-2);
  w.bytes8(as_bytes("ab"));
  w.bytes16(as_bytes("c"));
  w.raw(as_bytes("d"));
  const Bytes out = w.finish();
  CHECK(to_hex(out) ==
        "01"
        "0302"
        "07060504"
        "0f0e0d0c0b0a0908"
        "feffffffffffffff"
        "026162"
        "010063"
        "64");

  Reader r(out);
  CHECK(r.u8() == 0x01);
  CHECK(r.u16() == 0x0203);
  CHECK(r.u32() == 0x04050607);
  CHECK(r.u64() == 0x08090a0b0c0d0e0f);
  CHECK(r.i64() == -2);
  CHECK(as_text(r.bytes8()) == "ab");
  CHECK(as_text(r.bytes16()) == "c");
  CHECK_FALSE(r.finish());  // a byte is left
  CHECK(r.left() == 1);
  CHECK(r.array<1>()[0] == std::byte{'d'});
  CHECK(r.finish());
}

TEST_CASE("a writer fills its buffer to the last byte; one more fails and gives nothing") {
  for (std::size_t size = 0; size < 12; ++size) {
    ByteVector buffer(size);
    Writer w(buffer);
    w.u64(1);
    w.bytes8(as_bytes("ab"));
    CHECK(w.failed() == (size < 11));
    CHECK(w.finish().size() == (size < 11 ? 0U : 11U));
  }
}

TEST_CASE("a failed writer stays failed, though later pieces would fit") {
  ByteArray<4> buffer;
  Writer w(buffer);
  w.u64(1);
  w.u8(1);
  CHECK(w.failed());
  CHECK(w.finish().empty());
}

TEST_CASE("a string over the range of its length fails") {
  ByteVector buffer(70000);
  const ByteVector too_long(256);
  Writer eight(buffer);
  eight.bytes8(Bytes(too_long).first(255));
  CHECK_FALSE(eight.failed());
  eight.bytes8(too_long);
  CHECK(eight.failed());

  const ByteVector far_too_long(65536);
  Writer sixteen(buffer);
  sixteen.bytes16(Bytes(far_too_long).first(65535));
  CHECK_FALSE(sixteen.failed());
  Writer more(buffer);
  more.bytes16(far_too_long);
  CHECK(more.failed());
}

TEST_CASE("every truncation is noticed, and gets after a failure give zeros") {
  const ByteVector whole = *from_hex(
      "0703000000"
      "0000000000"
      "020aff");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Reader r(Bytes(whole).first(size));
    r.u8();
    r.u64();
    r.u8();
    r.bytes8();
    CAPTURE(size);
    CHECK(r.finish() == (size == whole.size()));
    CHECK(r.failed() == (size < whole.size()));
  }
  Reader r(Bytes(whole).first(3));
  CHECK(r.u32() == 0);  // too short: nothing of it is taken
  CHECK(r.u8() == 0);   // would fit, but the reader has failed
  CHECK(r.array<2>() == ByteArray<2>{});
  CHECK(r.bytes8().empty());
  CHECK_FALSE(r.finish());
}

TEST_CASE("a length that points past the end fails") {
  Reader r(
      as_bytes("\x05"
               "abcd"));
  CHECK(r.bytes8().empty());
  CHECK(r.failed());
}

}  // namespace
}  // namespace quorumor
