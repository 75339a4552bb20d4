#include "sim/adversary/wiretap.h"

#include "sim/process.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

std::uint64_t taken_in(const World& world, World::Index node) {
  std::uint64_t sum = 0;
  if (!world.is_running(node)) return sum;
  for (const std::uint64_t n : state_of(world, node).counters.messages_in) sum += n;
  return sum;
}

}  // namespace

Wiretap::Wiretap(World& world, std::vector<Index> targets) : world_(world) {
  path_ = world_.set_path([this, targets = std::move(targets)](Index from, Index to, Bytes bytes) {
    const auto touches = [&](Index target) { return target == from || target == to; };
    if (to >= world_.size() || (!targets.empty() && std::none_of(targets.begin(), targets.end(), touches))) {
      return PathVerdict{};
    }
    captured_.push_back({from, to, to_vector(bytes)});
    if (captured_.size() > kMost) captured_.pop_front();
    return PathVerdict{};
  });
}

// What is due at one moment happens in the order in which it was asked for: nothing comes between the three.
void inject_and_see(World& world, World::Index to, const Endpoint& from, Bytes datagram,
                    std::shared_ptr<std::uint64_t> taken) {
  const auto before = std::make_shared<std::uint64_t>(0);
  world.call_at(world.now(), [&world, to, before] { *before = taken_in(world, to); });
  world.inject(to, from, datagram);
  world.call_at(world.now(), [&world, to, before, taken = std::move(taken)] {
    *taken += taken_in(world, to) > *before ? 1 : 0;
  });
}

}  // namespace quorumor::sim
