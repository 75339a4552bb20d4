#include "node/cli/dev_cluster.h"

#include "node/cli/times.h"
#include "node/driver/system_rng.h"
#include "node/driver/state_directory.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

namespace quorumor {
namespace {

constexpr const char* kLabel = "dev";
constexpr std::chrono::hours kValidity{24 * 30};
constexpr std::chrono::milliseconds kGrace{1500};
constexpr std::chrono::milliseconds kPoll{20};

Fallible<AuthorityDirectory> open_authority(const std::filesystem::path& path, Rng& rng) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return AuthorityDirectory::open(path);
  return AuthorityDirectory::create(path, kLabel, std::nullopt, rng);
}

Fallible<StateDirectory> open_node(const std::filesystem::path& path, Rng& rng) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return StateDirectory::open(path);
  return StateDirectory::create(path, rng);
}

Fallible<void> prepare_node(const DevCluster::Node& node, bool keymaster, const AuthorityDirectory& authority,
                            const SigningKey& key, Rng& rng) {
  BOOST_OUTCOME_TRY(const auto state, open_node(node.directory, rng));
  BOOST_OUTCOME_TRY(const auto identity, state.identity());
  Admission admission;
  admission.key = identity.public_key();
  admission.name = node.name;
  admission.roles.emplace();
  if (keymaster) admission.roles->emplace_back(kKeymasterRole);
  const WallTime now = wall_now();
  admission.not_after = wall_from_seconds(unix_seconds(now) + std::chrono::seconds(kValidity).count());
  BOOST_OUTCOME_TRY(const auto bundle, authority.admit(admission, key, now, rng));
  return state.install_bundle(bundle);
}

// In the child, between fork and exec: only what is safe there. Never returns.
[[noreturn]] void become_agent(char* const* arguments, int log, pid_t parent) {
  // The terminal's Ctrl-C is for the parent, which then ends its agents in order.
  setpgid(0, 0);
  // If the parent dies, even by SIGKILL, the kernel kills its agents. It may have died before this line.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) {
    _exit(127);
  }
  execv("/proc/self/exe", arguments);
  _exit(127);
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Fallible<DevCluster> DevCluster::prepare(const std::filesystem::path& directory, int nodes) {
  SystemRng rng;
  BOOST_OUTCOME_TRYV(make_private_directory(directory));
  BOOST_OUTCOME_TRY(const auto authority, open_authority(directory / "authority", rng));
  BOOST_OUTCOME_TRY(const auto key, authority.key(std::nullopt));
  std::vector<Node> made;
  for (int i = 1; i <= nodes; ++i) {
    Node node;
    node.name = "n" + std::to_string(i);
    node.directory = directory / node.name;
    BOOST_OUTCOME_TRYV(prepare_node(node, i == 1, authority, key, rng));
    made.push_back(std::move(node));
  }
  return DevCluster(std::move(made));
}

DevCluster::~DevCluster() {
  signal_all(SIGKILL);
  wait_all(kGrace);
}

Fallible<void> DevCluster::start(std::size_t index, const std::optional<std::string>& seed,
                                 const std::string& preset) {
  Node& node = nodes_[index];
  std::vector<std::string> words = {"quorumor", "agent",       "--dir",    node.directory.string(),
                                    "--bind",   "127.0.0.1:0", "--preset", preset};
  if (seed) {
    words.insert(words.end(), {"--join", *seed});
  } else {
    words.emplace_back("--bootstrap");
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const auto log_path = node.directory / "agent.log";
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return fail(log_path.string() + ": cannot be written: " + std::strerror(errno));
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become_agent(arguments.data(), log, parent);
  close(log);
  if (pid < 0) return fail(std::string("cannot start a process: ") + std::strerror(errno));
  node.pid = pid;
  return success();
}

std::vector<DevCluster::Ended> DevCluster::reap() {
  std::vector<Ended> out;
  for (Node& node : nodes_) {
    int status = 0;
    if (node.pid < 0 || waitpid(node.pid, &status, WNOHANG) != node.pid) continue;
    node.pid = -1;
    out.push_back({node.name, describe_status(status), node.directory / "agent.log"});
  }
  return out;
}

void DevCluster::signal_all(int signal) const {
  for (const Node& node : nodes_) {
    if (node.pid > 0) kill(node.pid, signal);
  }
}

bool DevCluster::wait_all(std::chrono::milliseconds patience) {
  for (auto left = patience; left.count() > 0; left -= kPoll) {
    reap();
    bool running = false;
    for (const Node& node : nodes_) running = running || node.pid > 0;
    if (!running) return true;
    const timespec pause{0, std::chrono::nanoseconds(kPoll).count()};
    nanosleep(&pause, nullptr);
  }
  return false;
}

void DevCluster::stop() {
  for (const int signal : {SIGTERM, SIGTERM, SIGKILL}) {
    signal_all(signal);
    if (wait_all(kGrace)) return;
  }
}

}  // namespace quorumor
