// Where the admin socket is, for the agent that listens there and the commands that connect.
#pragma once

#include "node/driver/failure.h"

#include <cstddef>
#include <filesystem>

namespace quorumor {

inline constexpr std::size_t kSocketPathMax = 107;  // sun_path less its terminator

// NODEDIR/agent.sock. On error: one line that says that the path is too long for a Unix socket.
Fallible<std::filesystem::path> admin_socket_path(const std::filesystem::path& node_directory);

}  // namespace quorumor
