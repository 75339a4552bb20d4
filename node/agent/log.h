// The agent's log: one line an entry on stderr, for a person (text) or a collector (JSON), each key rate-limited.
// Control characters are replaced, so that nothing which came from elsewhere can forge a line.
// Not thread-safe: everything that the agent says, it says on its one thread.
#pragma once

#include "node/agent/rate_limiter.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

namespace quorumor {

enum class LogFormat { text, json };
enum class LogLevel { debug, info, warning, error };

// Nothing unless it is debug, info, warning or error.
std::optional<LogLevel> parse_log_level(std::string_view text) noexcept;

class Log {
 public:
  // Requires: `out` outlives this. Entries below `least` are dropped, unlimited and uncounted.
  Log(std::FILE* out, LogFormat format, LogLevel least);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // `key` says what kind of entry it is ("dead", "note"); `member` may be empty.
  void write(Instant now, LogLevel level, std::string_view key, std::string_view message, std::string_view member = {});
  // The last thing that a process says is never left out.
  void write_last(LogLevel level, std::string_view key, std::string_view message);
  // Says how many were left out, of every key whose window is over. Call it at next_due().
  void tell_suppressed(Instant now);
  std::optional<Instant> next_due() const;

 private:
  struct Backend;
  void put(LogLevel level, std::string_view key, std::string_view message, std::string_view member);

  LogFormat format_;
  LogLevel least_;
  RateLimiter limiter_;
  std::unique_ptr<Backend> backend_;
};

}  // namespace quorumor
