// A part that most owners never need: 8 bytes until somebody writes to it. Reading one that is not there gives an empty
// T, shared and constant. Not copyable, as its owner's identity matters.
#pragma once

#include <memory>

namespace quorumor {

template <class T>
class Lazy {
 public:
  explicit operator bool() const noexcept { return static_cast<bool>(part_); }
  const T& operator*() const noexcept { return part_ ? *part_ : none(); }
  const T* operator->() const noexcept { return &**this; }
  T& own() {
    if (!part_) part_ = std::make_unique<T>();
    return *part_;
  }
  void reset() noexcept { part_.reset(); }

 private:
  static const T& none() noexcept {
    static const T kNone{};
    return kNone;
  }
  std::unique_ptr<T> part_;
};

}  // namespace quorumor
