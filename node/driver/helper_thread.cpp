#include "node/driver/helper_thread.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace quorumor {

struct HelperThread::Shared {
  struct Job {
    std::function<void()> run;
    bool may_hang = false;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;  // bounded by its users: one for each kind of file and one for each name to resolve
  std::thread thread;
  bool stopping = false;
  bool busy = false;
  bool hanging = false;  // busy with a job that may hang

  void loop();
};

void HelperThread::Shared::loop() {
  std::unique_lock lock{mutex};
  for (;;) {
    changed.wait(lock, [this] { return stopping || !jobs.empty(); });
    if (jobs.empty() || stopping) break;  // what is left when stopping, `stop` runs itself
    Job job = std::move(jobs.front());
    jobs.pop_front();
    busy = true;
    hanging = job.may_hang;
    lock.unlock();
    job.run();
    job.run = nullptr;  // what it captured goes before the lock is taken again
    lock.lock();
    busy = false;
    hanging = false;
    changed.notify_all();
  }
}

HelperThread::HelperThread() : shared_(std::make_shared<Shared>()) {}

HelperThread::~HelperThread() { stop(); }

void HelperThread::run(std::function<void()> job, bool may_hang) {
  const std::lock_guard lock{shared_->mutex};
  if (shared_->stopping) return;
  shared_->jobs.push_back({std::move(job), may_hang});
  shared_->changed.notify_all();
  if (shared_->thread.joinable()) return;
  // Signals are for the program's own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    shared_->thread = std::thread{[shared = shared_] { shared->loop(); }};
  } catch (const std::system_error&) {
    // No thread to be had: the next job tries again, and `stop` runs what must not be lost.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void HelperThread::stop() {
  std::unique_lock lock{shared_->mutex};
  shared_->stopping = true;
  shared_->changed.notify_all();
  shared_->changed.wait(lock, [this] { return !shared_->busy || shared_->hanging; });
  while (!shared_->jobs.empty()) {
    const Shared::Job job = std::move(shared_->jobs.front());
    shared_->jobs.pop_front();
    if (!job.may_hang) job.run();
  }
  std::thread thread = std::move(shared_->thread);
  const bool left_behind = shared_->hanging;
  lock.unlock();
  if (!thread.joinable()) return;
  if (left_behind) {
    thread.detach();
  } else {
    thread.join();
  }
}

}  // namespace quorumor
