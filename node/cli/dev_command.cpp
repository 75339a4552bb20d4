#include "node/cli/admin_client.h"
#include "node/cli/admin_views.h"
#include "node/cli/answer.h"
#include "node/cli/commands.h"
#include "node/cli/dev_cluster.h"
#include "node/cli/path_option.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

namespace quorumor {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kTick{400};
constexpr std::chrono::milliseconds kFirstTick{50};
constexpr int kFirstTries = 200;  // 10 s for the first agent to listen

struct Options {
  int nodes = 3;
  std::string dir;
  std::string preset = "local";
};

// Ctrl-C, SIGTERM or a closed terminal, waited for instead of handled: no code runs in a handler.
class Interrupt {
 public:
  Interrupt() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
    sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  ~Interrupt() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // True if one came within `time`.
  bool wait(std::chrono::milliseconds time) const {
    const timespec timeout{time.count() / 1000, std::chrono::nanoseconds(time % 1000).count()};
    return sigtimedwait(&set_, nullptr, &timeout) > 0;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

// A directory of our own under /tmp, gone with us; or the user's, which stays.
class Home {
 public:
  static Fallible<std::unique_ptr<Home>> make(const std::string& given) {
    if (!given.empty()) {
      std::error_code error;
      auto path = std::filesystem::absolute(given, error);
      if (error) return fail(given + ": " + error.message());
      return std::unique_ptr<Home>(new Home(std::move(path), false));
    }
    char name[] = "/tmp/quorumor-dev-XXXXXX";
    if (mkdtemp(name) == nullptr) return fail(std::string("cannot make a directory in /tmp: ") + std::strerror(errno));
    return std::unique_ptr<Home>(new Home(name, true));
  }
  ~Home() {
    std::error_code ignored;
    if (temporary_) std::filesystem::remove_all(path_, ignored);
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }
  bool is_temporary() const noexcept { return temporary_; }

 private:
  Home(std::filesystem::path path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  std::filesystem::path path_;
  bool temporary_;
};

void say(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string last_line(const std::filesystem::path& log) {
  const auto bytes = read_file(log, 16 * 1024 * 1024, Privacy::open);
  if (!bytes || !bytes.value()) return "";
  std::string text(as_text(*bytes.value()));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// True if any ended.
bool tell_ended(DevCluster& cluster) {
  const auto ended = cluster.reap();
  for (const DevCluster::Ended& e : ended) {
    say(e.name + " ended (" + e.how + "); " + e.log.string() + ": " + last_line(e.log) + "\n");
  }
  return !ended.empty();
}

std::string first_listening(const std::filesystem::path& node) {
  const auto body = ask_agent(node, "GET", "/v1/status");
  if (!body) return "";
  const auto status = parse_status(body.value());
  if (!status) return "";
  const json::value* list = status.value().if_contains("listening");
  if (list == nullptr || !list->is_array() || list->get_array().empty()) return "";
  const json::value& first = list->get_array().front();
  return first.is_string() ? std::string(first.get_string().data(), first.get_string().size()) : "";
}

// Nothing: interrupted.
Fallible<std::optional<std::string>> wait_for_first(DevCluster& cluster, const Interrupt& interrupt) {
  for (int i = 0; i < kFirstTries; ++i) {
    if (interrupt.wait(kFirstTick)) return std::optional<std::string>();
    const std::string address = first_listening(cluster.nodes().front().directory);
    if (!address.empty()) return std::optional<std::string>(address);
    if (tell_ended(cluster)) break;
  }
  return fail("the first agent does not run; see " + (cluster.nodes().front().directory / "agent.log").string());
}

// What of the table counts as a change: names and states, not ages.
std::string shape_of(const json::array& members) {
  std::string out;
  for (const json::value& value : members) {
    const json::object* member = value.if_object();
    if (member == nullptr) continue;
    for (const char* key : {"name", "state"}) {
      const json::value* field = member->if_contains(key);
      if (field != nullptr && field->is_string()) out.append(field->get_string().c_str()).append(" ");
    }
  }
  return out;
}

void tell_commands(const DevCluster& cluster) {
  const auto& nodes = cluster.nodes();
  const std::string dir = shell_word(nodes.front().directory);
  std::string out = "\nAll " + std::to_string(nodes.size()) +
                    " are alive. In another terminal:\n  quorumor members --dir " + dir +
                    "\n  quorumor status  --dir " + dir + "\n  quorumor events  --dir " + dir + "\n";
  const DevCluster::Node& last = nodes.back();
  if (nodes.size() > 1) {
    out += "  kill -9 " + std::to_string(last.pid) + "        (" + last.name + "; see the others notice)\n" +
           "  quorumor why " + last.name + "  --dir " + dir + "\n  quorumor leave   --dir " +
           shell_word(last.directory) + "\n";
  }
  say(out + "Ctrl-C ends them all.\n\n");
}

// The table as this cluster's first living agent sees it, whenever it changes; until interrupted or all have ended.
int watch(DevCluster& cluster, const Interrupt& interrupt) {
  std::string shown;
  bool told = false;
  while (!interrupt.wait(kTick)) {
    tell_ended(cluster);
    const DevCluster::Node* viewer = nullptr;
    for (const DevCluster::Node& node : cluster.nodes()) {
      if (viewer == nullptr && node.pid > 0) viewer = &node;
    }
    if (viewer == nullptr) return report(fail("all agents have ended"));
    const auto body = ask_agent(viewer->directory, "GET", "/v1/members");
    const auto members = body ? parse_members(body.value()) : Fallible<json::array>(body.error());
    if (!members) continue;  // it is just ending: the next round sees that
    const std::string shape = shape_of(members.value());
    if (shape == shown) continue;
    shown = shape;
    say(members_text(members.value()) + "\n");
    const std::size_t alive = filter_members(members.value(), {"alive", std::nullopt}).size();
    if (!told && alive == cluster.nodes().size()) {
      told = true;
      tell_commands(cluster);
    }
  }
  return 0;
}

Fallible<int> dev(const Options& o) {
  const Interrupt interrupt;
  BOOST_OUTCOME_TRY(const auto home, Home::make(o.dir));
  BOOST_OUTCOME_TRY(auto cluster, DevCluster::prepare(home->path(), o.nodes));
  say("Starting " + std::to_string(o.nodes) + (o.nodes == 1 ? " agent" : " agents") + " in " + home->path().string() +
      (home->is_temporary() ? " (removed at the end)\n" : " (kept)\n"));
  BOOST_OUTCOME_TRYV(cluster.start(0, std::nullopt, o.preset));
  BOOST_OUTCOME_TRY(const auto seed, wait_for_first(cluster, interrupt));
  if (!seed) return 0;
  for (std::size_t i = 1; i < cluster.nodes().size(); ++i) {
    BOOST_OUTCOME_TRYV(cluster.start(i, seed, o.preset));
  }
  const int code = watch(cluster, interrupt);
  say("Ending the agents.\n");
  cluster.stop();
  return code;
}

}  // namespace

void add_dev_command(CLI::App& app, Chosen& chosen) {
  auto* c = app.add_subcommand("dev", "A whole cluster on this machine, to try things out, until Ctrl-C");
  auto o = std::make_shared<Options>();
  c->add_option("--nodes", o->nodes, "How many agents, 1 to 50")
      ->capture_default_str()
      ->check(CLI::Range(1, kDevNodesMax));
  add_path(c, "--dir", o->dir, "Keep everything here (a temporary directory unless given)");
  c->add_option("--preset", o->preset, "Timing: lan, wan or local")
      ->capture_default_str()
      ->check(CLI::IsMember({"lan", "wan", "local"}));
  c->callback([o, &chosen] {
    chosen = [o] {
      const Fallible<int> done = dev(*o);
      return done ? done.value() : report(done.error());
    };
  });
}

}  // namespace quorumor
