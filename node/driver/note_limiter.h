// Notes for an operator, each at most once in five minutes: what goes on being wrong (a name that does not resolve, a
// full disk) must not fill the log, which may be on that very disk.
#pragma once

#include "base/time.h"

#include <algorithm>
#include <string>
#include <vector>

namespace quorumor {

class NoteLimiter {
 public:
  static constexpr Duration kAgain = std::chrono::minutes{5};
  static constexpr std::size_t kRemembered = 32;  // then the one noted longest ago is forgotten

  // True: say it.
  bool admit(const std::string& line, Instant now) {
    std::erase_if(said_, [now](const Said& said) { return now - said.at >= kAgain; });
    const auto same = [&line](const Said& said) { return said.line == line; };
    if (std::any_of(said_.begin(), said_.end(), same)) return false;
    if (said_.size() == kRemembered) said_.erase(said_.begin());
    said_.push_back({line, now});
    return true;
  }

 private:
  struct Said {
    std::string line;
    Instant at;
  };
  std::vector<Said> said_;  // oldest first
};

}  // namespace quorumor
