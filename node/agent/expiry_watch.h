// When to warn of the own credential's expiry. A node whose credential has expired stays in, and cannot come back after
// a restart: found on that day, by everybody whose nodes were admitted together, it is an outage.
//
// Rules: a line when 30 days, 7 days and 1 day are left, and when it has expired; from 7 days on again each day. A
// renewal starts it over. Clocks that are set about do no more harm than one line too many or too few.
#pragma once

#include "base/time.h"

#include <optional>
#include <string>

namespace quorumor {

enum class ExpiryStage : std::uint8_t { none, month, week, day, expired };  // ordered by urgency
ExpiryStage expiry_stage(WallTime not_after, WallTime now) noexcept;
const char* to_string(ExpiryStage stage) noexcept;  // "none", "30_days", "7_days", "1_day", "expired"
// "expires in 6 days", "has expired: after a restart it cannot join".
std::string expiry_phrase(WallTime not_after, WallTime now);

class ExpiryWatch {
 public:
  // Called every hour or so: the stage to warn of now, or nothing.
  std::optional<ExpiryStage> look(WallTime not_after, WallTime now) noexcept;

 private:
  WallTime watched_;  // whose stage was told
  ExpiryStage told_ = ExpiryStage::none;
  WallTime told_at_;
};

}  // namespace quorumor
