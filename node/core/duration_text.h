// Durations as people write them: a whole number and one unit, "500ms", "1s", "2m", "1h". No fractions and no sums,
// so that there is one way to read each.
#pragma once

#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace quorumor {

// Nothing unless it is 1 to 9 digits and ms, s, m or h.
std::optional<Duration> parse_duration(std::string_view text) noexcept;
// In the largest unit that says it exactly; what is finer than a millisecond in nanoseconds ("1500ns"), which
// parse_duration does not read: no setting has such a value.
std::string to_text(Duration duration);

}  // namespace quorumor
