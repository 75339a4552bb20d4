// What must hold in every run. A checker watches and says where a promise was broken; each violation has the time, who
// was concerned, and the shortest window of the trace that shows it.
#pragma once

#include "sim/cast/watcher.h"

#include <memory>
#include <string>
#include <vector>

namespace quorumor::sim {

struct Violation {
  std::string promise;    // its short name: "no-false-death", "signed-claims", "own-incarnations", "memory-bound", ...
  Instant at;
  std::string what;       // one sentence: who, of whom, what
  std::vector<std::string> trace;  // lines, oldest first
};
inline constexpr std::size_t kViolationsMax = 64;  // kept a run; more are counted

class Checker : public Watcher {
 public:
  virtual std::string_view promise() const noexcept = 0;
  const std::vector<Violation>& violations() const noexcept { return violations_; }
  std::uint64_t count() const noexcept { return count_; }

 protected:
  void violated(const Stage& stage, std::string what, std::vector<std::string> trace);

 private:
  std::vector<Violation> violations_;
  std::uint64_t count_ = 0;
};

// All safety checkers. Those whose promise the scenario's bounds void (more liars than B of n, faults out of bounds)
// say nothing, or count false deaths without calling them violations.
std::vector<std::unique_ptr<Checker>> safety_checkers(const Stage& stage);

// After the heal: every crashed member dead everywhere (or, where fewer than k of its observers live, unreachable),
// every honest member alive everywhere, all digests equal, within a computed time. `limit` is that time.
class Liveness;
std::unique_ptr<Checker> liveness_checker(const Stage& stage);
Duration liveness_limit(const Stage& stage);
// Does the healed world fulfil it now? The runner goes on until it does, or the limit is over.
bool is_settled(const Stage& stage);

}  // namespace quorumor::sim
