// Where this node's chain of epochs and another's have parted, or gone too far apart to be held against each other, a
// signature alone does not make an announcement the successor of anything: a keymaster could jump. Whoever shows the
// announcements between has proven it (Keyring::bridge). Without them, a node that has not joined believes the member
// it joins by, as it does in everything else. One that has joined believes what three distinct members (or all others,
// where there are fewer) have shown it over TLS, each as a key that it holds.
//
// The same goes for what is signed ahead of this node's clock, which may be the clock that is wrong: what three members
// hold is the cluster's.
// Bound: kCandidatesMax; each is forgotten after kPatience. Witnesses are sought more and more slowly, some 90 times in
// all: whoever shows what nobody else holds costs no more. For one that nobody has shown yet, kTriesMax times.
#pragma once

#include "base/time.h"
#include "crypto/cluster.h"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <optional>

namespace quorumor {

class Grafts {
 public:
  static constexpr std::size_t kCandidatesMax = 4;
  static constexpr std::size_t kAgreeing = 3;
  static constexpr unsigned kTriesMax = 12;
  static constexpr Duration kPause = std::chrono::milliseconds{500};
  static constexpr unsigned kTriesEach = 8;  // at one pace
  static constexpr Duration kPatience = std::chrono::minutes{5};

  // `giver` holds this announcement; are there `needed` by now? Requires: needed <= kAgreeing.
  bool agree(const Digest& announcement, const NodeId& giver, std::size_t needed, Instant now) {
    auto& givers = candidate(announcement, now).givers;
    if (std::find(givers.begin(), givers.end(), giver) == givers.end() && givers.size() < givers.capacity()) {
      givers.push_back(giver);
    }
    if (givers.size() < needed) return false;
    erase_if([&](const Candidate& c) { return c.digest == announcement; });
    return true;
  }
  // Gossip has brought this one; does anybody hold it?
  void seek(const Digest& announcement, Instant now) { candidate(announcement, now); }
  void note_try() noexcept {
    for (Candidate& c : all_) ++c.tries;
  }
  // Somebody has shown something, and more must before it is believed: until the next member is asked, from now.
  // Nothing: no witness is sought.
  std::optional<Duration> pause(Instant now) const noexcept {
    std::optional<Duration> out;
    for (const Candidate& c : all_) {
      const bool is_sought = now < c.since + kPatience && (!c.givers.empty() || c.tries < kTriesMax);
      const Duration slower = kPause * (1 + c.tries / kTriesEach);
      if (is_sought && (!out || slower < *out)) out = slower;
    }
    return out;
  }

 private:
  struct Candidate {
    Digest digest{};
    boost::container::static_vector<NodeId, kAgreeing> givers;
    Instant since;
    unsigned tries = 0;
  };
  Candidate& candidate(const Digest& announcement, Instant now) {
    forget(now);
    const auto found =
        std::find_if(all_.begin(), all_.end(), [&](const Candidate& c) { return c.digest == announcement; });
    if (found != all_.end()) return *found;
    if (all_.size() == all_.capacity()) all_.erase(all_.begin());
    all_.push_back({announcement, {}, now});
    return all_.back();
  }
  void forget(Instant now) {
    erase_if([&](const Candidate& c) { return now >= c.since + kPatience; });
  }
  template <class Pred>
  void erase_if(Pred pred) {
    all_.erase(std::remove_if(all_.begin(), all_.end(), pred), all_.end());
  }
  boost::container::static_vector<Candidate, kCandidatesMax> all_;
};

}  // namespace quorumor
