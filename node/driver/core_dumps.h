// What every process that touches a key does first.
#pragma once

#include "node/driver/failure.h"

namespace quorumor {

// No core dumps and no debugger of the same user: both would hand out secrets that live outside guarded memory (files
// being read, TLS, registers).
Fallible<void> forbid_core_dumps();

}  // namespace quorumor
