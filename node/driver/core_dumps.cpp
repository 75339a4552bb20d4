#include "node/driver/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace quorumor {

Fallible<void> forbid_core_dumps() {
  const rlimit no_core{0, 0};
  if (prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_CORE, &no_core) == 0) return success();
  return fail(std::string("cannot turn core dumps off: ") + std::strerror(errno));
}

}  // namespace quorumor
