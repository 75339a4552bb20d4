// The thin, obedient loop around a core: UDP sockets drained until EAGAIN, TLS streams, one timer, the state
// directory. It decides nothing about the protocol. Everything runs on the thread that runs the io_context; what
// blocks (fsync of snapshots and rings, name resolution) runs on one helper thread. A Persist with before_sending is
// written synchronously.
#pragma once

#include "node/core/core.h"
#include "node/driver/driver_counters.h"
#include "node/driver/state_directory.h"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace quorumor {

struct RuntimeOptions {
  std::filesystem::path directory;       // NODEDIR
  std::vector<std::string> bind;         // HOST:PORT, numeric or name; at least one; port 0 picks one
  std::optional<std::string> advertise;  // HOST:PORT; required for a wildcard bind
  std::vector<std::string> join;         // HOST:PORT, resolved in the background, again at each retry
  bool bootstrap = false;
  ClusterParameters parameters;  // for bootstrap
  Config config;
  PassphraseSource passphrase;  // for a sealed directory
};

class Runtime {
 public:
  using EventSink = std::function<void(const Event& event, WallTime at)>;  // called on the loop's thread
  using NoteSink = std::function<void(const std::string& line)>;           // operator-facing notes (rate-limited)

  // The node had to stop by itself: what must be on disk before the next send could not be written. Called once, on
  // the loop's thread, after close.
  using StopSink = std::function<void(const Failure& why)>;

  // Locks the directory, loads and checks everything, binds, starts the core. Every error is one clear line and
  // leaves nothing behind: port in use, missing or damaged files, second agent, no ring and no way to get one.
  // Blocks for the resolution of names in `bind` and `advertise` only. Events come first when the loop runs.
  // Sinks must not throw; they may call anything here but the destructor. Without `on_stop`, such a stop is a note
  // and ends the loop (io_context::stop); `stopped_by` says why.
  static Fallible<std::unique_ptr<Runtime>> start(boost::asio::io_context& loop, RuntimeOptions options,
                                                  EventSink on_event, NoteSink on_note, StopSink on_stop = {});
  ~Runtime();  // closes

  // All of these on the loop's thread (or while it does not run).
  void join(std::vector<std::string> endpoints);  // HOST:PORT; what cannot be used becomes a note
  void leave();                                   // Event::left follows
  // An event for every member's application. The failure is one line: `usage` if no node could send that, else a state
  // of this one. From inside a sink it is sent when that has returned.
  Fallible<void> broadcast(std::string_view name, Bytes payload, std::chrono::milliseconds ttl);
  // What the authority signed (content || signature), and the credential that is in the directory now: see NodeCore.
  // The failure is one line; nothing has changed then. Not from inside a sink.
  Fallible<void> revoke(Bytes record);
  Fallible<void> force_leave(Bytes record);
  Fallible<void> endorse(const std::vector<ByteVector>& records);  // none: nothing to do
  Fallible<void> renew();
  // See NodeCore. The failure is one line; nothing has changed then. Not from inside a sink.
  Fallible<Epoch> rotate(const RotateOptions& options);
  Fallible<void> retire(Epoch through);
  // Stops sockets, streams and timers, writes the last snapshot, releases the lock. Idempotent. Queries still work.
  void close();

  const NodeCore& core() const;
  const DriverCounters& counters() const;
  std::size_t open_streams() const;
  const std::optional<Failure>& stopped_by() const;
  Instant now() const;
  WallTime wall_now() const;
  const Credential& credential() const;
  const ClusterId& cluster() const;
  const std::string& label() const;
  // Where it really listens (port 0 resolved) and what it tells others.
  std::vector<Endpoint> listening() const;
  std::vector<Endpoint> advertised() const;

 private:
  struct Impl;
  explicit Runtime(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorumor
