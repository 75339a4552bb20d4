// Getting in and staying together: dials seeds until one lets this node in, tries configured seeds that are not
// members for ever (so that two halves that were started apart find each other), and syncs with a random member when
// digests have differed for a while. It decides when this node is joined. A node that has joined syncs with two more
// members at once: whoever has heard one member only may have been told one side of the story, and declares nobody
// dead.
//
// Every rejoin_interval it dials some of those that are held for dead or unreachable: members whose epochs have moved
// apart cannot open each other's datagrams, and the seeds of whoever was left behind may be gone.
#pragma once

#include "node/core/prober.h"
#include "node/core/sessions.h"

namespace quorumor {

class Joiner {
 public:
  Joiner(CoreState& state, Sessions& sessions, Prober& prober) : s_(state), sessions_(sessions), prober_(prober) {}

  static constexpr std::size_t kSeedsMax = 64;
  static constexpr std::size_t kLostDialled = 3;  // a rejoin_interval, at most
  // Seeds that an operator gave; `remembered` ones (of a snapshot) are tried only until this node is joined.
  void add_seeds(std::span<const Endpoint> endpoints, bool remembered);
  void on_timer(std::optional<Instant> differs_since);
  std::optional<Instant> next_deadline(std::optional<Instant> differs_since) const;
  // A session for joining or for a sync is over.
  void on_ended(const Sessions::Ended& ended);
  void set_joined(const std::string& reason);
  // A sync with this member would help: it has what gossip does not bring.
  void sync_with(const NodeId& peer);
  bool has_seeds() const noexcept { return !seeds_.empty(); }

 private:
  struct Seed {
    Endpoint endpoint;
    bool remembered = false;
    Instant next_try;
    Duration backoff{};
  };
  bool is_member(const Endpoint& endpoint) const;
  Duration spread(Duration wait);
  void sync_with_somebody();
  bool needs_syncs() const noexcept;
  void seek_witness();
  void seek_the_lost();
  std::optional<Instant> sync_at(std::optional<Instant> differs_since) const;

  CoreState& s_;
  Sessions& sessions_;
  Prober& prober_;
  std::vector<Seed> seeds_;
  std::optional<Instant> last_sync_;
  Instant seek_lost_at_;  // the beginning: not planned yet
  Instant seek_at_;       // the next member that may show the epochs that one has shown
};

}  // namespace quorumor
