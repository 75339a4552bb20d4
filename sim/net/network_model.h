// What a network does to what is sent over it: how long it takes, what it loses, doubles, overtakes, holds back or
// cuts. A pure decision from (time, from, to, size, draws): the world and the heartbeat arm ask it for every datagram and
// every piece of a stream, so that all arms of an experiment meet the same network.
//
// A link is an ordered pair of machines. What holds on it is put together from the most general to the most
// particular: `everywhere`, then between two zones, then what was said of the sender, of the receiver, of the link, and
// of whole sets of links in the order in which that was said; each overrides only what it names. Cuts and flip-flops are
// apart: nothing gets through a cut link, whatever its profile.
// Streams (TLS over TCP) meet the same faults as a reliable transport does: a lost piece is late by a retransmission
// (at least kRetransmission, doubling), not missing; a cut one is silent until it heals, or until the endpoint gives up.
//
// Order of draws is fixed (loss; then of each arrival its latency and whether it is held back, the second one's after
// whether there is one) and nothing is drawn for a rate of 0, so that one seed gives one run on every compiler. Integer
// arithmetic only. Cost: O(1), and O(sets of links) where there are any. Not thread-safe.
#pragma once

#include "base/time.h"

#include <boost/container/static_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace quorumor {
class Drbg;
}

namespace quorumor::sim {

inline constexpr std::uint32_t kAllPpm = 1'000'000;
inline constexpr Duration kRetransmission = std::chrono::milliseconds(200);  // or two latencies, if that is more
inline constexpr unsigned kRetransmissionsMax = 8;  // in a row; then a stream is given up, 51 s after the first loss
inline constexpr std::size_t kFullDatagram = 1200;  // bytes; the largest that a member sends

struct Latency {
  enum class Shape : std::uint8_t {
    uniform,      // anywhere from least to most
    exponential,  // least, and an exponential tail whose mean is (most - least) / 4, cut off at most
    lognormal     // a bell on a logarithmic scale: median at the geometric middle of least and most, 1 % at each end cut off
  };
  Shape shape = Shape::uniform;
  Duration least = std::chrono::microseconds(500);
  Duration most = std::chrono::milliseconds(2);
  friend bool operator==(const Latency&, const Latency&) = default;
};
// One latency; one draw. Requires: 0 <= least <= most.
Duration draw(const Latency& latency, Drbg& rng);

// What one layer says of a link; what it does not name is as the layer before has it.
struct LinkProfile {
  std::optional<Latency> latency;
  std::optional<std::uint32_t> loss_ppm;         // of datagrams, and of pieces of streams
  std::optional<std::uint32_t> stream_loss_ppm;  // of pieces of streams instead
  std::optional<std::uint32_t> duplication_ppm;  // arrive twice, each with its own latency
  std::optional<std::uint32_t> reorder_ppm;      // are held back by `reorder_delay`, so that later ones overtake them
  std::optional<Duration> reorder_delay;         // 10 ms where no layer names it
  std::optional<std::size_t> datagram_max;       // bytes; longer ones vanish
  friend bool operator==(const LinkProfile&, const LinkProfile&) = default;
};

class NetworkModel {
 public:
  using Index = std::size_t;
  // No machine of the world: an outsider, who may send datagrams and streams but is sent only what its streams bring.
  // It is of zone 0, and cannot be cut off.
  static constexpr Index kNobody = ~Index{0};
  using Arrivals = boost::container::static_vector<Duration, 2>;  // after now; none: it is lost

  struct Link {  // all layers together
    Latency latency;
    std::uint32_t loss_ppm = 0, stream_loss_ppm = 0, duplication_ppm = 0, reorder_ppm = 0;
    Duration reorder_delay = std::chrono::milliseconds(10);
    std::size_t datagram_max = ~std::size_t{0};
    friend bool operator==(const Link&, const Link&) = default;
  };
  // From each of `from` to each of `to`. What is said of them costs O(machines), not O(links).
  struct Links {
    std::vector<Index> from, to;
    bool both_ways = true;
  };
  using RuleId = std::uint64_t;

  // --- what holds ---
  void set_everywhere(const LinkProfile& profile);
  const LinkProfile& everywhere() const noexcept { return everywhere_profile_; }
  void set_zone(Index node, std::uint32_t zone);                       // 0 unless said otherwise
  std::uint32_t zone(Index node) const noexcept { return node < zones_.size() ? zones_[node] : 0; }
  void set_between(std::uint32_t from, std::uint32_t to, const LinkProfile& profile);  // zones; one direction
  void set_sender(Index from, const LinkProfile& profile);             // all that it sends
  void set_receiver(Index to, const LinkProfile& profile);             // all that is sent to it
  void set_link(Index from, Index to, const LinkProfile& profile);
  LinkProfile link_profile(Index from, Index to) const;                // as set_link said
  RuleId set_links(const Links& links, const LinkProfile& profile);
  void clear_links();                                                  // what set_link said
  void clear_exceptions();                                             // back to `everywhere` and zones; cuts stay
  void cut(Index from, Index to);                                      // one direction
  void mend(Index from, Index to);                                     // what cut and flip_flop said of this link alone
  // Open for `open`, cut for `shut`, and so on from `since`, in one direction. Durations > 0.
  void flip_flop(Index from, Index to, Instant since, Duration open, Duration shut);
  RuleId cut(const Links& links);
  RuleId flip_flop(const Links& links, Instant since, Duration open, Duration shut);
  void undo(RuleId rule);                                              // nothing if that was undone before
  void mend_all();                                                     // cuts and flip-flops
  // A caller's own word on which links are open, beside the cuts; what it shuts refuses a dial at once.
  void set_reachable(std::function<bool(Index from, Index to)> reachable) { reachable_ = std::move(reachable); }

  // --- questions ---
  Link link(Index from, Index to) const;
  bool is_reachable(Index from, Index to) const {
    return !reachable_ || from == kNobody || to == kNobody || reachable_(from, to);
  }
  bool is_open(Instant now, Index from, Index to) const;               // reachable, neither cut nor shut
  // Open, and nothing on it is lost by chance or for its size (a full datagram passes).
  bool is_clear(Instant now, Index from, Index to) const;
  Arrivals datagram(Instant now, Index from, Index to, std::size_t size, Drbg& rng) const;
  // One piece of a stream, or one leg of its handshake; nothing: it is silent. A uniform latency counts as its most, and
  // is not drawn: pieces arrive in order, so the slowest of those on the way decides.
  std::optional<Duration> stream_piece(Instant now, Index from, Index to, Drbg& rng) const;
  Duration latency(Index from, Index to, Drbg& rng) const;             // one draw
  Duration latency_least() const { return everywhere_.latency.least; }
  Duration latency_most() const { return everywhere_.latency.most; }

 private:
  struct FlipFlop {
    Instant since;
    Duration open, shut;
    bool is_open(Instant now) const;
  };
  struct Rule {
    RuleId id;
    std::vector<bool> from, to;
    bool both_ways;
    bool cuts = false;
    std::optional<FlipFlop> flip_flop;
    LinkProfile profile;
    bool is_fault() const { return cuts || flip_flop.has_value(); }
    bool holds(Index a, Index b) const;
  };
  using Key = std::uint64_t;
  static Key key(Index from, Index to) { return static_cast<Key>(from) << 32 | (static_cast<Key>(to) & 0xffffffff); }
  Rule& add_rule(const Links& links);
  const Link& link_of(Index from, Index to, Link& scratch) const;
  void note_exceptions();

  LinkProfile everywhere_profile_;
  Link everywhere_;
  bool exceptions_ = false;  // some layer beside `everywhere` says something
  std::vector<std::uint32_t> zones_;
  boost::unordered_flat_map<Key, LinkProfile> between_, links_;  // never iterated
  std::vector<std::optional<LinkProfile>> senders_, receivers_;
  boost::unordered_flat_set<Key> cuts_;
  boost::unordered_flat_map<Key, FlipFlop> flip_flops_;
  std::vector<Rule> rules_;  // profiles, cuts and flip-flops of sets of links, in the order in which they came
  std::size_t faults_ = 0;   // of the rules, those that cut
  RuleId next_rule_ = 1;
  std::function<bool(Index, Index)> reachable_;
};

}  // namespace quorumor::sim
