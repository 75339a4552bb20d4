// How fast a cluster forms, what it costs when nothing happens, and how fast it finds out about crashes.
#include "bench/detect/detect.h"
#include "bench/detect/limits.h"

#include <cmath>
#include <optional>

namespace quorumor::detect {

void form(const Options& options, Report& report) {
  std::vector<double> took;
  std::uint64_t deaths = 0;
  for (unsigned i = 0; i < options.repetitions(3); ++i) {
    World world(options.first_seed + i);
    ClusterParameters parameters;
    parameters.defense = options.defense;
    world.set_parameters(parameters);
    constexpr std::size_t kMembers = 100;
    for (Index n = 0; n < kMembers; ++n) {
      sim::NodeSpec spec;
      spec.name = "n" + std::to_string(n);
      if (n == 0) spec.roles = {std::string(kKeymasterRole)};
      if (n != 0) spec.seeds = {0};
      world.add(std::move(spec));
    }
    const Instant begin = world.now();
    world.start(0, true);
    for (Index n = 1; n < kMembers; ++n) world.start(n);
    // Nobody may have crashed, and `all alive` must mean all hundred: every one of them runs from here on.
    const bool done = world.run_until([&] { return world.all_alive(); }, 120s);
    took.push_back(done ? seconds(world.now() - begin) : 1e9);
    deaths += world.count(Event::Kind::member_dead);
  }
  report.figure("n = 100 from nothing: all see all Alive, worst", percentile(took, 1), "s",
                Limit::at_most(limits::kFormed));
  report.figure("  median", percentile(took, 0.5), "s");
  report.figure("  declared Dead meanwhile", static_cast<double>(deaths), "", Limit::at_most(0));
}

// Nothing is gossiped in a quiet cluster, so the first datagram that is sent to the crashed member, once the answers to
// what it had sent are out, is a ping of somebody's cycle. What else is sent to it (relays' pings, hinted looks, last
// looks) follows from that one; and who sent it must have counted a probe begun in that very call.
void first_probe(const Options& options, Report& report) {
  std::vector<double> continuous, whole;
  std::uint64_t others = 0;  // first datagrams that were no cycle's ping
  for (unsigned i = 0; i < options.repetitions(300); ++i) {
    const auto world = formed(options, options.first_seed + i, 100, 3s);
    const Index victim = 1 + i % 99;
    world->crash(victim);
    const Instant crashed = world->now();
    std::optional<Instant> found;
    std::vector<std::uint64_t> probes(world->size());
    for (Index n = 0; n < world->size(); ++n) {
      if (n != victim) probes[n] = world->peek(n).stats().counters.probes;
    }
    world->set_tap([&](Index from, const Transmit& t) {
      const auto begun = world->peek(from).stats().counters.probes;
      const bool answer = world->now() - crashed < 5ms;
      if (t.to == world->endpoint(victim) && !answer && !found) {
        found = world->now();
        others += begun == probes[from] ? 1 : 0;
      }
      probes[from] = begun;
    });
    world->run_until([&] { return found.has_value(); }, 120s);
    const double periods = found ? seconds(*found - crashed) / seconds(world->spec(victim).config.probe_interval) : 1e9;
    continuous.push_back(periods);
    whole.push_back(std::ceil(periods));
  }
  report.figure("crash to the first probe that fails, whole periods, mean", mean(whole), "periods",
                Limit::between(limits::kFirstProbeLeast, limits::kFirstProbeMost));
  report.figure("  as it passes (expected 1.0: 1.58 counts begun periods)", mean(continuous), "periods");
  report.figure("  worst", percentile(continuous, 1), "periods");
  report.figure("  found by something else than a period's probe", static_cast<double>(others), "", Limit::at_most(0));
}

void load(const Options& options, Report& report) {
  std::vector<double> sent, received;
  for (const std::size_t n : {std::size_t{10}, std::size_t{100}, std::size_t{1000}}) {
    const auto world = formed(options, options.first_seed, n, 5s);
    const auto total = [&] {
      std::array<double, 4> out{};
      for (Index i = 0; i < n; ++i) {
        const Counters c = world->peek(i).stats().counters;
        out[0] += static_cast<double>(c.datagrams_out);
        out[1] += static_cast<double>(c.datagrams_in);
        out[2] += static_cast<double>(c.bytes_out);
        out[3] += static_cast<double>(c.probes_failed);
      }
      return out;
    };
    const auto before = total();
    const Duration window = n == 1000 ? Duration{20s} : Duration{120s};
    world->run_for(window);
    const auto after = total();
    const double member_periods = static_cast<double>(n) * seconds(window);  // a period is a second
    const std::string at = "n = " + std::to_string(n) + ": ";
    sent.push_back((after[0] - before[0]) / member_periods);
    received.push_back((after[1] - before[1]) / member_periods);
    const Limit messages = Limit::between(limits::kMessagesLeast, limits::kMessages);
    report.figure(at + "messages sent a member and period", sent.back(), "", messages);
    report.figure("  received", received.back(), "", messages);
    report.figure("  sent", (after[2] - before[2]) / member_periods, "bytes");
    report.figure("  failed probes", after[3] - before[3], "", Limit::at_most(0));
  }
  const Limit spread = Limit::at_most(limits::kMessagesSpread);
  report.figure("greatest over least of these n, sent", percentile(sent, 1) / percentile(sent, 0), "", spread);
  report.figure("  received", percentile(received, 1) / percentile(received, 0), "", spread);
}

namespace {

struct DeadLimits {
  double median, p99;
};
struct DeadFigures {
  double median = 0, p99 = 0;
};

// `each_world` crashes, one after another, in each world; the survivors stay.
DeadFigures dead(const Options& options, Report& report, std::size_t n, unsigned crashes, unsigned each_world,
                 DeadLimits limit) {
  std::vector<double> everywhere, first_suspicion;
  std::uint64_t false_deaths = 0;
  std::unique_ptr<World> world;
  std::unique_ptr<Watcher> watcher;
  for (unsigned i = 0; i < crashes; ++i) {
    if (i % each_world == 0) {
      if (watcher) false_deaths += watcher->false_deaths();
      watcher.reset();
      world = formed(options, options.first_seed + i, n, 5s);
      watcher = std::make_unique<Watcher>(*world);
    }
    const Index victim = 1 + i % each_world * 7 % (n - 1);
    const auto suspicions = watcher->suspicions();
    world->crash(victim);
    const Instant crashed = world->now();
    world->run_until([&] { return watcher->suspicions() > suspicions; }, 300s);
    first_suspicion.push_back(seconds(world->now() - crashed));
    const bool done = world->run_until([&] { return world->all_see(MemberState::dead, victim); }, 300s);
    everywhere.push_back(done ? seconds(world->now() - crashed) : 1e9);
    if ((i + 1) % each_world != 0) world->run_for(5s + 137ms * (i % 7));
  }
  false_deaths += watcher->false_deaths();
  const std::string at = "n = " + std::to_string(n) + ": ";
  report.figure(at + "crash to Dead everywhere, median of " + std::to_string(crashes), percentile(everywhere, 0.5), "s",
                Limit::at_most(limit.median));
  report.figure("  99 of 100", percentile(everywhere, 0.99), "s", Limit::at_most(limit.p99));
  report.figure("  crash to the first suspicion, median", percentile(first_suspicion, 0.5), "s");
  report.figure("  living members declared Dead", static_cast<double>(false_deaths), "",
                Limit::at_most(limits::kFalseDeaths));
  return {percentile(everywhere, 0.5), percentile(everywhere, 0.99)};
}

Options control(Options options) {
  options.defense = false;
  return options;
}

// Both arms, the same seeds and victims: what the defense costs. The limits on seconds are dead-1000's business.
void ratio(const Options& options, Report& report, std::size_t n, unsigned crashes, unsigned each_world) {
  const DeadLimits none{1e8, 1e8};
  const DeadFigures with = dead(options, report, n, crashes, each_world, none);
  const DeadFigures without = dead(control(options), report, n, crashes, each_world, none);
  const Limit limit = Limit::at_most(limits::kRatioToControl);
  report.figure("crash to Dead everywhere over the control arm's, median", with.median / without.median, "", limit);
  report.figure("  99 of 100", with.p99 / without.p99, "", limit);
}

}  // namespace

void ratio_100(const Options& options, Report& report) { ratio(options, report, 100, options.repetitions(100), 4); }
void ratio_1000(const Options& options, Report& report) { ratio(options, report, 1000, options.repetitions(20), 10); }
void dead_100(const Options& options, Report& report) {
  dead(options, report, 100, options.repetitions(100), 4, {limits::kDeadMedian100, limits::kDeadP99At100});
}
void dead_1000(const Options& options, Report& report) {
  dead(options, report, 1000, options.repetitions(10), 10, {limits::kDeadMedian1000, limits::kDeadP99At1000});
}
void control_100(const Options& options, Report& report) { dead_100(control(options), report); }
void control_1000(const Options& options, Report& report) { dead_1000(control(options), report); }

void mass(const Options& options, Report& report) {
  std::vector<double> took;
  std::uint64_t false_deaths = 0, suspected = 0;
  for (unsigned i = 0; i < options.repetitions(5); ++i) {
    const auto world = formed(options, options.first_seed + i, 100, 5s);
    Watcher watcher(*world);
    for (Index n = 0; n < 100; n += 2) world->crash(n);
    const Instant crashed = world->now();
    const auto over = [&] {
      for (Index n = 0; n < 100; n += 2) {
        if (!world->all_see(MemberState::dead, n)) return false;
      }
      return true;
    };
    const bool done = world->run_until(over, 600s);
    took.push_back(done ? seconds(world->now() - crashed) : 1e9);
    world->run_for(60s);
    false_deaths += watcher.false_deaths();
    suspected += watcher.worst() >= MemberState::suspect ? 1 : 0;
    if (!world->all_alive()) ++false_deaths;  // the survivors must see one another Alive a minute later
  }
  report.figure("50 of 100 crash at once: all Dead at all survivors, median", percentile(took, 0.5), "s");
  report.figure("  worst", percentile(took, 1), "s", Limit::at_most(limits::kMassDead));
  report.figure("  living members declared Dead, or not Alive a minute later", static_cast<double>(false_deaths), "",
                Limit::at_most(limits::kFalseDeaths));
  report.figure("  runs in which a living one was suspected", static_cast<double>(suspected), "");
}

}  // namespace quorumor::detect
