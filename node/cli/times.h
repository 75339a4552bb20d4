// Times as people and files write them: RFC 3339 in UTC, whole seconds, "2026-12-31T23:59:59Z".
#pragma once

#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace quorumor {

// The last second that a credential can name: the end of the year 9999.
inline constexpr std::int64_t kLatestSecond = 253'402'300'799;

WallTime wall_now();
// Requires: 1970 to 9999.
std::string format_time(WallTime time);
// RFC 3339 as above, or Unix seconds. Nothing for anything else, or outside 1970 to 9999.
std::optional<WallTime> parse_time(std::string_view text);
// Only RFC 3339, as format_time writes it.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace quorumor
