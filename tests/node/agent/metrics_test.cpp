// Every line is of the text format, every family is declared once and before its series, and counters reach their line.
#include "node/agent/metrics.h"

#include <doctest/doctest.h>

#include <cstring>
#include <regex>
#include <set>
#include <sstream>

using namespace quorumor;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// Each of the 64-bit words of a struct of counters is one more than the one before it.
template <class T>
void number(T& counters, std::uint64_t from) {
  static_assert(sizeof(T) % sizeof(std::uint64_t) == 0);
  std::uint64_t words[sizeof(T) / sizeof(std::uint64_t)];
  for (std::uint64_t& word : words) word = from++;
  std::memcpy(&counters, words, sizeof words);
}

}  // namespace

TEST_CASE("every line is of the format, every series belongs to the family before it") {
  const std::regex help("# HELP (quorumor_[a-z_]+) [A-Z0-9].*\\.");
  const std::regex type("# TYPE (quorumor_[a-z_]+) (counter|gauge)");
  const std::regex series("(quorumor_[a-z_]+)(\\{[a-z]+=\"[a-z_]+\"\\})? [0-9]+");
  std::set<std::string> families, seen;
  std::string helped, family;
  const std::string text = metrics_text({});
  CHECK(text.back() != '\n');
  for (const std::string& line : lines_of(text)) {
    CAPTURE(line);
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      helped = match[1];
      CHECK(families.insert(helped).second);
    } else if (std::regex_match(line, match, type)) {
      CHECK(match[1] == helped);
      family = match[1];
      const bool is_total = family.size() > 6 && family.substr(family.size() - 6) == "_total";
      CHECK(is_total == (match[2] == "counter"));
    } else {
      REQUIRE(std::regex_match(line, match, series));
      CHECK(match[1] == family);
      CHECK(seen.insert(match[1].str() + match[2].str()).second);
    }
  }
}

TEST_CASE("no counter is forgotten or shown twice") {
  StatusView view;
  number(view.stats.counters, 1'000'000);
  number(view.driver, 2'000'000);
  const std::string text = metrics_text(view) + "\n";
  const auto count = [&text](std::uint64_t value) {
    const std::string end = " " + std::to_string(value) + "\n";
    std::size_t found = 0;
    for (std::size_t at = text.find(end); at != std::string::npos; at = text.find(end, at + 1)) ++found;
    return found;
  };
  for (std::size_t i = 0; i < sizeof(Counters) / 8; ++i) CHECK(count(1'000'000 + i) == 1);
  for (std::size_t i = 0; i < sizeof(DriverCounters) / 8; ++i) CHECK(count(2'000'000 + i) == 1);
}

TEST_CASE("a few lines, exactly") {
  StatusView view;
  view.stats.counters.datagrams_in = ~std::uint64_t{0};
  view.stats.counters.messages_in[0] = 21;
  view.stats.by_state = {9, 5, 1, 0, 2, 0, 3};
  view.stats.joined = true;
  view.uptime = 90s;
  view.not_after = wall_from_seconds(1'700'000'000);
  const std::string text = metrics_text(view) + "\n";
  for (const char* part :
       {"# HELP quorumor_datagrams_in_total Datagrams received.\n# TYPE quorumor_datagrams_in_total counter\n"
        "quorumor_datagrams_in_total 18446744073709551615\n",
        "quorumor_messages_in_total{kind=\"ping\"} 21\n",
        "# TYPE quorumor_members gauge\nquorumor_members{state=\"alive\"} 5\nquorumor_members{state=\"suspect\"} 1\n",
        "quorumor_members{state=\"dead\"} 2\n", "quorumor_joined 1\n", "quorumor_uptime_seconds 90\n",
        "quorumor_credential_expiry_seconds 1700000000\n", "quorumor_credential_warning "}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("unknown\"} 9") == std::string::npos);
}
