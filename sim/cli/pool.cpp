#include "sim/cli/pool.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>

namespace quorumor::sim {
namespace {

std::atomic<bool> interrupted{false};

void on_interrupt(int) {
  interrupted.store(true);
  std::signal(SIGINT, SIG_DFL);
}

struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::size_t, RunResult> ended;  // not handed over yet
  std::vector<double> shares;
  std::size_t next = 0, running = 0;
  bool enough = false;
};

void work(const std::vector<Job>& jobs, const std::atomic<bool>& stop, Shared& shared) {
  for (;;) {
    std::size_t mine = 0;
    {
      const std::lock_guard lock(shared.mutex);
      if (shared.enough || stop || shared.next == jobs.size()) break;
      mine = shared.next++;
      ++shared.running;
    }
    RunOptions options;
    options.cpu_seconds = thread_cpu_seconds;
    options.stop = &stop;
    options.time_lines = jobs[mine].time_lines;
    options.progress = [&](double share) {
      const std::lock_guard lock(shared.mutex);
      shared.shares[mine] = share;
    };
    RunResult result = run_scenario(*jobs[mine].scenario, jobs[mine].seed, options);
    const std::lock_guard lock(shared.mutex);
    shared.ended.emplace(mine, std::move(result));
    shared.shares[mine] = 1;
    --shared.running;
    shared.changed.notify_one();
  }
  const std::lock_guard lock(shared.mutex);
  shared.changed.notify_one();
}

}  // namespace

const std::atomic<bool>& stop_on_interrupt() {
  std::signal(SIGINT, on_interrupt);
  return interrupted;
}

double thread_cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

void run_pool(const std::vector<Job>& jobs, unsigned threads, const std::atomic<bool>& stop,
              const std::function<bool(std::size_t, RunResult&&)>& on_done,
              const std::function<void(const PoolProgress&)>& on_progress) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  threads = static_cast<unsigned>(std::min<std::size_t>(threads, jobs.size()));
  Shared shared;
  shared.shares.resize(jobs.size());
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back([&] { work(jobs, stop, shared); });
  PoolProgress progress;
  progress.all = jobs.size();
  std::size_t handed = 0;
  std::unique_lock lock(shared.mutex);
  for (;;) {
    auto found = shared.ended.find(handed);
    if (found != shared.ended.end()) {
      RunResult result = std::move(found->second);
      shared.ended.erase(found);
      lock.unlock();
      ++progress.done;
      progress.failed += result.passed() ? 0 : 1;
      const bool more = on_done(handed++, std::move(result));
      lock.lock();
      shared.enough = shared.enough || !more;
      continue;
    }
    const bool begun = shared.next < jobs.size() && !shared.enough && !stop;
    if (shared.running == 0 && shared.ended.empty() && !begun) break;
    double sum = 0;
    for (const double share : shared.shares) sum += share;
    progress.share = sum / static_cast<double>(jobs.size());
    lock.unlock();
    if (on_progress) on_progress(progress);
    lock.lock();
    shared.changed.wait_for(lock, std::chrono::milliseconds(100));
  }
  lock.unlock();
  for (std::thread& worker : workers) worker.join();
}

}  // namespace quorumor::sim
