// The daemon behind `quorumor agent`: a Runtime, its log, and the admin API on a Unix socket in NODEDIR.
#pragma once

#include "node/agent/log.h"
#include "node/driver/runtime.h"

namespace quorumor {

struct AgentOptions {
  RuntimeOptions runtime;  // addresses as complete_address makes them
  LogFormat log_format = LogFormat::text;
  LogLevel log_level = LogLevel::info;
};

// Runs until a signal (SIGINT and SIGTERM leave the cluster first; a second one ends at once), a leave by the API, a
// clone of this node, or a permanent refusal by every seed before this node ever joined. Returns the exit code; says
// on stderr why it is not 0.
int run_agent(const AgentOptions& options);

}  // namespace quorumor
