// What the driver counts beside the core's counters: what the operating system or strangers cause. Counters only grow.
#pragma once

#include <cstdint>

namespace quorumor {

struct DriverCounters {
  std::uint64_t datagrams_unsent = 0;  // the kernel's queue was full, or there is no socket of that IP version
  std::uint64_t streams_accepted = 0;
  std::uint64_t streams_refused = 0;    // over a cap: closed before TLS
  std::uint64_t streams_undialled = 0;  // as many streams open as allowed
  std::uint64_t accept_failures = 0;    // out of file descriptors, mostly
  std::uint64_t write_failures = 0;     // of files
};

}  // namespace quorumor
