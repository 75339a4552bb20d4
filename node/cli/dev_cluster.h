// A whole cluster on this machine, for trying things out: an authority, and agents as child processes on loopback.
// Nothing of it survives its parent, however that ends.
#pragma once

#include "node/cli/authority_directory.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace quorumor {

inline constexpr int kDevNodesMax = 50;

class DevCluster {
 public:
  struct Node {
    std::string name;  // n1, n2, ...
    std::filesystem::path directory;
    pid_t pid = -1;
  };
  struct Ended {
    std::string name;
    std::string how;  // "exit code 1", "signal 9"
    std::filesystem::path log;
  };

  // Makes the authority and `nodes` directories under `directory`, or uses those that are there from an earlier run;
  // every credential is issued anew.
  static Fallible<DevCluster> prepare(const std::filesystem::path& directory, int nodes);
  DevCluster(DevCluster&& other) noexcept = default;
  ~DevCluster();  // kills what still runs

  const std::vector<Node>& nodes() const noexcept { return nodes_; }
  // A process of this very program, `agent` on a free loopback port; the first node bootstraps if there is no `seed`.
  Fallible<void> start(std::size_t node, const std::optional<std::string>& seed, const std::string& preset);
  // Agents that have ended by themselves since the last call.
  std::vector<Ended> reap();
  // Asks them to leave, a moment later tells them to end, another moment later kills them.
  void stop();

 private:
  explicit DevCluster(std::vector<Node> nodes) : nodes_(std::move(nodes)) {}
  void signal_all(int signal) const;
  bool wait_all(std::chrono::milliseconds patience);

  std::vector<Node> nodes_;
};

}  // namespace quorumor
