#include "sim/script_words.h"

#include "membership/precedence.h"

#include <charconv>

namespace quorumor::sim {
namespace {

[[noreturn]] void fail(std::string message) { throw ScriptError{std::move(message)}; }

// Digits and then exactly `unit`; nothing else.
std::optional<std::uint64_t> quantity(const std::string& word, std::string_view unit) {
  if (word.size() <= unit.size() || !std::string_view(word).ends_with(unit)) return std::nullopt;
  std::uint64_t n = 0;
  const char* end = word.data() + word.size() - unit.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, n);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return n;
}

}  // namespace

Words::Words(const std::string& line) {
  std::size_t at = 0;
  while ((at = line.find_first_not_of(' ', at)) != std::string::npos) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words_.push_back(line.substr(at, end - at));
    at = end;
  }
}

std::string Words::take(const std::string& what) {
  if (empty()) fail("expected " + what);
  return words_[next_++];
}

std::uint64_t Words::number() {
  const std::string word = take("a number");
  const auto n = quantity(word, "");
  if (!n) fail("`" + word + "` is not a number");
  return *n;
}

Duration Words::duration() {
  const std::string word = take("a duration, like 5s");
  constexpr std::uint64_t kMost = 1'000'000;  // of any unit: no sum overflows
  const std::pair<const char*, Duration> units[] = {{"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}};
  for (const auto& [unit, one] : units) {
    const auto n = quantity(word, unit);
    if (n && *n <= kMost) return one * static_cast<std::int64_t>(*n);
  }
  fail("`" + word + "` is not a duration, like 250ms, 5s, 2m, 1h");
}

std::uint32_t Words::rate() {
  const std::string word = take("a rate, like 20%");
  const auto n = quantity(word, "%");
  if (!n || *n > 100) fail("`" + word + "` is not a rate, like 20%");
  return static_cast<std::uint32_t>(*n) * 10'000;
}

bool Words::on_or_off() {
  const std::string word = take("`on` or `off`");
  if (word != "on" && word != "off") fail("`" + word + "` is neither `on` nor `off`");
  return word == "on";
}

MemberState Words::state() {
  const std::string word = take("a state");
  for (unsigned i = 0; i <= static_cast<unsigned>(MemberState::evicted); ++i) {
    if (word == to_string(static_cast<MemberState>(i))) return static_cast<MemberState>(i);
  }
  fail("`" + word + "` is not a state");
}

bool is_event(const std::string& kind) {
  for (unsigned i = 0; i <= static_cast<unsigned>(Event::Kind::left); ++i) {
    if (kind == to_string(static_cast<Event::Kind>(i))) return true;
  }
  return false;
}

}  // namespace quorumor::sim
