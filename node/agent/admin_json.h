// The admin API's documents. u64 values are JSON strings: a generation exceeds 2^53, and jq would round it.
#pragma once

#include "crypto/credential.h"
#include "node/core/stats.h"
#include "node/driver/driver_counters.h"
#include "node/driver/failure.h"

#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// "2026-01-31T23:59:59.042Z". Requires: 1970 to 9999.
std::string rfc3339(WallTime time);
const char* refusal_name(Refusal refusal) noexcept;  // "expired", "not_our_cluster", ...

const char* message_name(std::size_t kind) noexcept;  // "ping", ...; requires: less than kMessageKinds

// {"error": "..."}
std::string error_json(std::string_view message);

// The array of members. One member's tree is built and written at a time: ten thousand of them cost their text only.
class MembersJson {
 public:
  explicit MembersJson(Instant now) : now_(now) {}
  // Members in state `unknown` are skipped: nothing is known of them but a signed name.
  void add(const MemberView& member);
  std::string finish() &&;

 private:
  Instant now_;
  std::string out_ = "[";
};

struct StatusView {
  ClusterId cluster{};
  std::string_view label;
  NodeId id{};
  std::string_view name;
  std::string_view zone;
  Stats stats;
  DriverCounters driver;
  std::size_t open_streams = 0;
  std::vector<Endpoint> listening;
  std::vector<Endpoint> advertised;
  std::string_view version;
  int pid = 0;
  Duration uptime{};
  WallTime now;
  WallTime not_after;
  bool retirement_pending = false;
  std::vector<PublicKey> standbys;  // endorsed authority keys
};
std::string status_json(const StatusView& view);

// {"serial", "roles", "zone", "credential": as in the status}: what a renewal answers.
std::string credential_text(const Credential& credential, WallTime now);

// {"endpoints": ["HOST:PORT", ...]}: 1 to kJoinEndpointsMax, nothing else. Ports may be left out.
inline constexpr std::size_t kJoinEndpointsMax = 16;
Fallible<std::vector<std::string>> parse_join(std::string_view body);
// Nothing at all, or {}.
Fallible<void> parse_empty(std::string_view body);

}  // namespace quorumor
