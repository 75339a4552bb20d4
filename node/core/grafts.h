// Where this node's chain of epochs and another's have parted, or gone too far apart to be held against each other, a
// signature alone does not make an announcement the successor of anything: a keymaster could jump. Whoever shows the
// announcements between has proven it (Keyring::bridge). Without them, a node that has not joined believes the member
// it joins by, as it does in everything else. One that has joined believes what three distinct members (or all others,
// where there are fewer) have shown it over TLS, each as a key that it holds.
// Bound: kCandidatesMax; each is forgotten after kPatience.
#pragma once

#include "base/time.h"
#include "crypto/cluster.h"

#include <boost/container/static_vector.hpp>

#include <algorithm>

namespace quorumor {

class Grafts {
 public:
  static constexpr std::size_t kCandidatesMax = 4;
  static constexpr std::size_t kAgreeing = 3;
  static constexpr Duration kPatience = std::chrono::minutes{5};

  // `giver` holds this announcement; are there `needed` by now? Requires: needed <= kAgreeing.
  bool agree(const Digest& announcement, const NodeId& giver, std::size_t needed, Instant now) {
    forget(now);
    auto found = std::find_if(all_.begin(), all_.end(), [&](const Candidate& c) { return c.digest == announcement; });
    if (found == all_.end()) {
      if (all_.size() == all_.capacity()) all_.erase(all_.begin());
      all_.push_back({announcement, {}, now});
      found = all_.end() - 1;
    }
    auto& givers = found->givers;
    if (std::find(givers.begin(), givers.end(), giver) == givers.end() && givers.size() < givers.capacity()) {
      givers.push_back(giver);
    }
    if (givers.size() < needed) return false;
    all_.erase(found);
    return true;
  }
  // Somebody has shown something, and more must before it is believed.
  bool is_waiting(Instant now) const noexcept {
    return std::any_of(all_.begin(), all_.end(), [&](const Candidate& c) { return now < c.since + kPatience; });
  }

 private:
  struct Candidate {
    Digest digest{};
    boost::container::static_vector<NodeId, kAgreeing> givers;
    Instant since;
  };
  void forget(Instant now) {
    const auto is_old = [&](const Candidate& c) { return now >= c.since + kPatience; };
    all_.erase(std::remove_if(all_.begin(), all_.end(), is_old), all_.end());
  }
  boost::container::static_vector<Candidate, kCandidatesMax> all_;
};

}  // namespace quorumor
