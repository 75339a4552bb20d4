// What the measuring programs of the failure detector share: options, a report that sets each figure beside the limit
// demanded of it, and a watcher that counts what must not happen. All time is the world's, but for `took`, which is
// this machine's.
#pragma once

#include "sim/formed.h"
#include "sim/liar.h"

#include <string>
#include <vector>

namespace quorumor::detect {

using sim::World;
using Index = World::Index;

struct Options {
  std::uint64_t first_seed = 1;
  unsigned seeds = 0;        // repetitions; 0: each experiment's own number
  unsigned minutes = 60;     // of virtual time, for the long ones
  bool defense = true;       // off: every experiment in the control arm

  unsigned repetitions(unsigned usual) const { return seeds == 0 ? usual : seeds; }
};

// [least, most], either may be absent.
struct Limit {
  double least = -1e300;
  double most = 1e300;
  static Limit at_most(double x) { return {-1e300, x}; }
  static Limit between(double a, double b) { return {a, b}; }
  static Limit none() { return {}; }
};

class Report {
 public:
  // One line; remembers whether any limit was missed.
  void figure(const std::string& what, double value, const char* unit, Limit limit = Limit::none());
  bool missed() const noexcept { return missed_; }

 private:
  bool missed_ = false;
};

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
// The least value that at least this share of the samples does not exceed. Requires: samples.
double percentile(std::vector<double> samples, double share);
double mean(const std::vector<double>& samples);

// A formed cluster of n, warmed up for a while that depends on the seed, in the arm that is asked for.
// `warm_up` is the least; up to a period is added, so that nothing is in step with the start.
std::unique_ptr<World> formed(const Options& options, std::uint64_t seed, std::size_t n, Duration warm_up);

// Follows every pair's state from the events. Who was stopped or crashed is not innocent any more: `excuse` it.
class Watcher {
 public:
  // Requires: the world is formed and outlives this; no other listener.
  explicit Watcher(World& world);
  ~Watcher();
  void excuse(Index node) { excused_[node] = true; }
  // What a liar itself comes to believe of whom it lies about is no harm done.
  void disregard(Index reader, Index subject) { disregarded_[reader][subject] = true; }
  std::uint64_t suspicions() const noexcept { return suspicions_; }      // of anybody, at anybody
  std::uint64_t false_deaths() const noexcept { return false_deaths_; }  // of a running, not excused member, at anybody
  MemberState worst() const noexcept { return worst_; }                  // state of such a member, at anybody
  // Share of the time since the beginning that a pair of running members spent with one suspecting the other: the mean
  // over all pairs, and the worst pair's.
  double suspected_share() const;
  double suspected_share_of_worst_pair() const;

 private:
  void on_event(const sim::Recorded& r);
  World& world_;
  Instant since_;
  std::vector<bool> excused_;
  std::vector<std::vector<bool>> disregarded_;  // [reader][subject]
  std::vector<std::vector<Instant>> suspect_since_;  // [reader][subject]; the epoch: not suspected
  std::vector<std::vector<Duration>> suspected_;
  std::uint64_t suspicions_ = 0, false_deaths_ = 0;
  MemberState worst_ = MemberState::alive;
};

struct Experiment {
  const char* name;
  const char* what;
  void (*run)(const Options&, Report&);
};
void form(const Options& options, Report& report);
void first_probe(const Options& options, Report& report);
void load(const Options& options, Report& report);
void dead_100(const Options& options, Report& report);
void dead_1000(const Options& options, Report& report);
void control_100(const Options& options, Report& report);
void control_1000(const Options& options, Report& report);
void ratio_100(const Options& options, Report& report);
void ratio_1000(const Options& options, Report& report);
void loss(const Options& options, Report& report);
void mass(const Options& options, Report& report);
void one_liar(const Options& options, Report& report);
void few_liars(const Options& options, Report& report);
void enough_liars(const Options& options, Report& report);

}  // namespace quorumor::detect
