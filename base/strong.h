// A u64 that cannot be mistaken for another: epochs, incarnations, generations, serials, sequences. They
// compare and hash; they do not add, because an attacker picks many of them and overflow must be a decision
// (see `next`), never an accident.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

namespace quorumor {

template <class Tag>
struct Strong {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

  // The successor; nothing at the end of the range.
  constexpr std::optional<Strong> next() const noexcept {
    if (value == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    return Strong{value + 1};
  }
};

using Epoch = Strong<struct EpochTag>;              // numbers cluster keys; the first is 1, 0 means none
using Serial = Strong<struct SerialTag>;            // of a credential; the highest wins
using Generation = Strong<struct GenerationTag>;    // of a boot; see PROTOCOL section 2
using Incarnation = Strong<struct IncarnationTag>;  // of a claim within a generation
using Sequence = Strong<struct SequenceTag>;        // of an event or a probe within a generation

}  // namespace quorumor

template <class Tag>
struct std::hash<quorumor::Strong<Tag>> {
  std::size_t operator()(const quorumor::Strong<Tag>& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
