// How many synchronous rounds a rumor needs to reach everybody, by push, by pull, and by both: the model of the
// literature (Demers et al. 1987; Pittel 1987; Karp et al. 2000), to hold the real protocol's dissemination against.
//
// In each round every member that may call (push: who knows; pull: who does not; push-pull: everybody) calls `fanout`
// members, each drawn uniformly from all others; calls of a round are simultaneous, and each is lost with probability
// `loss`. Who knew at the beginning of the round tells (push), or answers (pull). Expected, with fanout 1 and no loss:
// push log2 n + ln n; pull and push-pull log2 n or less, and then log log n.
//
// No clock, no wire, no core: draws and a bit for each member. O(n * fanout) a round. Deterministic from the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quorumor::sim {

enum class Spread : std::uint8_t { push, pull, push_pull };
std::string_view to_string(Spread spread) noexcept;

struct RoundsSetting {
  static constexpr std::size_t kNodesMost = 1'000'000;
  static constexpr unsigned kRoundsMost = 1000;
  std::size_t nodes = 1000;
  unsigned fanout = 1;         // at least 1
  std::uint32_t loss_ppm = 0;  // of calls
};

// Rounds until all know, one having known before the first. Nothing: not all after kRoundsMost.
// Requires: 2 <= nodes <= kNodesMost, fanout >= 1.
std::optional<unsigned> rounds_to_all(Spread spread, const RoundsSetting& setting, std::uint64_t seed);

}  // namespace quorumor::sim
