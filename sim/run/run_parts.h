// One run under way. Private to this room.
#pragma once

#include "sim/adversary/adversary.h"
#include "sim/cast/audience.h"
#include "sim/measure/measures.h"
#include "sim/run/casting.h"
#include "sim/run/runner.h"

#include <functional>
#include <memory>
#include <set>

namespace quorumor::sim {

class Run : private Watcher {
 public:
  using Index = World::Index;
  Run(const Scenario& scenario, std::uint64_t seed, const RunOptions& options);
  ~Run() override;
  RunResult go();

 private:
  // runner.cpp: the phases
  void form();
  void measure();
  void heal();
  void enter(Phase phase);
  void on_event(const Stage& stage, const Recorded& r) override;
  void on_second(const Stage& stage) override;
  bool is_stopped() const { return options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed); }
  void run_for(Duration duration);
  RunResult report();

  // setting.cpp: the cluster
  Index add_member(bool is_keymaster);
  void give_seeds(Index i);
  void help_joiners();
  void repeat_orders();
  void start_member(Index i, bool bootstrap = false);
  void stop_member(Index i, Fault why);
  void set_pause(Index i, bool paused);
  void set_block(Index i, bool blocked);
  void ablate(Index i);
  void hire();  // casts the liars and makes their behaviours

  // actions.cpp
  void schedule(const Action& action);
  void perform(const Action& action);
  void note(const std::string& what, Index node);
  void on_crash(const Action& action);
  void on_restart(const Action& action);
  void on_leave(const Action& action);
  void on_pause(const Action& action);
  void on_block(const Action& action);
  void on_join(const Action& action);
  void on_churn(const Action& action);
  void on_links(const Action& action);
  void on_mend();
  void on_skew(const Action& action);
  void on_event_sent(const Action& action);
  void on_epochs(const Action& action);
  void on_revoke(const Action& action);
  void disturb(Index i);
  void disturb(const Action& action, const NetworkModel::Links& links);
  void mark(const std::string& what);  // on the time line, of nobody
  NetworkModel::Links links_of(const Action& action);
  void later(Duration after, std::function<void()> what);

  const Scenario& scenario_;
  const RunOptions& options_;
  World world_;
  Drbg rng_;
  Cast cast_;
  Stage stage_{scenario_, world_, cast_, world_.now()};
  Audience audience_{stage_};
  Phase phase_ = Phase::warm_up;
  std::vector<std::unique_ptr<Checker>> checkers_;
  std::unique_ptr<Checker> liveness_;
  std::vector<std::unique_ptr<Measure>> measures_;
  struct Hired {
    const AdversaryPart* part = nullptr;
    std::unique_ptr<Adversary> adversary;
    bool started = false;
  };
  std::vector<AdversaryContext> contexts_;                       // of the hired, until their behaviours are made
  std::vector<Hired> hired_;
  std::shared_ptr<bool> acting_ = std::make_shared<bool>(true);  // false: scheduled actions do nothing any more
  bool settled_ = true;
  Instant healed_at_;
  std::optional<Duration> settle_time_;
  Instant end_;                                                  // of the measured time
  std::set<Index> links_touched_;                                // whose links an action has cut or degraded
  double cpu_begin_ = 0;
};

}  // namespace quorumor::sim
