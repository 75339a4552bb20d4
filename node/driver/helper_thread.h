// The one thread for what blocks: fsync of snapshots and rings, and getaddrinfo. Started by the first job, so that a
// node that needs none has none.
//
// A name server that does not answer holds getaddrinfo for half a minute, and no call can end it. Such jobs are
// marked `may_hang`: `stop` does not wait for one; it leaves the thread behind, which ends by itself. What a job
// touches after it may have hung must therefore outlive everything (shared ownership).
#pragma once

#include <functional>
#include <memory>

namespace quorumor {

class HelperThread {
 public:
  HelperThread();
  ~HelperThread();  // stops
  HelperThread(const HelperThread&) = delete;
  HelperThread& operator=(const HelperThread&) = delete;

  // In order, one at a time. Jobs must not throw. After stop: ignored.
  void run(std::function<void()> job, bool may_hang);
  // Returns once every job that may not hang has run. Idempotent. Jobs that may hang and have not begun are dropped.
  void stop();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace quorumor
