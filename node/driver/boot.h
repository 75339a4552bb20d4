// What a start reads and checks before anything is bound: the directory, its lock, identity, credential, ring and
// snapshot, the seeds, and whether this node may start a new cluster. Every refusal is one line that says what to do.
//
// Why --bootstrap is guarded: two clusters under one authority and label, each with epochs of its own, cannot merge
// again. So a node that shows any trace of having been in a cluster never starts another.
#pragma once

#include "node/core/core.h"
#include "node/driver/host_port.h"
#include "node/driver/runtime.h"

#include <vector>

namespace quorumor {

struct Boot {
  StateDirectory directory;
  FileLock lock;
  ValidatedConfig config;
  std::string label;
  CoreOptions core;                   // without `advertise`; `seeds` holds the numeric ones
  std::vector<HostPort> named_seeds;  // still to be resolved
  bool bootstrap = false;             // start a new cluster, after all checks
  std::vector<std::string> notes;     // for the operator, once all else is well
};

// Persists a new generation as its last step.
Fallible<Boot> boot(const RuntimeOptions& options, WallTime wall);

// HOST:PORT each. Numeric ones are checked and go to `numeric`, names to `named`.
Fallible<void> sort_seeds(const std::vector<std::string>& texts, std::vector<Endpoint>& numeric,
                          std::vector<HostPort>& named);

}  // namespace quorumor
