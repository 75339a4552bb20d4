// What a world is made of: machines and what is on its way to them. Private to this room.
#pragma once

#include "sim/world.h"

namespace quorumor::sim {

// What a blocked process has sent; its core's own bytes do not outlive its call.
struct World::Waiting {
  Output output;  // Transmit or StreamRequest; its bytes are these:
  ByteVector bytes;
};

struct World::Node {
  NodeSpec spec;
  Endpoint endpoint;
  Secret<32> identity_seed;
  SignedCredential credential;
  std::vector<ByteVector> endorsements;  // of its bundle
  PublicKey authority{};
  ClusterId cluster{};
  // The disk.
  ByteVector ring, snapshot, verdicts;
  std::uint64_t generation = 0;

  std::unique_ptr<NodeCore> core;
  std::uint64_t boot = 0;  // what happens for an earlier boot happens to nobody
  bool paused = false, blocked = false;
  bool touched = false;    // by a test: its deadline and views are to be read again
  std::optional<Instant> due;  // its core's next deadline, as it stands in the heap
  Duration wall_offset{};
  std::vector<Slot> held;      // arrived while it was stopped or blocked
  std::vector<Waiting> outbox; // sent while it was blocked
  std::size_t held_datagrams = 0, outbox_datagrams = 0;
  std::function<bool(const Sent&)> censor;
  std::map<std::uint64_t, Meddler> meddlers;
  Sent sent{};                 // as of the last call, for the censor
};

struct World::Happening {
  Index node = 0;
  std::uint64_t boot = 0;
  bool is_stream = false;
  Endpoint from;
  Index sender = kNobody;  // of a datagram
  StreamId stream = 0;
  StreamEvent::Kind kind = StreamEvent::Kind::closed;
  ByteArray<32> exporter{};
  ByteVector data;
  std::function<void()> call;  // something that is no node's
};

}  // namespace quorumor::sim
