// The answer of GET /v1/why: one member's explanation (node/core/explanation.h) as JSON. Every moment is given twice:
// `x` in wall time, for logs of other machines, and `x_ms`, how long ago, which no step of the clock falsifies. What is
// unknown or does not apply is null.
#pragma once

#include "node/core/explanation.h"

#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// `at`: the wall clock at explanation.at.
std::string why_json(const Explanation& explanation, WallTime at);
// One line, with the nearest of the names there are.
std::string no_such_member(std::string_view name, const std::vector<std::string>& names);

}  // namespace quorumor
