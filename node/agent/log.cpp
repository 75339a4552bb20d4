#include "node/agent/log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace quorumor {
namespace {

class FileSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit FileSink(std::FILE* out) : out_(out) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    // A full disk or a closed pipe must not stop a member of a cluster: what cannot be written is lost.
    static_cast<void>(std::fwrite(line.data(), 1, line.size(), out_));
  }
  void flush_() override { static_cast<void>(std::fflush(out_)); }

 private:
  std::FILE* out_;
};

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

}  // namespace

struct Log::Backend {
  Backend(std::FILE* out, LogFormat format) : logger("agent", std::make_shared<FileSink>(out)) {
    const char* pattern = format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                                    : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
};

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept {
  if (text == "debug") return LogLevel::debug;
  if (text == "info") return LogLevel::info;
  if (text == "warning") return LogLevel::warning;
  if (text == "error") return LogLevel::error;
  return std::nullopt;
}

Log::Log(std::FILE* out, LogFormat format, LogLevel least)
    : format_(format), least_(least), backend_(std::make_unique<Backend>(out, format)) {}
Log::~Log() = default;

void Log::put(LogLevel level, std::string_view key, std::string_view message, std::string_view member) {
  std::string line = one_line(message);
  if (format_ == LogFormat::json) {
    line = "\"event\":" + quoted(key) + ",\"message\":" + quoted(line);
    if (!member.empty()) line += ",\"member\":" + quoted(one_line(member));
  }
  backend_->logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void Log::write(Instant now, LogLevel level, std::string_view key, std::string_view message, std::string_view member) {
  if (level < least_) return;
  tell_suppressed(now);
  if (limiter_.admit(key, now)) put(level, key, message, member);
}

void Log::write_last(LogLevel level, std::string_view key, std::string_view message) { put(level, key, message, {}); }

void Log::tell_suppressed(Instant now) {
  for (const RateLimiter::Suppressed& s : limiter_.collect(now)) {
    put(LogLevel::info, "suppressed", std::to_string(s.count) + " more lines about '" + s.key + "' were left out", {});
  }
}

std::optional<Instant> Log::next_due() const { return limiter_.next_due(); }

}  // namespace quorumor
