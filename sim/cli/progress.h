// A bar on a terminal, on stderr; nothing at all where stderr is none.
#pragma once

#include "sim/cli/pool.h"

#include <chrono>
#include <string>

namespace quorumor::sim {

class ProgressBar {
 public:
  explicit ProgressBar(std::string title, bool quiet);
  ~ProgressBar();  // wipes the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const PoolProgress& progress);
  void clear();  // before something else is printed

 private:
  std::string title_;
  bool on_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace quorumor::sim
