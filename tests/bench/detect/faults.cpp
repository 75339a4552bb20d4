// What must not happen: living members declared dead, by loss or by lies.
#include "bench/detect/detect.h"
#include "bench/detect/limits.h"

#include "membership/precedence.h"
#include "sim/observers.h"

#include <algorithm>
#include <ctime>

namespace quorumor::detect {
namespace {

constexpr std::size_t kMembers = 40;

double state_number(MemberState state) { return static_cast<double>(state); }
const Limit kSuspectAtMost = Limit::at_most(static_cast<double>(MemberState::suspect));

std::size_t threshold(const World& world) { return world.peek(0).stats().quorum.threshold; }

// The best-ranked `count` of the subject's observers: liars whose word counts at every reader.
std::vector<std::unique_ptr<sim::Liar>> liars_about(World& world, Index subject, std::size_t count) {
  std::vector<std::unique_ptr<sim::Liar>> out;
  for (const Index i : observers_of(world, subject)) {
    if (out.size() == count) break;
    out.push_back(std::make_unique<sim::Liar>(world, i));
  }
  return out;
}

}  // namespace

void loss(const Options& options, Report& report) {
  const auto world = formed(options, options.first_seed, 100, 5s);
  world->set_loss(200'000);
  Watcher watcher(*world);
  const std::clock_t begin = std::clock();
  world->run_for(Duration{1min} * static_cast<int>(options.minutes));
  const double cpu = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const double hours = static_cast<double>(options.minutes) / 60;
  report.figure("20 % loss, n = 100: living members declared Dead", static_cast<double>(watcher.false_deaths()), "",
                Limit::at_most(limits::kFalseDeaths));
  report.figure("  suspicions, all readers, an hour", static_cast<double>(watcher.suspicions()) / hours, "");
  report.figure("  share of time that a pair spends in Suspect", watcher.suspected_share(), "");
  report.figure("  CPU of a member, the world's share included", cpu / (100 * 3600 * hours) * 1e6, "us/s");
}

// Each subject has one observer that accuses it without end, to everybody.
void one_liar(const Options& options, Report& report) {
  double share = 0, of_worst_pair = 0;
  MemberState worst = MemberState::alive;
  const unsigned runs = options.repetitions(1);
  for (unsigned i = 0; i < runs; ++i) {
    const auto world = formed(options, options.first_seed + i, kMembers, 5s);
    std::vector<std::unique_ptr<sim::Liar>> liars;
    Watcher watcher(*world);
    for (Index subject = 0; subject < kMembers; ++subject) {
      const auto observers = observers_of(*world, subject);
      if (observers.empty()) continue;
      const Index who = observers[subject % observers.size()];
      liars.push_back(std::make_unique<sim::Liar>(*world, who));
      watcher.disregard(who, subject);
      liars.back()->keep_accusing(subject, 500ms);
    }
    world->run_for(Duration{1min} * static_cast<int>(std::min(options.minutes, 5U)));
    share += watcher.suspected_share() / runs;
    of_worst_pair = std::max(of_worst_pair, watcher.suspected_share_of_worst_pair());
    worst = std::max(worst, watcher.worst());
  }
  report.figure("one lying observer a subject: share of time in Suspect, all pairs", share, "",
                options.defense ? Limit::at_most(limits::kSuspectedShare) : Limit::none());
  report.figure("  of the worst pair", of_worst_pair, "");
  report.figure(std::string("  worst state of a living member: ") + to_string(worst), state_number(worst), "",
                options.defense ? kSuspectAtMost : Limit::none());
}

// k - 1 liars about one subject, all of whom relay nothing, and the subject stops for 3 s in the middle of it.
void few_liars(const Options& options, Report& report) {
  std::uint64_t deaths = 0;
  std::size_t k = 0;
  MemberState worst = MemberState::alive;
  std::vector<double> back;
  for (unsigned i = 0; i < options.repetitions(10); ++i) {
    const auto world = formed(options, options.first_seed + i, kMembers, 5s);
    const Index subject = 1 + i % (kMembers - 1);
    k = threshold(*world);
    Watcher watcher(*world);
    const auto liars = liars_about(*world, subject, k - 1);
    for (const auto& liar : liars) {
      watcher.disregard(liar->node(), subject);
      liar->refuse_relays();
      liar->keep_accusing(subject, 200ms);
    }
    world->run_for(20s);
    world->set_pause(subject, true);
    world->run_for(3s);
    world->set_pause(subject, false);
    world->run_for(60s);
    for (const auto& liar : liars) liar->stop_accusing();
    const Instant over = world->now();
    const bool alive = world->run_until([&] { return world->all_alive(); }, 120s);
    back.push_back(alive ? seconds(world->now() - over) : 1e9);
    deaths += watcher.false_deaths();
    worst = std::max(worst, watcher.worst());
  }
  report.figure("k - 1 = " + std::to_string(k - 1) + " liars, silent relays, 3 s pause: readings of Dead",
                static_cast<double>(deaths), "", Limit::at_most(limits::kFalseDeaths));
  report.figure(std::string("  worst state of it at an honest reader: ") + to_string(worst), state_number(worst), "");
  report.figure("  all Alive after the lies end, worst", percentile(back, 1), "s",
                Limit::at_most(limits::kBackAfterPause));
}

// k liars kill nobody that answers; who does not answer for 12 s is declared Dead, and comes back. That is shown: how
// soon after it stopped the first reader holds it for Dead, how many do when it goes on, and when all see it again.
void enough_liars(const Options& options, Report& report) {
  std::uint64_t answering = 0, others = 0, paused_deaths = 0;
  std::size_t k = 0;
  std::vector<double> back, first_dead, readers;
  const unsigned runs = options.repetitions(10);
  for (unsigned i = 0; i < runs; ++i) {
    const auto world = formed(options, options.first_seed + i, kMembers, 5s);
    const Index subject = 1 + i % (kMembers - 1);
    k = threshold(*world);
    auto watcher = std::make_unique<Watcher>(*world);
    const auto liars = liars_about(*world, subject, k);
    for (const auto& liar : liars) {
      watcher->disregard(liar->node(), subject);
      liar->keep_accusing(subject, 200ms);
    }
    world->run_for(120s);
    answering += watcher->false_deaths();
    watcher.reset();
    watcher = std::make_unique<Watcher>(*world);
    watcher->excuse(subject);
    world->set_pause(subject, true);
    const Instant stopped = world->now();
    const auto dead_at = [&] {
      std::size_t count = 0;
      for (Index reader = 0; reader < kMembers; ++reader) {
        count += reader != subject && world->state_of(subject, reader) == MemberState::dead ? 1 : 0;
      }
      return count;
    };
    if (world->run_until([&] { return dead_at() != 0; }, 12s)) {
      ++paused_deaths;
      first_dead.push_back(seconds(world->now() - stopped));
    }
    world->run_for(12s - (world->now() - stopped));
    readers.push_back(static_cast<double>(dead_at()));
    for (const auto& liar : liars) liar->stop_accusing();
    world->set_pause(subject, false);
    const Instant over = world->now();
    const bool alive = world->run_until([&] { return world->all_alive(); }, 120s);
    back.push_back(alive ? seconds(world->now() - over) : 1e9);
    others += watcher->false_deaths();
  }
  report.figure("k = " + std::to_string(k) + " liars, no pause: readings of Dead", static_cast<double>(answering), "",
                Limit::at_most(0));
  report.figure("  and a 12 s pause: runs with the paused one Dead", static_cast<double>(paused_deaths), "runs");
  if (!first_dead.empty()) report.figure("  stopped to the first reading of Dead, median", percentile(first_dead, 0.5), "s");
  report.figure("  readers that hold it for Dead when it goes on, median", percentile(readers, 0.5), "of 39");
  report.figure("  readings of others as Dead", static_cast<double>(others), "", Limit::at_most(0));
  report.figure("  all Alive after it goes on, median", percentile(back, 0.5), "s");
  report.figure("  worst", percentile(back, 1), "s",
                Limit::at_most(limits::kBackAfterPause));
}

}  // namespace quorumor::detect
