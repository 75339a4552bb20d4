// A datagram's way in, as one readable function: parse -> open -> decode -> authorize -> apply. Each step is cheaper
// than the next, and nothing is applied before all of them have passed. What fails is counted and dropped.
#pragma once

#include "node/core/key_exchange.h"
#include "node/core/relayer.h"
#include "node/core/watch.h"

namespace quorumor {

class Receiver {
 public:
  static constexpr unsigned kAnswersMost = 4;  // datagrams to one Want

  Receiver(CoreState& state, Sender& sender, Intake& intake, Looks& looks, Relayer& relayer, Watch& watch,
           Epochs& epochs, KeyExchange& keys)
      : s_(state), sender_(sender), intake_(intake), looks_(looks), relayer_(relayer), watch_(watch), epochs_(epochs),
        keys_(keys) {}

  // False: nothing in it was authenticated, and nothing but a counter has changed.
  bool on_datagram(const Endpoint& from, Bytes datagram);
  // Counts frames whose digest differed from ours since the last one that agreed (for sync).
  std::optional<Instant> differs_since() const noexcept { return differs_since_; }
  // A member that is leaving collects who has heard it: distinct peers that acked since the leave began.
  std::size_t acks_while_leaving() const noexcept { return leave_acks_.size(); }

 private:
  Member* take_introduction(Bytes& datagram, bool& reply, EntryName& under);
  void answer_introduction(Member& member, const Endpoint& from, const EntryName& under);
  void on_evicted_frame(Member& member, const Endpoint& from);
  void apply(Member& member, const Endpoint& from, const EntryName& under, const Message& message);
  void note_sender(Member& member, const Endpoint& from, const EntryName& under, const Message& message);
  void take_rumors(Member& member, const Endpoint& from, const Message& message);
  void ask_for_body(Member& member, const Endpoint& from);
  void answer_want(Member& member, const Endpoint& from, const Message& message);
  void on_ack(Member& member, Epoch epoch, const Message& message, Sender::Options options);
  bool believes_old(const Message& message) const noexcept;
  void drop(DropReason reason) noexcept { ++s_.counters.dropped[static_cast<std::size_t>(reason)]; }

  CoreState& s_;
  Sender& sender_;
  Intake& intake_;
  Looks& looks_;
  Relayer& relayer_;
  Watch& watch_;
  Epochs& epochs_;
  KeyExchange& keys_;
  Message message_;
  alignas(8) std::array<std::byte, limits::kDatagram> plain_{};
  std::optional<Instant> differs_since_;
  boost::container::static_vector<NodeId, 8> leave_acks_;
};

}  // namespace quorumor
