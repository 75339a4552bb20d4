// Cap'n Proto words written by hand, to say what our own encoder never says. Word 0 is the root pointer.
// https://capnproto.org/encoding.html
#pragma once

#include "base/bytes.h"

namespace quorumor::test {

struct RawSegment {
  std::vector<std::uint64_t> words{0};

  // Appends zeroed words; returns the index of the first.
  std::size_t add(std::size_t count) {
    const std::size_t at = words.size();
    words.resize(at + count);
    return at;
  }
  void point_to_struct(std::size_t pointer, std::size_t target, std::uint64_t data, std::uint64_t pointers) {
    words[pointer] = offset(pointer, target) << 2 | data << 32 | pointers << 48;
  }
  // `element`: 2 for bytes, 7 for structs (then `count` is of words, the tag excluded).
  void point_to_list(std::size_t pointer, std::size_t target, std::uint64_t element, std::uint64_t count) {
    words[pointer] = 1 | offset(pointer, target) << 2 | element << 32 | count << 35;
  }
  void add_bytes(std::size_t pointer, Bytes bytes) {
    const std::size_t target = add((bytes.size() + 7) / 8);
    std::memcpy(&words[target], bytes.data(), bytes.size());
    point_to_list(pointer, target, 2, bytes.size());
  }
  // A list of structs; returns the index of its first element.
  std::size_t add_structs(std::size_t pointer, std::size_t count, std::uint64_t data, std::uint64_t pointers) {
    const std::size_t tag = add(1 + count * static_cast<std::size_t>(data + pointers));
    words[tag] = std::uint64_t{count} << 2 | data << 32 | pointers << 48;
    point_to_list(pointer, tag, 7, count * (data + pointers));
    return tag + 1;
  }
  std::size_t add_root(std::uint64_t data, std::uint64_t pointers) {
    const std::size_t root = add(static_cast<std::size_t>(data + pointers));
    point_to_struct(0, root, data, pointers);
    return root;
  }
  // Rumors that are bodies of one byte each: the smallest there are.
  void add_small_rumors(std::size_t pointer, std::size_t count) {
    const std::size_t first = add_structs(pointer, count, 1, 2);
    for (std::size_t i = 0; i < count; ++i) {
      words[first + 3 * i] = 3;
      add_bytes(first + 3 * i + 1, as_bytes("x"));
    }
  }
  Bytes bytes() const noexcept { return std::as_bytes(std::span(words)); }

 private:
  static std::uint64_t offset(std::size_t pointer, std::size_t target) { return target - pointer - 1; }
};

}  // namespace quorumor::test
