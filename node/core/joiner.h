// Getting in and staying together: dials seeds until one lets this node in, tries configured seeds that are not
// members for ever (so that two halves that were started apart find each other), and syncs with a random member when
// digests have differed for a while. It decides when this node is joined.
#pragma once

#include "node/core/sessions.h"

namespace quorumor {

class Joiner {
 public:
  Joiner(CoreState& state, Sessions& sessions) : s_(state), sessions_(sessions) {}

  static constexpr std::size_t kSeedsMax = 64;
  // Seeds that an operator gave; `remembered` ones (of a snapshot) are tried only until this node is joined.
  void add_seeds(std::span<const Endpoint> endpoints, bool remembered);
  void on_timer(std::optional<Instant> differs_since);
  std::optional<Instant> next_deadline(std::optional<Instant> differs_since) const;
  // After every call into the sessions.
  void collect();
  void set_joined(const std::string& reason);
  bool has_seeds() const noexcept { return !seeds_.empty(); }

 private:
  struct Seed {
    Endpoint endpoint;
    bool remembered = false;
    Instant next_try;
    Duration backoff{};
  };
  bool is_member(const Endpoint& endpoint) const;
  void sync_with_somebody();
  Instant sync_at(Instant differs_since) const;

  CoreState& s_;
  Sessions& sessions_;
  std::vector<Seed> seeds_;
  std::optional<Instant> last_sync_;
};

}  // namespace quorumor
