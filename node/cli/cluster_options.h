// Cluster-wide numbers as people write them, in exact integers: every node of a cluster must read the same value.
#pragma once

#include "node/driver/failure.h"

#include <cstdint>
#include <string>

namespace quorumor {

// "0.1" -> 100,000 millionths. 0 to 0.333333, at most 6 decimals.
Fallible<std::uint32_t> parse_beta(const std::string& text);
// 1 to 18.
Fallible<std::uint8_t> parse_epsilon_exponent(const std::string& text);

}  // namespace quorumor
