// When to give up joining: every configured seed has refused this node for a reason that trying again cannot mend.
// One seed's word is not enough (it may itself be misconfigured), and silence never counts: it may yet come up.
//
// Seeds may be names, and events carry addresses only. A refusal by an address that is not a configured one is taken
// for one of the names with that port; an address that last failed otherwise keeps its name open. So an error here
// only makes the agent try longer, unless a name resolves to several agents that all refuse it, which is the answer.
#pragma once

#include "base/endpoint.h"
#include "wire/stream.h"

#include <map>
#include <string>
#include <vector>

namespace quorumor {

// not_our_cluster, expired, revoked, bad_proof, unknown_version.
bool is_permanent(Refusal refusal) noexcept;

class SeedVerdicts {
 public:
  // Each HOST:PORT, as complete_address makes them.
  explicit SeedVerdicts(const std::vector<std::string>& seeds);

  // Both are true if it is news: not what this address did the last time. Seeds are tried for ever, and a log that
  // repeats each failure of one that is gone for good would only grow.
  bool refused(const Endpoint& by, Refusal refusal);
  bool failed(const Endpoint& at);  // nobody answered there
  // Seeds were added while running: somebody watches over this node, who will see the refusals; never give up.
  void seeds_added() noexcept { open_ended_ = true; }
  bool all_refused() const;

 private:
  static constexpr std::size_t kEndpointsMax = 256;  // names can resolve to ever new addresses
  enum class Answer : std::uint8_t { none, failed, refused };
  struct Last {
    Answer answer = Answer::none;
    Refusal refusal = Refusal::malformed;
    bool is_final() const noexcept { return answer == Answer::refused && is_permanent(refusal); }
    friend bool operator==(const Last&, const Last&) = default;
  };
  bool note(const Endpoint& at, const Last& last);

  std::map<Endpoint, Last> numeric_;            // seeds
  std::map<std::uint16_t, std::size_t> names_;  // port -> how many seeds are names
  std::map<Endpoint, Last> others_;             // addresses that names resolved to
  bool open_ended_ = false;
};

}  // namespace quorumor
