// Which incoming connections get a TLS handshake. A handshake costs us 0.7 ms and 70 KB and costs a stranger a SYN,
// so strangers get a bounded share (PROTOCOL section 7).
//
// A stream is *unproven* from accept until the core first sends on it: the core shows its own hello only to a peer
// whose credential and proof it has verified.
//  * Incoming streams take at most three quarters of all: a flood must not keep this node from dialling out.
//  * Unproven ones take at most half of all. Of those, half again is kept for addresses of known members, so that
//    strangers cannot keep members from syncing.
//  * Strangers of one /24 (IPv6: /48) take at most an eighth of all, so that one network is not enough for a flood.
//    In a loopback cluster all members share an address, so this rule is off there.
// Complexity: a scan of the unproven streams, at most streams_max / 2, for each accept.
#pragma once

#include "base/endpoint.h"

#include <functional>
#include <map>

namespace quorumor {

struct StreamCaps {
  std::size_t total = 0;  // both directions
  std::size_t inbound = 0;
  std::size_t unproven = 0;
  std::size_t strangers = 0;  // unproven, from addresses of no known member
  std::size_t prefix = 0;     // of those, from one network

  // Requires: streams_max > 0.
  static StreamCaps from(std::size_t streams_max, bool loopback_cluster) noexcept;
};

class StreamAdmission {
 public:
  using Ticket = std::uint64_t;
  explicit StreamAdmission(const StreamCaps& caps) noexcept : caps_(caps) {}

  // Nothing: refused. `is_known` is asked at most once, and only if the answer matters.
  std::optional<Ticket> admit_inbound(const Endpoint& peer, const std::function<bool(const Endpoint&)>& is_known);
  std::optional<Ticket> admit_outbound();
  void proven(Ticket ticket) noexcept;  // again, or for an outbound one: no effect
  // Requires: given out and not released.
  void release(Ticket ticket) noexcept;

  std::size_t open() const noexcept { return open_.size(); }

 private:
  struct Stream {
    bool inbound = false;
    bool unproven = false;
    bool stranger = false;
    Endpoint network;
  };
  std::optional<Ticket> add(const Stream& stream);

  StreamCaps caps_;
  std::map<Ticket, Stream> open_;  // at most caps_.total
  Ticket last_ = 0;
};

// The /24 or /48 that an address is in; port 0.
Endpoint network_of(const Endpoint& address) noexcept;

}  // namespace quorumor
