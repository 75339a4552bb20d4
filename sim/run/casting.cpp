#include "sim/run/casting.h"

#include "sim/observers.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

using Index = World::Index;

bool is_eligible(const Cast& cast, Index i, Eligible eligible) {
  if (eligible == Eligible::any) return true;
  return cast.is_honest(i) && !cast[i].revoked && cast[i].running == (eligible == Eligible::running);
}

}  // namespace

std::vector<Index> pick(const Picks& picks, World& world, const Cast& cast, Eligible eligible, Drbg& rng) {
  using Kind = Picks::Kind;
  std::vector<Index> out;
  if (picks.kind == Kind::none) return out;
  if (picks.kind == Kind::listed) {
    for (const auto& [first, last] : picks.ranges) {
      for (Index i = first; i <= last && i < world.size(); ++i) out.push_back(i);
    }
  } else if (picks.kind == Kind::observers) {
    for (const Index i : observers_of(world, picks.subject)) {
      if (out.size() < picks.count && is_eligible(cast, i, eligible)) out.push_back(i);
    }
  } else {
    for (Index i = 0; i < world.size(); ++i) {
      if (is_eligible(cast, i, eligible)) out.push_back(i);
    }
    std::size_t wanted = out.size();
    if (picks.kind == Kind::number) wanted = picks.count;
    if (picks.kind == Kind::share) wanted = cast.size() * picks.ppm / kAllPpm;
    if (wanted < out.size()) {
      rng.shuffle(std::span<Index>(out));
      out.resize(wanted);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace quorumor::sim
