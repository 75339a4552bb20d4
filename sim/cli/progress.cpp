#include "sim/cli/progress.h"

#include <unistd.h>
#include <algorithm>
#include <cstdio>

namespace quorumor::sim {

ProgressBar::ProgressBar(std::string title, bool quiet) : title_(std::move(title)), on_(!quiet && isatty(2) != 0) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::clear() {
  if (drawn_) std::fprintf(stderr, "\r\033[K");
  drawn_ = false;
}

void ProgressBar::show(const PoolProgress& p) {
  if (!on_) return;
  constexpr std::size_t kWidth = 30;
  const auto filled = static_cast<std::size_t>(std::clamp(p.share, 0.0, 1.0) * kWidth);
  const std::string bar = std::string(filled, '#') + std::string(kWidth - filled, '.');
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  std::string left;
  if (p.share > 0.02 && took > 2)
    left = ", about " + std::to_string(static_cast<long>(took / p.share - took)) + " s left";
  const std::string failed = p.failed == 0 ? "" : ", " + std::to_string(p.failed) + " not passed";
  std::fprintf(stderr, "\r\033[K%s [%s] %zu/%zu runs%s%s", title_.c_str(), bar.c_str(), p.done, p.all, failed.c_str(),
               left.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace quorumor::sim
