// The version of the library and its programs (semantic versioning).
#pragma once

namespace quorumor {

inline constexpr const char* kVersionText = "0.1.0";

}  // namespace quorumor
