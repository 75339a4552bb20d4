#include "node/cli/times.h"

#include <charconv>
#include <cstdio>

namespace quorumor {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

// Digits only, all of them; nothing else passes (from_chars alone would take a sign).
std::optional<std::int64_t> parse_digits(std::string_view text) {
  std::int64_t out = 0;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

WallTime wall_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return wall_from_millis(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

std::string format_time(WallTime time) {
  const std::int64_t seconds = unix_seconds(time);
  const sys_days date{std::chrono::days{seconds / 86'400}};
  const year_month_day ymd{date};
  const auto of_day = static_cast<int>(seconds % 86'400);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()), of_day / 3600,
                of_day / 60 % 60, of_day % 60);
  return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !is_digit : text[i] != kShape[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    return static_cast<int>(*parse_digits(text.substr(at, size)));
  };
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59 || date.year() < year{1970}) return std::nullopt;
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  return wall_from_seconds(days * 86'400 + hour * 3600 + minute * 60 + second);
}

std::optional<WallTime> parse_time(std::string_view text) {
  if (const auto time = parse_rfc3339(text)) return time;
  const auto seconds = parse_digits(text);
  if (!seconds || *seconds > kLatestSecond) return std::nullopt;
  return wall_from_seconds(*seconds);
}

}  // namespace quorumor
