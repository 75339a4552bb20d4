// The world's streams: TLS over TCP as a core sees it. Two round trips to connect, then bytes in order, and each end
// hears of the other's end. A part of World, private to this room.
//
// * A piece that the network loses comes late; those behind it wait for it.
// * A piece for a link that is cut is tried again after kRetransmission, twice that ..., until the link heals; after
//   kRetransmissionsMax tries the sender's end is closed, and the other end hears nothing. Until then nothing tells the
//   core: its own deadlines do.
// * A dial over a cut link, or to a process that stands still, is silent in the same way. A machine whose process is
//   gone refuses it within a round trip, as an address where no machine is does. One that is blocked (World::set_block)
//   connects when that ends.
// * Each direction has its own faults: over a one-way cut one end still hears the other.
// * What a caller's `reachable` shuts (World::set_reachable) is harder: dials are refused, streams in use are gone.
#pragma once

#include "sim/world.h"

#include <deque>

namespace quorumor::sim {

struct World::Streams {
  using Kind = StreamEvent::Kind;
  using Key = std::pair<Index, StreamId>;  // of an end; an outsider's is with kNobody
  using Heard = std::function<void(const StreamEvent&)>;
  // Bytes of one end that wait for a link to heal before its core hears that no more can be taken (no `drained`).
  static constexpr std::size_t kSendBuffer = 256 * 1024;

  struct Piece {
    Kind kind;  // data or closed
    ByteVector data;
  };
  struct End {
    Key other;
    std::uint64_t order;      // by age; no two connections have the same
    Instant in_order;         // nothing that this end sends arrives before that
    std::deque<Piece> held;   // the link was shut
    std::size_t held_bytes = 0;
    unsigned tries = 0;
    bool owes_drained = false;
  };
  struct Dial {
    Endpoint from;
    Index to;
    std::uint64_t order;
    unsigned tries = 0;
    bool waits = false;  // for the end of a block
  };

  explicit Streams(World& world) : w(world) {}
  void carry_out(Index node, const StreamRequest& r);
  void reset(Index node);          // its process is gone: whoever is connected hears it at once
  void accept(Index node);         // its block has ended: who has dialled it meanwhile is connected
  void tell_outsider(Slot slot);

  void dial(const Key& key, const Endpoint& from, Index to);
  void try_dial(const Key& key);
  void connect(const Key& key, const Dial& dial, Duration after);
  void send(const Key& key, Bytes data);
  void close(const Key& key);
  void push(const Key& key, End& end, Piece piece);
  bool deliver(const Key& key, End& end, const Piece& piece);
  void retry(const Key& key, const End& end);
  void flush(const Key& key);
  void erase_both(const Key& key);
  void tell(const Key& key, Kind kind, Bytes data, Duration after);

  World& w;
  std::map<Key, End> ends;    // of connections, both of each
  std::map<Key, Dial> dials;  // that are not connected yet
  std::map<StreamId, Heard> outsiders;
  StreamId next_inbound = kInboundStream, next_outsider = 1;
};

}  // namespace quorumor::sim
