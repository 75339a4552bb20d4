// Cluster-wide numbers as people write them, in exact integers: every node of a cluster must read the same value.
// They come as text, from a flag or from a file, and never pass through binary floating point.
#pragma once

#include "node/driver/failure.h"

#include <cstdint>
#include <string>

namespace quorumor {

// "0.1" -> 100,000 millionths. 0 to 0.333333, at most 6 decimals. `what` names the flag or the place in the error.
Fallible<std::uint32_t> parse_beta(const std::string& text, const std::string& what = "--beta");
// "1e-4" or "0.0001" -> 4: a power of ten from 1e-1 to 1e-18.
Fallible<std::uint8_t> parse_epsilon(const std::string& text, const std::string& what = "--epsilon");
// The shortest that parse_beta reads as this: "0.1".
std::string beta_text(std::uint32_t ppm);

}  // namespace quorumor
