// The one place where Cap'n Proto meets hostile bytes; private to this room (the library's headers go no
// further). A message is exactly one segment, without a segment table: so there are no far pointers to follow,
// no allocation to make, and a bound known before anything is read.
//
// What the library itself checks: every pointer lies inside the segment, depth, and words traversed (against
// one span referenced a thousand times). What it would let through and is refused here: words that nothing
// refers to, and words that two pointers refer to. Either makes the sum over all objects differ from the bytes
// received, which costs one walk to see. (One of each could cancel out; all they buy a sender is a message whose
// fields alias, and no reader here minds that.) Unused bits inside a struct are not looked at: that is where a
// later version's fields will be. Everything is authenticated by then, so none of it is anybody else's doing.
#pragma once

#include "base/assert.h"
#include "wire/message.h"

#include <capnp/message.h>
#include <kj/exception.h>
#include <exception>

#include "quorumor.capnp.h"

namespace quorumor::segment {

inline constexpr std::size_t kWord = 8;

constexpr std::size_t padded(std::size_t n) noexcept { return (n + kWord - 1) / kWord * kWord; }

// Bytes of a struct's own sections, pointers to it and whatever it points to excluded.
template <class T>
constexpr std::size_t struct_size() noexcept {
  return (std::size_t{T::_capnpPrivate::dataWordSize} + std::size_t{T::_capnpPrivate::pointerCount}) * kWord;
}

inline Bytes from_data(capnp::Data::Reader data) noexcept {
  return {reinterpret_cast<const std::byte*>(data.begin()), data.size()};
}
inline capnp::Data::Reader to_data(Bytes bytes) noexcept {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}
// Copies an exact number of bytes; false if there is any other number.
template <std::size_t N>
bool copy_exact(Bytes from, ByteArray<N>& to) noexcept {
  if (from.size() != N) return false;
  std::memcpy(to.data(), from.data(), N);
  return true;
}

// Opens `plain` and gives its root to `read`, which returns true if every value is in range.
template <class Root, class Read>
Result<void, DecodeError> read(Bytes plain, std::size_t size_max, Read&& read_root) noexcept {
  if (plain.size() > size_max) return DecodeError::too_large;
  if (reinterpret_cast<std::uintptr_t>(plain.data()) % kWord != 0) return DecodeError::misaligned;
  if (plain.empty() || plain.size() % kWord != 0) return DecodeError::malformed;
  const std::size_t words = plain.size() / kWord;
  try {
    const kj::ArrayPtr<const capnp::word> only[] = {{reinterpret_cast<const capnp::word*>(plain.data()), words}};
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 2 * words + limits::kTraversalSlackWords;
    options.nestingLimit = limits::kNesting;
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(only, 1), options);
    const typename Root::Reader root = reader.getRoot<Root>();
    const capnp::MessageSize size = root.totalSize();
    if (size.wordCount + 1 != words || size.capCount != 0) return DecodeError::malformed;
    if (!read_root(root)) return DecodeError::bad_value;
    return success();
  } catch (const kj::Exception&) {
    return DecodeError::malformed;
  } catch (const std::exception&) {
    return DecodeError::malformed;
  }
}

// Lets `fill` build a root in `scratch` and copies it to `out`. Copied, because the library zeroes its scratch
// when it is done, and refuses one that was not zero when it began.
// Requires: scratch is zero and holds exactly the `size` bytes that the message will take.
template <class Root, class Fill>
void write(std::span<std::uint64_t> scratch, MutableBytes out, Fill&& fill) {
  capnp::MallocMessageBuilder builder(kj::arrayPtr(reinterpret_cast<capnp::word*>(scratch.data()), scratch.size()),
                                      capnp::AllocationStrategy::FIXED_SIZE);
  fill(builder.initRoot<Root>());
  const auto segments = builder.getSegmentsForOutput();
  // A second segment, or a first one not filled, would mean that a size function and the schema disagree.
  QUORUMOR_ASSERT(segments.size() == 1 && segments[0].size() == scratch.size());
  std::memcpy(out.data(), segments[0].begin(), scratch.size_bytes());
}

// Encodes what fits a datagram: `size` bytes, on the stack. Empty if `out` or a datagram is too small for it.
template <class Root, class Fill>
MutableBytes write_datagram(std::size_t size, MutableBytes out, Fill&& fill) noexcept {
  constexpr std::size_t kMax = limits::kPlain / kWord;
  if (size > out.size() || size > kMax * kWord) return {};
  std::uint64_t scratch[kMax] = {};
  write<Root>(std::span(scratch).first(size / kWord), out, fill);
  return out.first(size);
}

// Rumors, alike in datagrams and on streams. read_rumor is false for a kind, size or payload out of bounds.
bool read_rumor(schema::Rumor::Reader from, Rumor& to);
void write_rumors(std::span<const Rumor> from, capnp::List<schema::Rumor>::Builder to);
std::size_t rumors_size(std::span<const Rumor> rumors) noexcept;  // the list's tag included; 0 for none

}  // namespace quorumor::segment
