// Memory for secrets: guarded, locked, excluded from core dumps, zeroed when released.
//
// A `Secret<N>` is a move-only handle to N bytes inside a process-wide slab that libsodium's allocator made
// (guard pages at both ends, mlock, MADV_DONTDUMP). One mapping for each key would cost 14 us and 8 KB and
// run into the kernel's limit of 65,530 mappings, so slots of 32, 64, 128 and 256 bytes share slabs of 64 KiB.
// Released slots are zeroed at once and reused; slabs are never given back.
//
// Thread rules: allocation and release take a lock and may happen on any thread; the bytes themselves belong
// to the handle's owner. Secrets are never printed and compare in constant time.
#pragma once

#include "base/bytes.h"

#include <cstddef>
#include <utility>

namespace quorumor {

// Initialises libsodium; idempotent, thread-safe; every entry into this room that needs it calls it.
void crypto_init() noexcept;

// Constant-time comparison; sizes are public.
bool equal_constant_time(Bytes a, Bytes b) noexcept;
// Zeroes in a way that the compiler keeps.
void wipe(MutableBytes bytes) noexcept;

namespace detail {
// Returns zeroed memory. Ends the process if the system has none: a node without memory for its keys must stop.
std::byte* secret_allocate(std::size_t size) noexcept;
void secret_release(std::byte* slot, std::size_t size) noexcept;
}  // namespace detail

template <std::size_t N>
class Secret {
  static_assert(N > 0 && N <= 256);

 public:
  Secret() noexcept = default;  // holds nothing
  static Secret zeroed() noexcept {
    Secret out;
    out.slot_ = detail::secret_allocate(N);
    return out;
  }
  // Copies; the caller wipes its own copy. Requires: exactly N bytes.
  static Secret copy_of(std::span<const std::byte, N> bytes) noexcept {
    Secret out = zeroed();
    std::memcpy(out.slot_, bytes.data(), N);
    return out;
  }
  Secret(Secret&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      reset();
      slot_ = std::exchange(other.slot_, nullptr);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { reset(); }

  explicit operator bool() const noexcept { return slot_ != nullptr; }
  void reset() noexcept {
    if (slot_ != nullptr) detail::secret_release(std::exchange(slot_, nullptr), N);
  }
  Secret clone() const noexcept { return slot_ ? copy_of(bytes()) : Secret{}; }

  // Requires: holds something.
  std::span<const std::byte, N> bytes() const noexcept { return std::span<const std::byte, N>{slot_, N}; }
  std::span<std::byte, N> bytes() noexcept { return std::span<std::byte, N>{slot_, N}; }
  const unsigned char* data() const noexcept { return reinterpret_cast<const unsigned char*>(slot_); }
  unsigned char* data() noexcept { return reinterpret_cast<unsigned char*>(slot_); }

 private:
  std::byte* slot_ = nullptr;
};

}  // namespace quorumor
