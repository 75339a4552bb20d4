// Members that lie, and outsiders. Each behaviour has what its kind of adversary really has: a liar its own credential,
// identity key, epoch keys and full knowledge of whom it colludes with; a thief one epoch key; an outsider addresses,
// or what it captured on its path. All that they send is really sealed and signed by that; nobody signs for others.
//
// Behaviours act through World::act and CoreAccess (their own process is theirs to change), through World's network
// (what an attacker on the path may do), and by injected datagrams and streams. Deterministic: draws come from the
// context's generator. Not thread-safe.
#pragma once

#include "crypto/drbg.h"
#include "sim/cast/cast.h"
#include "sim/scenario/scenario.h"
#include "sim/world.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace quorumor::sim {

struct AdversaryContext {
  World& world;
  const Cast& cast;
  Drbg rng;                              // of this adversary alone
  std::vector<World::Index> liars;       // this part's members; empty for outsiders
  std::vector<World::Index> targets;     // may be empty: the behaviour chooses
  std::vector<World::Index> colluders;   // all members that lie in this run, whatever they do
};

class Adversary {
 public:
  virtual ~Adversary() = default;
  virtual void start() = 0;              // from now on
  virtual void stop() = 0;               // falls silent; whatever it changed in its own nodes is honest again
  virtual std::uint64_t acts() const = 0;  // how often it did something: an attack that does nothing proves nothing
};

struct Behaviour {
  std::string_view name;      // as in scenarios
  std::string_view what;      // one sentence for people
  std::string_view against;   // what is meant to stop it, or "nothing yet"
  bool insider = true;        // needs `who`
  bool needs_target = false;
  // The parameters of AdversaryPart that mean something to it, in words; empty: none.
  std::string_view parameters;
};
std::span<const Behaviour> behaviours() noexcept;
const Behaviour* find_behaviour(std::string_view name) noexcept;

// Requires: find_behaviour(part.behaviour); liars given if and only if it is an insider.
std::unique_ptr<Adversary> make_adversary(const AdversaryPart& part, AdversaryContext context);

}  // namespace quorumor::sim
