#include "sim/cast/inspect.h"

namespace quorumor::sim {

std::optional<ShortFrame> short_frame_of(const CoreState& state, Bytes datagram) {
  for (unsigned frames = 0; frames < 2; ++frames) {
    const auto head = parse_head(datagram);
    if (!head) return std::nullopt;
    const Keyring::Entry* entry = state.ring.find_tag(head.value().tag);
    if (entry == nullptr) return std::nullopt;
    if (head.value().type == kShortType) return ShortFrame{datagram, entry};
    const auto introduction = split_long(datagram, entry->secrets);
    if (!introduction) return std::nullopt;
    datagram = datagram.subspan(introduction.value().size());
  }
  return std::nullopt;
}

}  // namespace quorumor::sim
