// What the tests of adversaries share: a formed cluster, and one behaviour in it at a time.
#pragma once

#include "node/core/support.h"
#include "sim/adversary/adversary.h"
#include "sim/formed.h"
#include "sim/liar.h"

namespace quorumor::test {

struct AdversaryLab {
  sim::World world;
  sim::Cast cast;

  explicit AdversaryLab(std::size_t n, bool defense = true, std::uint64_t seed = 1, const Config& config = {})
      : world(seed), cast(0) {
    ClusterParameters parameters;
    parameters.defense = defense;
    world.set_parameters(parameters);
    sim::start_formed(world, n, config);
    world.run_for(2s);  // everybody has been heard by somebody
    world.clear_events();
  }

  using Index = sim::World::Index;
  struct Setting {
    std::vector<Index> liars, targets, colluders;
    sim::AdversaryPart part;
  };
  std::unique_ptr<sim::Adversary> make(std::string name, Setting setting) {
    setting.part.behaviour = std::move(name);
    if (setting.colluders.empty()) setting.colluders = setting.liars;
    ByteArray<32> seed{};
    seed[0] = std::byte{7};
    return sim::make_adversary(setting.part, {world, cast, Drbg(seed, setting.part.behaviour),
                                              std::move(setting.liars), std::move(setting.targets),
                                              std::move(setting.colluders)});
  }
  std::unique_ptr<sim::Adversary> begin(std::string name, Setting setting) {
    auto out = make(std::move(name), std::move(setting));
    out->start();
    return out;
  }

  Counters counters(Index node) const { return world.peek(node).stats().counters; }
  std::size_t told_by(Event::Kind kind, Index subject) const {
    return static_cast<std::size_t>(std::count_if(world.events().begin(), world.events().end(), [&](const auto& r) {
      return r.event.kind == kind && r.event.id == world.id(subject);
    }));
  }
  // The first member whose word counts against the subject.
  Index watcher_of(Index subject) {
    for (Index i = 1; i < world.size(); ++i) {
      if (i != subject && sim::Liar(world, i).counts_against(subject)) return i;
    }
    FAIL("nobody watches it");
    return 0;
  }
  // A new machine that joins by these, until it has joined.
  Index join_by(std::vector<Index> seeds) {
    const Index joiner = world.add(spec("j" + std::to_string(world.size()), std::move(seeds)));
    world.start(joiner);
    REQUIRE(world.run_until([&] { return world.peek(joiner).stats().joined; }, 10s));
    return joiner;
  }
  std::size_t members_of(Index reader) const {
    std::size_t known = 0;
    world.peek(reader).for_each_member([&](const MemberView&) { ++known; });
    return known;
  }
  Coordinate held(Index subject, Index reader) const {
    Coordinate out;
    world.peek(reader).for_each_member([&](const MemberView& m) { out = m.id == world.id(subject) ? m.at : out; });
    return out;
  }
};

// With a rate, acts a second.
inline AdversaryLab::Setting by(std::vector<std::size_t> liars, std::vector<std::size_t> targets = {},
                                std::uint32_t rate = 10) {
  AdversaryLab::Setting out;
  out.liars = std::move(liars);
  out.targets = std::move(targets);
  out.part.rate = rate;
  return out;
}

}  // namespace quorumor::test
