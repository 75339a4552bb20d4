// What the admin API answers, apart from how it travels: a pure function from a request to an answer, so that every
// path and mistake can be tested without a socket.
//   GET  /v1/members           GET  /v1/status        GET /v1/events[?since=N]   (a stream, see admin_server.h)
//   GET  /v1/metrics (text for Prometheus, see metrics.h)
//   GET  /v1/why?name=NAME (of a member, or its id; see why_json.h)
//   POST /v1/join {"endpoints": ["HOST:PORT", ...]}   POST /v1/leave
//   GET  /v1/keys   POST /v1/keys/rotate {...}   POST /v1/keys/retire {"through": "N"}   (keys_json.h)
//   POST /v1/revoke {"record": "hex"}   POST /v1/force-leave {"record": "hex"}   (the authority's order, orders_json.h;
//        a standby authority's also has its "endorsements": ["hex", ...])
//   POST /v1/renew                       (takes the credential that `quorumor node renew` has put into NODEDIR)
//   POST /v1/event {"name": "...", "payload": "...", "payload_encoding": "text" or "base64", "ttl_ms": N}
#pragma once

#include "node/agent/event_json.h"
#include "node/agent/event_log.h"
#include "node/core/keys.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// What the API can see and do. The agent implements it; tests have a fake.
class AdminHandler {
 public:
  virtual ~AdminHandler() = default;
  virtual std::string members() = 0;  // JSON
  virtual std::string status() = 0;   // JSON
  virtual std::string metrics() = 0;  // metrics.h
  virtual Fallible<std::string> why(std::string_view member) = 0;  // JSON; a failure: there is no such member
  virtual void join(std::vector<std::string> endpoints) = 0;
  virtual void leave() = 0;
  // A failure of `usage` is the client's mistake; any other is this node's state.
  virtual Fallible<void> broadcast(const EventOrder& order) = 0;
  virtual std::string keys() = 0;  // JSON
  virtual Fallible<Epoch> rotate(const RotateOptions& options) = 0;
  virtual Fallible<void> retire(Epoch through) = 0;
  // The same of these; the record is content || signature.
  virtual Fallible<void> revoke(Bytes record) = 0;
  virtual Fallible<void> force_leave(Bytes record) = 0;
  // Of standby authorities; at most kEndorsedMax, perhaps none.
  virtual Fallible<void> endorse(const std::vector<ByteVector>& records) = 0;
  virtual Fallible<std::string> renew() = 0;  // JSON: what is in force now
};

struct AdminRequest {
  std::string_view method;
  std::string_view target;  // path and query
  std::string_view body;
};

struct AdminAnswer {
  unsigned status = 200;
  std::string body;                     // of content_type
  std::string_view allow;               // 405: the method that this path has
  std::optional<std::uint64_t> follow;  // instead of the body: stream events from this sequence number on
  std::string_view content_type = "application/json";
};

AdminAnswer answer_admin(AdminHandler& handler, const EventRing& events, const AdminRequest& request);
AdminAnswer admin_error(unsigned status, std::string_view message);

}  // namespace quorumor
