// What the runtime makes of the core's answers: refusals as lines for people, members' addresses.
#pragma once

#include "node/core/core.h"
#include "node/driver/failure.h"

#include <filesystem>

namespace quorumor {

// `usage` if no node could send that, else a state of this one.
Failure explain(BroadcastError error, std::size_t payload);
Failure not_our_bundle(const std::filesystem::path& directory);
// True if a member that is neither evicted nor left tells others this address, at any port.
bool is_member_address(const NodeCore& core, const Endpoint& address);

}  // namespace quorumor
