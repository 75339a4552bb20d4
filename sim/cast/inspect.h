// How watchers look into a core: they hold what it believes against the truth. They only look.
#pragma once

#include "node/core/impl.h"
#include "sim/world.h"

namespace quorumor::sim {

// Requires: the machine runs. Valid until time goes on.
inline const CoreState& look_into(const World& world, World::Index node) {
  return CoreAccess::impl(world.peek(node)).state;
}

// What one reader holds of one subject; nullptr if that is nothing. Requires: the reader runs.
inline const Member* held_by(const World& world, World::Index reader, const NodeId& subject) {
  return look_into(world, reader).table.find(subject);
}

// Messages that a core has accepted so far: opened, decoded, fresh.
inline std::uint64_t accepted_messages(const CoreState& state) {
  std::uint64_t sum = 0;
  for (const std::uint64_t n : state.counters.messages_in) sum += n;
  return sum;
}

// The short frame of a datagram, past the introduction that may stand before it, and the epoch that it is sealed under;
// nothing if this core's ring cannot tell. The bytes are the datagram's.
struct ShortFrame {
  Bytes bytes;
  const Keyring::Entry* under = nullptr;
};
std::optional<ShortFrame> short_frame_of(const CoreState& state, Bytes datagram);

// The state that an event says its reader now holds the member for; unknown: it says nothing of a state.
inline MemberState state_told_by(Event::Kind kind) noexcept {
  switch (kind) {
    case Event::Kind::member_alive: return MemberState::alive;
    case Event::Kind::member_suspect: return MemberState::suspect;
    case Event::Kind::member_unreachable: return MemberState::unreachable;
    case Event::Kind::member_dead: return MemberState::dead;
    case Event::Kind::member_left: return MemberState::left;
    case Event::Kind::member_evicted: return MemberState::evicted;
    default: return MemberState::unknown;
  }
}

// An ordered pair of machines as one number.
inline std::uint64_t pair_key(World::Index reader, World::Index subject) noexcept {
  return std::uint64_t{reader} << 32 | subject;
}

}  // namespace quorumor::sim
