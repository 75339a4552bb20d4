// The agent's counters and gauges in the text format that Prometheus scrapes (version 0.0.4). Names never carry what a
// peer chose, and labels are words of our own: no peer can make a series, so their number is fixed.
#pragma once

#include "node/agent/admin_json.h"

namespace quorumor {

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// Lines without the last line's end, as every answer of the admin API.
std::string metrics_text(const StatusView& view);

}  // namespace quorumor
