#include "node/agent/harden.h"

#include "node/driver/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace quorumor {

Fallible<void> harden_process(std::size_t descriptors) {
  prctl(PR_SET_NAME, "quorumor");  // one that was started through /proc/self/exe is called "exe" in process lists
  BOOST_OUTCOME_TRYV(forbid_core_dumps());
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
    return fail(std::string("cannot read the limit of open files: ") + std::strerror(errno));
  }
  if (files.rlim_cur >= descriptors) return success();
  const rlim_t had = files.rlim_cur;
  files.rlim_cur = descriptors;
  if (files.rlim_max < descriptors || setrlimit(RLIMIT_NOFILE, &files) != 0) {
    return fail("the limit of open files is " + std::to_string(had) + ", an agent needs " +
                std::to_string(descriptors) + "; raise it with ulimit -n (systemd: LimitNOFILE=)");
  }
  return success();
}

}  // namespace quorumor
