// What the agent asks of its own process before it touches a key.
#pragma once

#include "node/driver/failure.h"

#include <cstddef>

namespace quorumor {

// No core dumps and no debugger (driver/core_dumps.h). Then makes sure of `descriptors` open files, raising the soft
// limit if the hard one allows it: an agent that runs out under load could no longer persist its state.
Fallible<void> harden_process(std::size_t descriptors);

}  // namespace quorumor
