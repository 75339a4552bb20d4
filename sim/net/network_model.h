// What a network does to what is sent over it: how long it takes, what it loses, doubles, overtakes, holds back or
// cuts. A pure decision from (time, from, to, size, draws): the world and the heartbeat arm ask it for every datagram
// and every piece of a stream, so that all arms of an experiment meet the same network.
//
// A link is an ordered pair of machines. What holds on it is put together from the most general to the most particular:
// `everywhere`, then between two zones, then what was said of the sender, of the receiver, of the link; each overrides
// only what it names. Cuts and flip-flops are apart: nothing gets through a cut link, whatever its profile. Streams
// (TLS over TCP) meet the same faults as a reliable transport does: a lost piece is late by a retransmission (at least
// kRetransmission, doubling), not missing; a cut one is silent until it heals, or until the endpoint gives up.
//
// Order of draws is fixed and nothing is drawn for what is certain (a rate of 0, a latency without spread), so that one
// seed gives one run on every compiler. Integer arithmetic only. Cost: O(log of the exceptions) a datagram, O(1) where
// there are none. Not thread-safe.
#pragma once

#include "base/time.h"

#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace quorumor {
class Drbg;
}

namespace quorumor::sim {

inline constexpr std::uint32_t kAllPpm = 1'000'000;

struct Latency {
  enum class Shape : std::uint8_t {
    uniform,      // anywhere from least to most
    exponential,  // least, and an exponential tail whose mean is (most - least) / 4, cut off at most
    lognormal     // a bell on a logarithmic scale, its median at the geometric middle of least and most, cut off there
  };
  Shape shape = Shape::uniform;
  Duration least = std::chrono::microseconds(500);
  Duration most = std::chrono::milliseconds(2);
  friend bool operator==(const Latency&, const Latency&) = default;
};

// What one layer says of a link; what it does not name is as the layer before has it.
struct LinkProfile {
  std::optional<Latency> latency;
  std::optional<std::uint32_t> loss_ppm;         // of datagrams
  std::optional<std::uint32_t> duplication_ppm;  // arrive twice, each with its own latency
  std::optional<std::uint32_t> reorder_ppm;      // are held back by `reorder_delay`, so that later ones overtake them
  std::optional<Duration> reorder_delay;
  std::optional<std::size_t> datagram_max;       // bytes; longer ones vanish
  friend bool operator==(const LinkProfile&, const LinkProfile&) = default;
};

class NetworkModel {
 public:
  using Index = std::size_t;
  using Arrivals = boost::container::static_vector<Duration, 2>;  // after now; none: it is lost

  // --- what holds ---
  void set_everywhere(const LinkProfile& profile);
  void set_zone(Index node, std::uint32_t zone);                       // 0 unless said otherwise
  void set_between(std::uint32_t from, std::uint32_t to, const LinkProfile& profile);  // zones; one direction
  void set_sender(Index from, const LinkProfile& profile);             // all that it sends
  void set_receiver(Index to, const LinkProfile& profile);             // all that is sent to it
  void set_link(Index from, Index to, const LinkProfile& profile);
  void clear_exceptions();                                             // back to `everywhere` and zones; cuts stay
  void cut(Index from, Index to);                                      // one direction
  void mend(Index from, Index to);
  // Open for `open`, cut for `shut`, and so on from `since`, in one direction. Durations > 0.
  void flip_flop(Index from, Index to, Instant since, Duration open, Duration shut);
  void mend_all();                                                     // cuts and flip-flops

  // --- questions ---
  bool is_open(Instant now, Index from, Index to) const;               // neither cut nor shut
  // Open, and nothing on it is lost by chance or for its size (a full datagram passes).
  bool is_clear(Instant now, Index from, Index to) const;
  Arrivals datagram(Instant now, Index from, Index to, std::size_t size, Drbg& rng) const;
  // One piece of a stream, or one leg of its handshake; nothing: it is silent.
  std::optional<Duration> stream_piece(Instant now, Index from, Index to, Drbg& rng) const;
  Duration latency_least() const;  // of `everywhere`
  Duration latency_most() const;
};

}  // namespace quorumor::sim
