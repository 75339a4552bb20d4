// n, for which (m, k) are computed: the most members that this node held live (Alive or Suspect, itself included) at
// any time in the last hour. Were it the present count, whoever cuts a reader off from most members would lower the k
// that the rest must reach: a partition is when liars in it must gain nothing. Were it never to fall, a cluster that
// shrank could not bury anybody any more.
//
// Definition: time is cut into buckets of 5 min, each holding the greatest count that prevailed in it (a count
// prevails until the next is reported); the peak is the maximum over the present bucket and the 12 before it. So what
// ended counts for 60 to 65 min more, and the value is a step function of what was reported: it does not depend on how
// often that was. A value from before a restart counts as if it had been reported just now. An epoch's beginning
// resets nothing: its keymaster would else lower k by announcing one.
//
// 13 counts. Pure; time only comes in.
#pragma once

#include "base/time.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quorumor {

class LivePeak {
 public:
  static constexpr Duration kBucket = 5min;
  static constexpr std::size_t kBuckets = 13;  // 12 whole ones make the hour; the present one is incomplete

  // What was persisted; 0: nothing.
  explicit LivePeak(std::size_t persisted = 0) noexcept : count_(persisted), peak_(persisted) {}

  // Call whenever the count changes, and at times when it does not: it decays only here. A `now` before an earlier one
  // counts as that.
  void on_live(std::size_t live, Instant now) noexcept;
  // Never below the count last reported, never below 1.
  std::size_t value() const noexcept { return std::max<std::size_t>(peak_, 1); }

 private:
  std::array<std::size_t, kBuckets> most_{};  // by bucket number modulo kBuckets
  std::optional<std::int64_t> bucket_;        // the number of the present one
  std::size_t count_;                         // prevails since the last report
  std::size_t peak_;
};

}  // namespace quorumor
