// Counts what this program asks of operator new, for the promises about memory.
#pragma once

#include <cstddef>

namespace quorumor::test {

class Allocations {
 public:
  Allocations() noexcept;  // counting begins
  std::size_t count() const noexcept;
  std::size_t largest() const noexcept;  // bytes, since the latest object was made
};

}  // namespace quorumor::test
