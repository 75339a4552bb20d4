// What all behaviours share: when they act, in whose name, at whom, and that all of it ends. A scheme ticks; at each tick
// every liar of it that runs gets as many acts as its rate has earned. What it changes in a process it registers beside
// what undoes it, so that stop() leaves an honest node behind.
//
//  * The first act comes at start; then `rate` a second and liar, in ticks of 10 to 100 ms.
//  * A liar's process begins anew with each of its boots: `prepare` is called once for each, at the next tick.
//  * A liar that is down or paused does nothing.
//  * Liars spare one another: whom they aim at is a target, or, where none was named, any running member that does not lie.
#pragma once

#include "sim/adversary/adversary.h"

#include <functional>

namespace quorumor::sim {

class Scheme : public Adversary {
 public:
  using Index = World::Index;
  static constexpr std::size_t kAudience = 64;  // whom one act tells something at most; gossip does the rest

  Scheme(const AdversaryPart& part, AdversaryContext context);
  ~Scheme() override;
  Scheme(const Scheme&) = delete;
  Scheme& operator=(const Scheme&) = delete;

  void start() final;
  void stop() final;
  std::uint64_t acts() const final { return acts_; }

 protected:
  virtual void begin() {}                         // once, before anything else
  virtual void prepare(Index /*liar*/) {}         // what this boot's process is to be like
  virtual void look_around() {}                   // at each tick, before it acts
  virtual void act(Index /*liar*/) {}             // one act of an insider
  virtual void act_outside() {}                   // one act of an outsider

  World& world() noexcept { return context_.world; }
  Drbg& rng() noexcept { return context_.rng; }
  const AdversaryPart& part() const noexcept { return part_; }
  const std::vector<Index>& liars() const noexcept { return context_.liars; }
  const std::vector<Index>& targets() const noexcept { return context_.targets; }
  bool is_colluder(Index node) const;
  bool is_active(Index liar) const;               // runs, and is not paused
  bool is_on() const noexcept { return on_; }
  // As of this tick: targets that run; if none was named, all running members that do not lie.
  const std::vector<Index>& victims() const noexcept { return victims_; }
  std::optional<Index> draw_victim();
  std::size_t draw_below(std::size_t n) { return static_cast<std::size_t>(context_.rng.below(n)); }
  // Running members but these two, `kAudience` of them at most.
  std::vector<Index> draw_audience(Index but, Index and_but);
  void count(std::uint64_t n = 1) noexcept { acts_ += n; }
  // For stop(), also when the scheme itself is destroyed: it must not use the scheme.
  void on_stop(std::function<void()> undo) { undo_.push_back(std::move(undo)); }
  // In force until stop(), whatever the node's boots.
  void meddle(Index liar, World::Meddler meddler);

 private:
  void tick();
  void refresh();
  unsigned earned();

  AdversaryPart part_;
  AdversaryContext context_;
  std::shared_ptr<std::uint64_t> campaign_;  // a timer of an earlier one does nothing
  std::vector<std::uint64_t> prepared_;      // the boot of each liar that was prepared last
  std::vector<Index> victims_;
  std::vector<std::function<void()>> undo_;
  Instant began_;
  std::uint64_t given_ = 0;                  // acts of each since then
  std::uint64_t acts_ = 0;
  bool on_ = false;
};

}  // namespace quorumor::sim
