// A process that handles no message for a while though its timers run on: what slow message processing comes to, as
// Lifeguard's experiment makes it (Dadgar, Phillips, Currey 2018: blocked before it sends and after it receives). Its
// core is unaware: it probes on, takes silence for failure, and accuses.
//
// * What it sends waits, datagrams and streams in one order; at the end of the block all of it leaves, then what
//   arrived meanwhile is handed to it. Of datagrams kSocketBuffer wait in each direction, later ones are lost.
// * Of streams nothing is lost: until its bytes have left, its core hears no `drained`, and so stops. Who dials it is
//   taken in by its kernel, and connected when the block ends.
// * A process that is stopped as well lets nothing go before both have ended.
#include "sim/streams.h"
#include "sim/world_parts.h"

namespace quorumor::sim {

bool World::is_blocked(Index index) const { return nodes_[index]->blocked; }

void World::set_block(Index index, bool blocked) {
  Node& node = *nodes_[index];
  QUORUMOR_ASSERT(node.core || !blocked);
  if (node.blocked == blocked) return;
  node.blocked = blocked;
  if (!blocked) let_go(index);
}

void World::send(Index index, const Output& output) {
  Node& node = *nodes_[index];
  const auto* datagram = std::get_if<Transmit>(&output);
  if (!node.blocked) {
    return datagram != nullptr ? transmit(index, *datagram)
                               : streams_->carry_out(index, std::get<StreamRequest>(output));
  }
  if (datagram != nullptr && ++node.outbox_datagrams > kSocketBuffer) {
    ++socket_overflows_;
    return;
  }
  const Bytes bytes = datagram != nullptr ? datagram->datagram : std::get<StreamRequest>(output).bytes;
  node.outbox.push_back({output, to_vector(bytes)});
}

void World::let_go(Index index) {
  Node& node = *nodes_[index];
  if (node.paused || node.blocked) return;
  for (Waiting& waiting : std::exchange(node.outbox, {})) {
    if (auto* datagram = std::get_if<Transmit>(&waiting.output)) datagram->datagram = waiting.bytes;
    if (auto* request = std::get_if<StreamRequest>(&waiting.output)) request->bytes = waiting.bytes;
    send(index, waiting.output);
  }
  for (const Slot slot : node.held) schedule(slot, now_);
  node.held.clear();
  node.held_datagrams = node.outbox_datagrams = 0;
  streams_->accept(index);
}

}  // namespace quorumor::sim
