// What became of a rumor: apart from intake.h, so that machines which take one kind can say it too.
#pragma once

#include <cstdint>

namespace quorumor {

enum class IntakeResult : std::uint8_t {
  accepted,  // news, verified, applied, queued for others
  known,     // changes nothing
  orphaned,  // depends on a record that is missing: `missing` says which
  refused    // malformed, not entitled, over a limit, or badly signed
};

}  // namespace quorumor
