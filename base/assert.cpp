#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace quorumor {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "quorumor: broken invariant: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace quorumor
