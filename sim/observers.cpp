#include "sim/observers.h"

#include "node/core/impl.h"

#include <algorithm>

namespace quorumor::sim {

std::vector<World::Index> observers_of(World& world, World::Index subject) {
  std::vector<std::pair<unsigned, World::Index>> ranked;
  for (World::Index i = 0; i < world.size(); ++i) {
    if (i == subject || !world.is_running(i)) continue;
    const Policy& policy = *CoreAccess::impl(world.core(i)).state.policy;
    const EpochList epochs = policy.epochs_to_accuse_under(world.id(subject));
    if (epochs.empty()) continue;
    const auto rank = policy.rank_of(world.id(subject), world.id(i), epochs.back());
    ranked.emplace_back(rank.value_or(~0U), i);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<World::Index> out;
  for (const auto& [rank, i] : ranked) out.push_back(i);
  return out;
}

}  // namespace quorumor::sim
