// A value with several owners, copied when one of them writes to it: 8 bytes until there is one. For what is the same
// for many holders and seldom changes: a simulated cluster's tables hold one copy of each signed record instead of n.
// An owner that is alone (every daemon's table) never copies.
//
// Reading one that is not there gives an empty T, shared and constant, if there is such a thing; else it is an error
// of the program. Owners of one value must be of one thread: the count is not atomic.
#pragma once

#include "base/assert.h"

#include <cstdint>
#include <type_traits>
#include <utility>

namespace quorumor {

template <class T>
class Shared {
 public:
  Shared() noexcept = default;
  Shared(T value) : block_(new Block(std::move(value))) {}
  Shared(const Shared& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) ++block_->owners;
  }
  Shared(Shared&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Shared() { reset(); }

  explicit operator bool() const noexcept { return block_ != nullptr; }
  bool has_value() const noexcept { return block_ != nullptr; }
  const T& operator*() const noexcept { return block_ != nullptr ? block_->value : none(); }
  const T* operator->() const noexcept { return &**this; }
  // To write to: this owner's own, made or copied if it is not that yet.
  T& own() {
    if (block_ == nullptr) {
      *this = Shared(T());
    } else if (block_->owners > 1) {
      *this = Shared(T(block_->value));
    }
    return block_->value;
  }
  void reset() noexcept {
    if (Block* const block = std::exchange(block_, nullptr); block != nullptr && --block->owners == 0) delete block;
  }

 private:
  struct Block {
    explicit Block(T given) : value(std::move(given)) {}
    T value;
    std::uint32_t owners = 1;
  };
  static const T& none() noexcept {
    if constexpr (std::is_default_constructible_v<T>) {
      static const T kNone{};
      return kNone;
    } else {
      QUORUMOR_ASSERT(false);
    }
  }
  Block* block_ = nullptr;
};

}  // namespace quorumor
