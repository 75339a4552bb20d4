// Counts what this test program allocates from the heap, because "allocates nothing" is a promise of some functions.
#pragma once

#include <cstdint>

namespace quorumor::test {

std::uint64_t allocations() noexcept;  // since the program began

}  // namespace quorumor::test
