#include "crypto/secret.h"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>

namespace quorumor {
namespace {

constexpr std::size_t kSlabBytes = 64 * 1024;
constexpr std::size_t kSmallestSlot = 32;
constexpr std::size_t kClasses = 4;  // 32, 64, 128, 256
static_assert(kSmallestSlot << (kClasses - 1) == 256, "Secret<N> allows N up to 256");
static_assert(kSlabBytes % (kSmallestSlot << (kClasses - 1)) == 0, "a slab divides into slots of any class");

// A free slot's first bytes link to the next one; all its other bytes are zero.
struct FreeSlot {
  FreeSlot* next;
};
static_assert(sizeof(FreeSlot) <= kSmallestSlot);

// Never destroyed: a secret in static storage may be released after everything else.
struct Pool {
  std::mutex mutex;
  FreeSlot* free[kClasses] = {};
};
constinit Pool pool;

std::size_t class_of(std::size_t size) noexcept {
  std::size_t index = 0;
  while ((kSmallestSlot << index) < size) ++index;
  return index;
}

[[noreturn]] void stop(const char* reason) noexcept {
  std::fprintf(stderr, "quorumor: %s\n", reason);
  std::abort();
}

// Requires: pool.mutex is held.
void add_slab(std::size_t index) noexcept {
  // A failing mlock (RLIMIT_MEMLOCK) is not a failing sodium_malloc: the guards and the dump exclusion
  // remain.
  auto* slab = static_cast<std::byte*>(sodium_malloc(kSlabBytes));
  if (slab == nullptr) stop("no guarded memory for keys: raise the limits on memory or mappings (ulimit -v)");
  sodium_memzero(slab, kSlabBytes);  // libsodium fills with a pattern
  const std::size_t slot = kSmallestSlot << index;
  for (std::size_t offset = kSlabBytes; offset >= slot; offset -= slot) {
    pool.free[index] = ::new (slab + offset - slot) FreeSlot{pool.free[index]};
  }
}

}  // namespace

void crypto_init() noexcept {
  static const bool ready = [] {
    if (sodium_init() < 0) stop("libsodium does not initialise: no source of random numbers");
    return true;
  }();
  static_cast<void>(ready);
}

bool equal_constant_time(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(MutableBytes bytes) noexcept {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

namespace detail {

std::byte* secret_allocate(std::size_t size) noexcept {
  crypto_init();
  const std::size_t index = class_of(size);
  const std::lock_guard lock(pool.mutex);
  if (pool.free[index] == nullptr) add_slab(index);
  FreeSlot* slot = pool.free[index];
  pool.free[index] = slot->next;
  slot->next = nullptr;  // the one part of a free slot that is not zero
  return reinterpret_cast<std::byte*>(slot);
}

void secret_release(std::byte* slot, std::size_t size) noexcept {
  sodium_memzero(slot, size);
  const std::size_t index = class_of(size);
  const std::lock_guard lock(pool.mutex);
  pool.free[index] = ::new (slot) FreeSlot{pool.free[index]};
}

}  // namespace detail
}  // namespace quorumor
