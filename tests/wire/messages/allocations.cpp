#include "allocations.h"

#include <cstdlib>
#include <new>

namespace {

std::size_t allocations = 0;
std::size_t largest_allocation = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (size > largest_allocation) largest_allocation = size;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  if (size > largest_allocation) largest_allocation = size;
  return std::malloc(size > 0 ? size : 1);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace quorumor::test {

Allocations::Allocations() noexcept { allocations = largest_allocation = 0; }
std::size_t Allocations::count() const noexcept { return allocations; }
std::size_t Allocations::largest() const noexcept { return largest_allocation; }

}  // namespace quorumor::test
