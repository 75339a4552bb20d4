#include "sim/run/swarm.h"

#include "crypto/drbg.h"
#include "sim/adversary/adversary.h"

#include <algorithm>
#include <map>

namespace quorumor::sim {
namespace {

using What = Action::What;

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : rng_(bytes(seed), "swarm") {}
  std::uint64_t below(std::uint64_t n) { return rng_.below(n); }
  std::uint64_t between(std::uint64_t a, std::uint64_t b) { return a + rng_.below(b - a + 1); }
  bool chance(unsigned percent) { return rng_.below(100) < percent; }
  Duration between(Duration a, Duration b) {
    return a + Duration{static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>((b - a).count()) + 1))};
  }

 private:
  static ByteArray<32> bytes(std::uint64_t seed) {
    ByteArray<32> out{};
    store_le<std::uint64_t>(out.data(), seed);
    return out;
  }
  Drbg rng_;
};

Picks random_members(std::size_t count) {
  Picks out;
  out.kind = Picks::Kind::number;
  out.count = count;
  out.text = std::to_string(count) + " random";
  return out;
}

Picks one(std::size_t i) {
  Picks out;
  out.kind = Picks::Kind::listed;
  out.ranges = {{i, i}};
  out.text = "n" + std::to_string(i);
  return out;
}

LinkProfile draw_network(Draws& draw) {
  LinkProfile p;
  Latency latency;
  latency.shape = static_cast<Latency::Shape>(draw.below(3));
  latency.least = draw.between(100us, 5ms);
  latency.most = latency.least + draw.between(1ms, draw.chance(20) ? 80ms : 15ms);
  p.latency = latency;
  if (draw.chance(50)) p.loss_ppm = static_cast<std::uint32_t>(draw.between(1'000, 200'000));
  if (draw.chance(30)) p.duplication_ppm = static_cast<std::uint32_t>(draw.between(1'000, 100'000));
  if (draw.chance(30)) {
    p.reorder_ppm = static_cast<std::uint32_t>(draw.between(1'000, 100'000));
    p.reorder_delay = draw.between(1ms, 50ms);
  }
  return p;
}

Action draw_action(Draws& draw, const Scenario& s) {
  constexpr What kFaults[] = {What::crash, What::crash,     What::restart, What::pause, What::pause, What::pause,
                              What::cut,   What::flip_flop, What::degrade, What::event, What::event, What::churn,
                              What::leave, What::join,      What::skew,    What::mend};
  const std::size_t few = std::max<std::size_t>(1, s.cluster.nodes / 4);
  Action a;
  a.what = kFaults[draw.below(std::size(kFaults))];
  a.at = draw.between(Duration{}, s.duration * 3 / 4);
  a.who = random_members(draw.between(1, few));
  switch (a.what) {
    case What::pause:
      a.lasts = draw.between(100ms, 20s);
      break;
    case What::crash:
      if (draw.chance(50)) a.lasts = draw.between(1s, 40s);
      break;
    case What::restart:
      a.wipe = draw.chance(30);
      break;
    case What::churn:
      a.every = draw.between(5s, 20s);
      a.lasts = draw.between(1s, 20s);
      break;
    case What::flip_flop:
      a.open = draw.between(500ms, 20s);
      a.shut = draw.between(500ms, 20s);
      [[fallthrough]];
    case What::cut:
      a.one_way = draw.chance(40);
      a.lasts = draw.between(500ms, 40s);
      if (draw.chance(40)) a.peers = random_members(draw.between(1, few));
      break;
    case What::degrade:
      a.profile.loss_ppm = static_cast<std::uint32_t>(draw.between(10'000, 900'000));
      a.one_way = draw.chance(40);
      a.lasts = draw.between(1s, 30s);
      break;
    case What::event:
      a.size = draw.below(200);
      if (draw.chance(50)) a.every = draw.between(500ms, 5s);
      break;
    case What::join:
      a.count = draw.between(1, 2);
      break;
    case What::skew:
      a.offset = draw.between(100ms, 30s);
      a.behind = draw.chance(50);
      break;
    default:
      break;
  }
  return a;
}

// Epochs that follow each other, by themselves or as an operator asks, and are retired; also too soon, and in vain.
void draw_epochs(Draws& draw, Scenario& s) {
  s.cluster.parameters.min_interval_s = static_cast<std::uint32_t>(draw.between(1, 10));
  if (draw.chance(50)) {
    s.cluster.config.rotate_interval = draw.between(10s, 40s);
    return;
  }
  Action rotate;
  rotate.what = What::rotate;
  rotate.at = draw.between(Duration{}, s.duration / 3);
  rotate.every = draw.between(5s, 40s);
  s.actions.push_back(rotate);
  if (draw.chance(30)) return;
  Action retire = rotate;
  retire.what = What::retire;
  retire.at = rotate.at + draw.between(Duration{}, draw.chance(50) ? 500ms : 20s);
  s.actions.push_back(retire);
}

// Anybody but the only keymaster.
Action draw_revocation(Draws& draw, const Scenario& s) {
  Action a;
  a.what = What::revoke;
  a.at = draw.between(Duration{}, s.duration * 3 / 4);
  a.who = one(1 + draw.below(s.cluster.nodes - 1));
  return a;
}

// As many liars as the quorum of this n is meant for, at most; each with a behaviour or two.
void draw_liars(Draws& draw, Scenario& s) {
  const std::size_t n = s.cluster.nodes;
  const std::size_t tolerated = n < 4 ? 0 : std::min(std::max<std::size_t>(n / 10, 1), (n - 1) / 3);
  const std::size_t liars = draw.chance(25) ? 0 : draw.between(1, tolerated);
  std::vector<const Behaviour*> insiders, outsiders;
  for (const Behaviour& b : behaviours()) {
    if (!b.in_bounds) continue;
    (b.insider ? insiders : outsiders).push_back(&b);
  }
  std::size_t next = draw.below(n);
  for (std::size_t i = 0; i < liars; ++i, next = (next + 1) % n) {
    for (std::size_t acts = draw.between(1, 2); acts > 0; --acts) {
      AdversaryPart part;
      part.behaviour = insiders[draw.below(insiders.size())]->name;
      part.who = one(next);
      if (draw.chance(60) || find_behaviour(part.behaviour)->needs_target)
        part.target = one((next + 1 + draw.below(n - 1)) % n);
      part.from = draw.between(Duration{}, s.duration / 2);
      part.rate = static_cast<std::uint32_t>(draw.between(1, 40));
      part.share_ppm = static_cast<std::uint32_t>(draw.between(100'000, 1'000'000));
      part.delay = draw.between(10ms, 3s);
      s.adversaries.push_back(std::move(part));
    }
  }
  if (draw.chance(40) && !outsiders.empty()) {
    AdversaryPart part;
    part.behaviour = outsiders[draw.below(outsiders.size())]->name;
    part.target = one(draw.below(n));
    part.from = draw.between(Duration{}, s.duration / 2);
    part.rate = static_cast<std::uint32_t>(draw.between(1, 50));
    part.share_ppm = static_cast<std::uint32_t>(draw.between(10'000, 300'000));
    part.delay = draw.between(10ms, 2s);
    s.adversaries.push_back(std::move(part));
  }
}

}  // namespace

Scenario swarm_scenario(std::uint64_t seed, const SwarmOptions& options) {
  Draws draw(seed);
  Scenario s;
  s.name = "swarm-" + std::to_string(seed);
  s.seed = seed;
  ClusterPart& c = s.cluster;
  c.nodes = draw.chance(70) ? draw.between(4, std::min<std::size_t>(12, options.nodes_most))
                            : draw.between(4, options.nodes_most);
  c.config = draw.chance(30) ? Config::local() : Config::lan();
  c.start = draw.chance(50) ? Start::formed : draw.chance(60) ? Start::together : Start::staggered;
  c.stagger = draw.between(1ms, 500ms);
  c.joins_by = draw.between(1, 3);
  c.zones = draw.between(1, std::min<std::size_t>(4, c.nodes));
  c.parameters.suite = draw.chance(30) ? Suite::aes256_gcm : Suite::chacha20_poly1305;
  if (draw.chance(25)) c.links_active = draw.between(1, std::max<std::uint64_t>(2, c.nodes / 2));
  s.network = draw_network(draw);
  s.warm_up = draw.between(1s, 5s);
  s.duration = draw.between(30s, std::max<Duration>(31s, options.duration_most));
  for (std::size_t actions = draw.between(2, 10); actions > 0; --actions) s.actions.push_back(draw_action(draw, s));
  if (draw.chance(35)) draw_epochs(draw, s);
  if (draw.chance(20)) {
    s.actions.push_back(draw_revocation(draw, s));
    c.joins_by = 3;  // who is revoked is nobody's seed any more
  }
  draw_liars(draw, s);
  return s;
}

std::string describe(const Scenario& s) {
  std::string out = "n=" + std::to_string(s.cluster.nodes);
  if (s.network.loss_ppm.value_or(0) != 0) out += ", " + std::to_string(*s.network.loss_ppm / 10'000) + "% loss";
  if (s.cluster.links_active != 0) out += ", keys of " + std::to_string(s.cluster.links_active) + " peers";
  if (s.cluster.config.rotate_interval > 0s) out += ", rotates";
  std::map<std::string, unsigned> actions;
  for (const Action& a : s.actions) ++actions[to_string(a.what)];
  for (const auto& [what, count] : actions) out += ", " + what + (count > 1 ? " x" + std::to_string(count) : "");
  for (const AdversaryPart& a : s.adversaries) {
    out += ", " + a.behaviour + (a.who.text.empty() ? "" : " by " + a.who.text);
  }
  return out;
}

}  // namespace quorumor::sim
