// What the agent tells about changes: a bounded ring of JSON lines for readers of /v1/events, and one sentence a change
// for the log. The ring is also the output queue of slow readers: whoever falls behind its oldest line is dropped, so
// no reader can make the agent hold more than the ring.
#pragma once

#include "node/agent/log.h"
#include "node/core/output.h"

#include <string>
#include <vector>

namespace quorumor {

// The event's name in JSON and in logs: "alive", "join_refused", "leave_done", ...
const char* event_name(Event::Kind kind) noexcept;
// One line, without its newline.
std::string event_json(std::uint64_t sequence, WallTime at, const Event& event);

class EventRing {
 public:
  static constexpr std::size_t kCapacity = 1024;

  explicit EventRing(std::size_t capacity = kCapacity) : capacity_(capacity) {}

  // Returns its sequence number: 1 for the first, then one more each time.
  std::uint64_t add(WallTime at, const Event& event);
  std::uint64_t newest() const noexcept { return newest_; }  // 0: none yet
  // Of the lines that are held; newest() + 1 if none is.
  std::uint64_t oldest() const noexcept { return newest_ + 1 - lines_.size(); }
  // Requires: oldest() <= sequence <= newest().
  const std::string& line(std::uint64_t sequence) const;
  // Where a reader that has seen everything up to `since` goes on. Numbers begin anew with each run of the agent, so
  // a `since` that this run has not reached is from an earlier one: everything is new to its reader.
  std::uint64_t next_after(std::uint64_t since) const noexcept;

 private:
  std::size_t capacity_;
  std::uint64_t newest_ = 0;
  std::vector<std::string> lines_;  // grows to capacity_; then line n is at (n - 1) % capacity_
};

struct Sentence {
  LogLevel level = LogLevel::info;
  std::string text;
};
struct Subject {
  std::string directory;  // NODEDIR
  std::string name;       // this node's
};
// For a person: what happened, why, and where something can be done about it, what.
Sentence describe(const Event& event, const Subject& self);
// "credential expired; ask your authority to renew it: ..."
std::string describe(Refusal refusal, const Subject& self);
// The command that renews this node's credential.
std::string renewal_advice(const Subject& self);

}  // namespace quorumor
