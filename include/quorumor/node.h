// quorumor, embedded: a member of a cluster inside your program.
//
//   quorumor::NodeOptions options;
//   options.directory = "/var/lib/myapp/quorumor";   // from `quorumor node init` and `quorumor node install`
//   options.bind = {"0.0.0.0:7947"};
//   options.advertise = "192.0.2.7:7947";
//   options.join = {"192.0.2.1:7947"};
//   auto node = quorumor::Node::start(options, {});   // throws quorumor::Error
//   for (const auto& m : node->members()) use(m.name, m.state);
//
// Thread rules. A Node owns one thread for its protocol. Every method may be called from any thread, also from a
// callback. Callbacks run on that one thread, one at a time, in order: keep them short, do not block. Queries from
// another thread wait for it: never call one while holding a lock that a callback takes. `close` (and the destructor)
// returns after the last callback has returned; called from a callback it only begins the end. After it, queries give
// what was last known.
// This header needs nothing but the standard library.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace quorumor {

// What an operator can mend: a missing file, a port in use, a refusal. what() is one line that says what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct NodeOptions {
  std::string directory;                 // the node's state directory
  std::vector<std::string> bind;         // HOST:PORT; port 0 picks a free one
  std::optional<std::string> advertise;  // HOST:PORT that others reach us at; needed where bind is a wildcard
  std::vector<std::string> join;         // HOST:PORT of members to join by
  bool bootstrap = false;                // start a new cluster (needs the keymaster role)
  enum class Preset { lan, wan, local } preset = Preset::lan;
  std::string passphrase_file;  // of a directory that `quorumor node seal` sealed; empty: it is not
};

enum class State { alive, suspect, unreachable, dead, left, evicted };
const char* to_string(State state) noexcept;

struct MemberInfo {
  std::string id;  // 32 hex digits
  std::string name;
  std::string zone;
  State state = State::alive;
  std::uint64_t generation = 0;
  std::uint64_t incarnation = 0;
  std::vector<std::string> endpoints;
  bool self = false;
};

// A change that this node noticed. `kind` is one of: alive, suspect, unreachable, dead, left, updated, evicted, joined,
// join-refused, join-failed, refuted, clone-alarm, revoked (after either this node is silent for good: close
// it), leave-done; and, about this node's surroundings, note (`reason` is
// for an operator to read) and stopped (this node ended itself: `reason` says why; close it).
struct Notice {
  std::chrono::system_clock::time_point at;
  std::string kind;
  std::string member;  // name, where the change is about one
  std::string id;
  std::string reason;
};

// An event of some member's application (this one's own included): signed by that member, told once.
struct UserEvent {
  std::chrono::system_clock::time_point sent;  // by the sender's clock
  std::string name;
  std::string payload;  // bytes, at most 512
  std::string member;   // whose it is, by name
  std::string id;       // and by id
  std::uint64_t generation = 0;  // of the sender's process
  std::uint64_t sequence = 0;    // within it
};

struct Callbacks {
  std::function<void(const Notice&)> on_notice{};
  std::function<void(const UserEvent&)> on_event{};  // in the order of arrival, which need not be that of sending
};

class Node {
 public:
  // Returns once sockets are bound and the protocol runs; joining goes on in the background. Throws Error.
  static std::unique_ptr<Node> start(const NodeOptions& options, Callbacks callbacks);
  virtual ~Node() = default;

  virtual void join(const std::vector<std::string>& endpoints) = 0;
  // Tells the others and waits until enough of them know, at most `timeout`. True if they do. Not from a callback.
  virtual bool leave(std::chrono::milliseconds timeout = std::chrono::seconds{6}) = 0;
  // An event for every member: a name of 1 to 64 characters of [a-z0-9._-], at most 512 bytes, and how long it may
  // still be told (1 ms to 1 h). Throws Error if this node cannot send it. From a callback it goes out after that.
  virtual void broadcast(const std::string& name, const std::string& payload,
                         std::chrono::milliseconds ttl = std::chrono::seconds{60}) = 0;
  virtual void close() = 0;  // idempotent; without leave, the others will see a failure

  virtual std::vector<MemberInfo> members() const = 0;             // this node first; a consistent copy
  virtual std::map<std::string, std::uint64_t> stats() const = 0;  // counters and gauges by name
  virtual std::vector<std::string> endpoints() const = 0;          // where it really listens
};

}  // namespace quorumor
