// How an application's events spread: from the origin's own delivery, which is the moment of its broadcast, to the
// members that were due: honest, and running from then on to the end. Of the measured time; kEventsMost are followed.
#include "sim/measure/parts.h"

#include <map>

namespace quorumor::sim {
namespace {

class UserEvents final : public Measure {
 public:
  static constexpr std::size_t kEventsMost = 4096;

  void on_phase(const Stage&, Phase phase) override { phase_ = phase; }

  void on_event(const Stage& stage, const Recorded& r) override {
    if (r.event.kind != Event::Kind::user_event) return;
    const auto origin = stage.world.find(r.event.id);
    if (!origin || !stage.cast.is_honest(*origin) || !stage.cast.is_honest(r.node)) return;
    const Key key{*origin, r.event.generation, r.event.sequence};
    if (r.node == *origin) {
      if (phase_ != Phase::measured || told_.size() >= kEventsMost) return;
      Told& told = told_[key];
      told.at = r.at;
      told.arrived.assign(stage.cast.size(), Instant::max());
      told.due = count_readers(stage.cast) - 1;
      return;
    }
    const auto found = told_.find(key);
    if (found == told_.end() || r.node >= found->second.arrived.size()) return;
    Told& told = found->second;
    Instant& arrived = told.arrived[r.node];
    if (arrived != Instant::max()) return;
    arrived = r.at;
    if (++told.count * 2 >= told.due && !told.half) told.half = r.at;
  }

  void report(const Stage& stage, RunResult& out) override {
    std::vector<double> all, half;
    std::uint64_t due = 0, missed = 0;
    for (const auto& [key, told] : told_) {
      Instant last = told.at;
      bool complete = true;
      for (World::Index reader = 0; reader < told.arrived.size(); ++reader) {
        const Cast::Role& role = stage.cast[reader];
        const bool was_there = role.running && role.started_at.value_or(told.at) <= told.at;
        if (reader == std::get<0>(key) || role.byzantine || !was_there) continue;
        ++due;
        if (told.arrived[reader] == Instant::max()) {
          ++missed;
          complete = false;
        } else {
          last = std::max(last, told.arrived[reader]);
        }
      }
      if (complete) all.push_back(seconds_of(last - told.at));
      if (told.half) half.push_back(seconds_of(*told.half - told.at));
    }
    put_samples(out, "event_delivery_s", std::move(all));
    put_samples(out, "event_first_half_s", std::move(half));
    if (due > 0) out.figures["event_missed_share"] = static_cast<double>(missed) / static_cast<double>(due);
  }

 private:
  using Key = std::tuple<World::Index, Generation, Sequence>;
  struct Told {
    Instant at;
    std::size_t due = 0, count = 0;
    std::optional<Instant> half;
    std::vector<Instant> arrived;  // by member
  };

  Phase phase_ = Phase::warm_up;
  std::map<Key, Told> told_;
};

}  // namespace

std::unique_ptr<Measure> events_measure() { return std::make_unique<UserEvents>(); }

}  // namespace quorumor::sim
