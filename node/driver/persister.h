// Carries out the core's Persist outputs. What must be on disk before anything is sent is written at once, on the
// loop's thread; the rest on the helper thread, at most one write of a kind at a time, and of what queues up behind
// it only the newest. A queued write that fails (a full disk) is noted and tried again until it, or a newer one,
// succeeds.
// Order: a write that was overtaken by a newer one of its kind is skipped, so an old ring never replaces a new one.
#pragma once

#include "base/time.h"
#include "node/core/output.h"
#include "node/driver/driver_counters.h"
#include "node/driver/helper_thread.h"
#include "node/driver/state_directory.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace quorumor {

class Persister : public std::enable_shared_from_this<Persister> {
 public:
  using Note = std::function<void(const std::string& line)>;

  Persister(boost::asio::io_context& loop, HelperThread& helper, StateDirectory directory, DriverCounters& counters,
            Note note, Duration retry = 10s);
  ~Persister();

  Fallible<void> write_now(Persist::What what, Bytes bytes);
  void queue(Persist::What what, Bytes bytes);
  // Writes what is still queued; nothing is written after it. The helper thread is stopped by it.
  void close();

 private:
  static constexpr std::size_t kKinds = 4;
  struct Disk;
  struct Slot {
    ByteVector bytes;         // the newest that is not on disk; wiped when replaced, for a ring is a secret
    std::uint64_t order = 0;  // of `bytes`; 0: nothing
    bool busy = false;        // the helper thread writes one of this kind
  };
  void begin(std::size_t kind);
  void on_written(std::size_t kind, std::uint64_t order, const Fallible<void>& result);
  void retry_later();

  boost::asio::io_context& loop_;
  HelperThread& helper_;
  DriverCounters& counters_;
  Note note_;
  Duration retry_;
  boost::asio::steady_timer timer_;
  bool timer_armed_ = false;
  std::shared_ptr<Disk> disk_;
  std::array<Slot, kKinds> slots_;
  std::uint64_t order_ = 0;
  bool closed_ = false;
};

}  // namespace quorumor
