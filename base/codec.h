// Fixed layouts: little-endian integers, raw arrays, and byte strings behind a u8 or u16 length. Everything
// that is signed is laid out with these, because a signature needs exactly one encoding of a value, and a
// reader that must consume every byte (`finish`) leaves no room for a second one.
//
// Writer: appends to a caller's buffer; running over its end is remembered and reported by `finish`.
// Reader: every get is bounds-checked; after the first failure all further gets give zeros, and `finish` is
// false. So callers decode straight through and check once.
#pragma once

#include "base/bytes.h"

#include <cstdint>

namespace quorumor {

class Writer {
 public:
  explicit Writer(MutableBytes out) noexcept : out_(out) {}

  void u8(std::uint8_t v) noexcept { integer(v); }
  void u16(std::uint16_t v) noexcept { integer(v); }
  void u32(std::uint32_t v) noexcept { integer(v); }
  void u64(std::uint64_t v) noexcept { integer(v); }
  void i64(std::int64_t v) noexcept { integer(static_cast<std::uint64_t>(v)); }
  void raw(Bytes bytes) noexcept {
    if (bytes.size() > out_.size() - used_) {
      failed_ = true;
      return;
    }
    if (!bytes.empty()) std::memcpy(out_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  void bytes8(Bytes bytes) noexcept {
    if (bytes.size() > 0xff) failed_ = true;
    u8(static_cast<std::uint8_t>(bytes.size()));
    raw(bytes);
  }
  void bytes16(Bytes bytes) noexcept {
    if (bytes.size() > 0xffff) failed_ = true;
    u16(static_cast<std::uint16_t>(bytes.size()));
    raw(bytes);
  }
  // What was written; empty if anything did not fit.
  MutableBytes finish() const noexcept { return failed_ ? MutableBytes{} : out_.first(used_); }
  bool failed() const noexcept { return failed_; }

 private:
  template <class T>
  void integer(T v) noexcept {
    ByteArray<sizeof(T)> le;
    store_le<T>(le.data(), v);
    raw(le);
  }
  MutableBytes out_;
  std::size_t used_ = 0;
  bool failed_ = false;
};

class Reader {
 public:
  explicit Reader(Bytes in) noexcept : in_(in) {}

  std::uint8_t u8() noexcept { return integer<std::uint8_t>(); }
  std::uint16_t u16() noexcept { return integer<std::uint16_t>(); }
  std::uint32_t u32() noexcept { return integer<std::uint32_t>(); }
  std::uint64_t u64() noexcept { return integer<std::uint64_t>(); }
  std::int64_t i64() noexcept { return static_cast<std::int64_t>(u64()); }
  Bytes raw(std::size_t n) noexcept {
    if (failed_ || n > in_.size()) {
      failed_ = true;
      return {};
    }
    const Bytes out = in_.first(n);
    in_ = in_.subspan(n);
    return out;
  }
  template <std::size_t N>
  ByteArray<N> array() noexcept {
    ByteArray<N> out{};
    const Bytes from = raw(N);
    if (from.size() == N) std::memcpy(out.data(), from.data(), N);
    return out;
  }
  Bytes bytes8() noexcept { return raw(u8()); }
  Bytes bytes16() noexcept { return raw(u16()); }
  std::size_t left() const noexcept { return in_.size(); }
  bool failed() const noexcept { return failed_; }
  // True if every get succeeded and every byte was consumed.
  bool finish() const noexcept { return !failed_ && in_.empty(); }

 private:
  template <class T>
  T integer() noexcept {
    const Bytes from = raw(sizeof(T));
    return from.size() == sizeof(T) ? load_le<T>(from.data()) : T{0};
  }
  Bytes in_;
  bool failed_ = false;
};

}  // namespace quorumor
