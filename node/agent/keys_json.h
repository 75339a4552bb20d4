// The cluster's keys in the admin API: epochs by number, who holds them, who lags. Never a key.
#pragma once

#include "node/core/keys.h"
#include "node/driver/failure.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

inline constexpr std::size_t kLaggardsTold = 16;

struct KeysReport {
  KeysView view;
  std::vector<std::string> laggards;  // names of alive members that do not state the newest epoch yet; at most so many
  std::function<std::string(const NodeId&)> name_of;  // empty: unknown
  WallTime now;
};
// {"epochs": [{"epoch", "commitment", "age_ms", "signed_at", "signer", "suite", "beta", "epsilon", "defense",
// "epoch_interval_min_ms", "state": "newest" | "live" | "retired" | "announced" (no key yet), "holders", "users"} ...],
// "alive", "keymaster", "retired_floor", "retirement": null or {"through", "signer", "newer_key", "acked", "needed"},
// "rotates_in_ms": null or the wait, "rotation_allowed_in_ms", "laggards": [names]}
std::string keys_json(const KeysReport& report);

// {} or any of {"suite": "aes-256-gcm", "beta": "0.1", "epsilon": "1e-4", "defense": true, "epoch_interval_min": "5s"}.
Fallible<RotateOptions> parse_rotate(std::string_view body);
std::string rotated_json(Epoch epoch);
// {"through": "4"}.
Fallible<Epoch> parse_retire(std::string_view body);

}  // namespace quorumor
