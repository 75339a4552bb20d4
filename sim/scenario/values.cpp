#include "sim/scenario/values.h"

#include "node/core/duration_text.h"
#include "node/driver/suggest.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace quorumor::sim {
namespace {

using Kind = TomlValue::Kind;

constexpr std::size_t kNodesMax = 100'000;

bool parse_whole(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool parse_decimal(const std::string& text, double& out) {
  if (text.empty() || text.find_first_not_of("0123456789.-+e") != std::string::npos) return false;
  char* end = nullptr;
  out = std::strtod(text.c_str(), &end);
  return *end == '\0' && std::isfinite(out);
}

std::string trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(' ');
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(' ') - from + 1));
}

bool parse_member(std::string_view text, std::size_t& out) {
  std::uint64_t number = 0;
  if (text.size() < 2 || text[0] != 'n' || !parse_whole(text.substr(1), number) || number >= kNodesMax) return false;
  out = static_cast<std::size_t>(number);
  return true;
}

// "n1..n5, n9"
bool parse_list(const std::string& text, Picks& out) {
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string item = trimmed(std::string_view(text).substr(begin, comma - begin));
    const std::size_t dots = item.find("..");
    std::pair<std::size_t, std::size_t> range;
    if (!parse_member(item.substr(0, dots), range.first)) return false;
    range.second = range.first;
    if (dots != std::string::npos && !parse_member(item.substr(dots + 2), range.second)) return false;
    if (range.second < range.first) return false;
    out.ranges.push_back(range);
    begin = comma + 1;
  }
  out.kind = Picks::Kind::listed;
  return true;
}

// "7 random", "4 observers of n3"
bool parse_counted(const std::string& text, Picks& out) {
  const std::size_t space = text.find(' ');
  std::uint64_t count = 0;
  if (space == std::string::npos || !parse_whole(text.substr(0, space), count) || count == 0 || count > kNodesMax) {
    return false;
  }
  out.count = static_cast<std::size_t>(count);
  const std::string rest = text.substr(space + 1);
  constexpr std::string_view kObservers = "observers of ";
  if (rest == "random") {
    out.kind = Picks::Kind::number;
    return true;
  }
  if (rest.compare(0, kObservers.size(), kObservers) != 0) return false;
  out.kind = Picks::Kind::observers;
  return parse_member(rest.substr(kObservers.size()), out.subject);
}

bool parse_rate(const std::string& text, double& percent) {
  return text.size() >= 2 && text.back() == '%' && parse_decimal(text.substr(0, text.size() - 1), percent);
}

}  // namespace

std::string duration_text(Duration duration) {
  if (duration.count() % 1'000'000 != 0 && duration.count() % 1000 == 0) {
    return std::to_string(duration.count() / 1000) + "us";
  }
  return to_text(duration);
}

Complaint read_number(const TomlValue& value, std::uint64_t least, std::uint64_t most, std::uint64_t& out) {
  std::uint64_t number = 0;
  const std::string allowed = std::to_string(least) + " to " + std::to_string(most);
  if (value.kind != Kind::number || !parse_whole(value.text, number)) return "is a whole number, " + allowed;
  if (number < least || number > most) return "is " + allowed + ", not " + value.text;
  out = number;
  return {};
}

Complaint read_flag(const TomlValue& value, bool& out) {
  if (value.kind != Kind::flag) return "is true or false";
  out = value.flag;
  return {};
}

Complaint read_text(const TomlValue& value, std::size_t longest, std::string& out) {
  if (value.kind != Kind::text) return "is text in quotes";
  if (value.text.size() > longest) return "is at most " + std::to_string(longest) + " characters";
  out = value.text;
  return {};
}

Complaint read_duration(const TomlValue& value, Duration least, Duration most, Duration& out) {
  const std::string allowed = duration_text(least) + " to " + duration_text(most);
  if (value.kind != Kind::text) return "is a duration in quotes, like \"500ms\": " + allowed;
  std::optional<Duration> read = parse_duration(value.text);
  std::uint64_t micros = 0;
  const std::string_view text = value.text;
  if (!read && text.size() > 2 && text.size() < 12 && text.substr(text.size() - 2) == "us" &&
      parse_whole(text.substr(0, text.size() - 2), micros)) {
    read = std::chrono::microseconds(micros);
  }
  if (!read) return "is a whole number and a unit (us, ms, s, m, h), like \"500ms\", not \"" + value.text + "\"";
  if (*read < least || *read > most) return "is " + allowed + ", not " + value.text;
  out = *read;
  return {};
}

Complaint read_rate(const TomlValue& value, std::uint32_t most_ppm, std::uint32_t& out_ppm) {
  const std::string allowed = "\"0%\" to \"" + std::to_string(most_ppm / 10'000) + "%\"";
  double percent = 0;
  if (value.kind != Kind::text || !parse_rate(value.text, percent)) {
    return "is a share in quotes with its percent sign, " + allowed;
  }
  if (percent < 0 || percent * 10'000 > most_ppm) return "is " + allowed + ", not " + value.text;
  out_ppm = static_cast<std::uint32_t>(std::lround(percent * 10'000));
  return {};
}

Complaint read_word(const TomlValue& value, std::span<const std::string_view> words, std::size_t& out) {
  std::string all;
  std::vector<std::string> list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (value.kind == Kind::text && value.text == words[i]) {
      out = i;
      return {};
    }
    all += (all.empty() ? "\"" : ", \"") + std::string(words[i]) + "\"";
    list.emplace_back(words[i]);
  }
  const auto near = value.kind == Kind::text ? suggest(value.text, list) : std::nullopt;
  return near ? "is none of its words; did you mean \"" + *near + "\"?" : "is one of " + all;
}

Complaint read_picks(const TomlValue& value, Picks& out) {
  constexpr std::string_view kForms =
      R"(names members: "all", "none", "n3", "n1..n5, n9", "25%", "7 random" or "4 observers of n3")";
  if (value.kind != Kind::text) return std::string(kForms);
  Picks picks;
  picks.text = value.text;
  double percent = 0;
  if (value.text == "all" || value.text == "none") {
    picks.kind = value.text == "all" ? Picks::Kind::all : Picks::Kind::none;
  } else if (parse_rate(value.text, percent)) {
    if (percent < 0 || percent > 100) return "is a share of the members: \"0%\" to \"100%\", not " + value.text;
    picks.kind = Picks::Kind::share;
    picks.ppm = static_cast<std::uint32_t>(std::lround(percent * 10'000));
  } else if (!parse_counted(value.text, picks) && !parse_list(value.text, picks)) {
    return std::string(kForms) + ", not \"" + value.text + "\"";
  }
  out = std::move(picks);
  return {};
}

Complaint read_expectation(const TomlValue& value, Expectation& out) {
  constexpr std::string_view kForms = R"(is a bound in quotes: "= 0", "<= 3", ">= 3", "< 3", "> 0" or "1.4..1.8")";
  if (value.kind != Kind::text) return std::string(kForms);
  const std::string& text = value.text;
  const std::size_t dots = text.find("..");
  double a = 0, b = 0;
  constexpr double kEnd = std::numeric_limits<double>::infinity();
  Expectation e = out;
  e.text = text;
  if (dots != std::string::npos) {
    if (!parse_decimal(trimmed(text.substr(0, dots)), a) || !parse_decimal(trimmed(text.substr(dots + 2)), b) ||
        b < a) {
      return std::string(kForms);
    }
    e.least = a;
    e.most = b;
  } else {
    const std::size_t digits = text.find_first_of("0123456789-.");
    if (digits == std::string::npos || !parse_decimal(trimmed(text.substr(digits)), a)) return std::string(kForms);
    const std::string sign = trimmed(text.substr(0, digits));
    if (sign == "=")
      e.least = e.most = a;
    else if (sign == "<=")
      e.most = a;
    else if (sign == ">=")
      e.least = a;
    else if (sign == "<")
      e.most = std::nextafter(a, -kEnd);
    else if (sign == ">")
      e.least = std::nextafter(a, kEnd);
    else
      return std::string(kForms);
  }
  out = std::move(e);
  return {};
}

}  // namespace quorumor::sim
