// The cluster of a run: its machines, how they start, and who of them lies.
#include "node/core/impl.h"
#include "sim/authority.h"
#include "sim/formed.h"
#include "sim/run/run_parts.h"

#include <algorithm>

namespace quorumor::sim {

Run::Index Run::add_member(bool is_keymaster) {
  NodeSpec spec;
  const Index n = world_.size();
  spec.name = "n" + std::to_string(n);
  if (is_keymaster) spec.roles = {std::string(kKeymasterRole)};
  spec.config = scenario_.cluster.config;
  spec.zone = static_cast<std::uint32_t>(n % scenario_.cluster.zones);
  for (Index seed = 0; seed < scenario_.cluster.joins_by && spec.seeds.size() < scenario_.cluster.joins_by; ++seed) {
    if (seed != n) spec.seeds.push_back(seed);
  }
  if (is_keymaster) spec.seeds.clear();
  world_.add(std::move(spec));
  world_.network().set_zone(n, static_cast<std::uint32_t>(n % scenario_.cluster.zones));
  return n;
}

// Addresses that an operator would give: of members that run.
void Run::give_seeds(Index i) {
  Picks seeds;
  seeds.kind = Picks::Kind::number;
  seeds.count = scenario_.cluster.joins_by;
  world_.set_seeds(i, pick(seeds, world_, cast_, Eligible::running, rng_));
}

// Whoever waits for seeds of which none runs any more would wait for ever: its operator names it others.
void Run::help_joiners() {
  const auto has_joined = [&](Index i) { return CoreAccess::impl(world_.peek(i)).state.joined; };
  for (Index i = 0; i < cast_.size(); ++i) {
    if (!cast_.is_reader(i) || has_joined(i)) continue;
    const auto& seeds = world_.spec(i).seeds;
    if (std::any_of(seeds.begin(), seeds.end(), [&](Index seed) { return world_.is_running(seed); })) continue;
    std::vector<Endpoint> others;
    for (Index other = 0; other < cast_.size() && others.size() < scenario_.cluster.joins_by; ++other) {
      if (other != i && cast_.is_reader(other) && has_joined(other)) others.push_back(world_.endpoint(other));
    }
    if (!others.empty()) world_.join(i, others);
  }
}

// An order that only one node was given, which is gone before anybody heard of it: its operator gives it again.
void Run::repeat_orders() {
  std::vector<Index> readers;
  for (Index i = 0; i < cast_.size(); ++i) {
    if (cast_.is_reader(i) && CoreAccess::impl(world_.peek(i)).state.joined) readers.push_back(i);
  }
  for (Index i = 0; i < cast_.size() && !readers.empty(); ++i) {
    if (!cast_[i].revoked) continue;
    const NodeId id = world_.id(i);
    const bool is_known = std::any_of(readers.begin(), readers.end(), [&](Index r) {
      return CoreAccess::impl(world_.peek(r)).state.verdicts.revoked_through(id) != Serial{};
    });
    if (!is_known) revoke(world_, i, readers.front());
  }
}

void Run::start_member(Index i, bool bootstrap) {
  // The first of a cluster has nobody to join by, but if its disk is gone when it starts again it needs somebody.
  if (cast_[i].boots > 0 && world_.spec(i).seeds.empty()) give_seeds(i);
  cast_.note_started(i, world_.now());  // first: what it does as it starts is of this boot
  world_.start(i, bootstrap);
  ablate(i);
  note("start", i);
}

void Run::stop_member(Index i, Fault why) {
  world_.crash(i);
  cast_.note_stopped(i, world_.now(), why);
  note(why == Fault::leave ? "left" : "crash", i);
}

void Run::set_pause(Index i, bool paused) {
  world_.set_pause(i, paused);
  cast_.note_paused(i, paused, world_.now());
  note(paused ? "pause" : "resume", i);
}

void Run::set_block(Index i, bool blocked) {
  world_.set_block(i, blocked);
  cast_.note_blocked(i, blocked, world_.now());
  note(blocked ? "block" : "unblock", i);
}

// What an arm leaves out of SWIM + Lifeguard; the daemon leaves out nothing. And of how many peers it holds keys.
void Run::ablate(Index i) {
  const bool plain = scenario_.cluster.protocol == Protocol::swim;
  const Lifeguard& with = scenario_.cluster.lifeguard;
  CoreState& s = CoreAccess::impl(world_.core(i)).state;
  if (plain || !with.probe) s.health.fix();
  s.without.shrinking_windows = plain || !with.suspicion;
  s.without.buddy_system = plain || !with.buddy;
  if (scenario_.cluster.links_active != 0) s.links.set_active_max(scenario_.cluster.links_active);
}

void Run::form() {
  const ClusterPart& c = scenario_.cluster;
  ClusterParameters parameters = c.parameters;
  parameters.defense = c.protocol == Protocol::quorumor;
  if (!parameters.defense) parameters.beta_ppm = 0;
  world_.set_parameters(parameters);
  world_.set_keep_snapshots(c.nodes <= 200);
  world_.network().set_everywhere(scenario_.network);
  for (const ZoneLink& z : scenario_.zone_links) {
    world_.network().set_between(z.from, z.to, z.profile);
    world_.network().set_between(z.to, z.from, z.profile);
  }
  for (std::size_t i = 0; i < c.nodes; ++i) cast_.add();
  if (c.start == Start::formed) {
    for (Index i = 0; i < c.nodes; ++i) cast_.note_started(i, world_.now());
    start_formed(world_, c.nodes, c.config, static_cast<std::uint32_t>(c.zones));
    for (Index i = 0; i < c.nodes; ++i) {
      world_.network().set_zone(i, static_cast<std::uint32_t>(i % c.zones));
      ablate(i);
      note("start", i);
    }
    return;
  }
  for (Index i = 0; i < c.nodes; ++i) add_member(i == 0);
  start_member(0, true);
  for (Index i = 1; i < c.nodes; ++i) {
    if (c.start == Start::staggered) run_for(c.stagger);
    start_member(i);
  }
  // Until everybody is in, but no longer than that could take: the warm-up comes after it.
  for (int tenths = 0; tenths < 6000 && !world_.all_alive() && !is_stopped(); ++tenths) audience_.run_for(100ms);
}

// Liars are cast at the beginning of the measured time and lie at once or later: until then they are spies.
void Run::hire() {
  for (const AdversaryPart& part : scenario_.adversaries) {
    ByteArray<32> seed{};
    rng_.fill(seed);
    AdversaryContext context{world_, cast_, Drbg(seed, part.behaviour), {}, {}, {}};
    context.liars = pick(part.who, world_, cast_, Eligible::running, rng_);
    context.targets = pick(part.target, world_, cast_, Eligible::any, rng_);
    for (const Index i : context.liars) cast_.corrupt(i);
    if (find_behaviour(part.behaviour)->insider && context.liars.empty()) continue;  // a share of nobody
    hired_.push_back({&part, nullptr, false});
    contexts_.push_back(std::move(context));
  }
  std::vector<Index> all;
  for (Index i = 0; i < cast_.size(); ++i) {
    if (!cast_.is_honest(i)) all.push_back(i);
  }
  for (std::size_t h = 0; h < hired_.size(); ++h) {
    Hired& hired = hired_[h];
    contexts_[h].colluders = all;
    hired.adversary = make_adversary(*hired.part, std::move(contexts_[h]));
    later(hired.part->from, [this, h] {
      hired_[h].started = true;
      hired_[h].adversary->start();
      mark("begins: " + hired_[h].part->behaviour);
    });
    if (hired.part->until) {
      later(*hired.part->until, [this, h] {
        hired_[h].started = false;
        hired_[h].adversary->stop();
        mark("ends: " + hired_[h].part->behaviour);
      });
    }
  }
  contexts_.clear();
}

}  // namespace quorumor::sim
