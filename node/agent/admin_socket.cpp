#include "node/agent/admin_socket.h"

#include <sys/un.h>

namespace quorumor {

static_assert(sizeof(sockaddr_un::sun_path) == kSocketPathMax + 1);

Fallible<std::filesystem::path> admin_socket_path(const std::filesystem::path& node_directory) {
  auto path = node_directory / "agent.sock";
  const std::size_t size = path.string().size();
  if (size <= kSocketPathMax) return path;
  return fail(path.string() + ": the path of a Unix socket has at most " + std::to_string(kSocketPathMax) +
              " characters, this one has " + std::to_string(size) + "; use a shorter --dir");
}

}  // namespace quorumor
