#include "node/agent/log.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include <cstdlib>
#include <functional>

using namespace quorumor;

namespace {

std::vector<std::string> lines_of(LogFormat format, LogLevel least, const std::function<void(Log&)>& say) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  REQUIRE(out != nullptr);
  {
    Log log(out, format, least);
    say(log);
  }
  std::fclose(out);
  std::vector<std::string> lines;
  std::string rest(text, size);
  std::free(text);
  for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
    lines.push_back(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  CHECK(rest.empty());
  return lines;
}

Instant at(Duration d) { return Instant{d}; }

}  // namespace

TEST_CASE("a line for people: time, level, sentence") {
  const auto lines = lines_of(LogFormat::text, LogLevel::info, [](Log& log) {
    log.write(at(1s), LogLevel::warning, "dead", "member n3 is dead (no answer, accused by n1)", "n3");
  });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].size() > 25);
  CHECK(lines[0][10] == 'T');
  CHECK(lines[0][23] == 'Z');
  CHECK(lines[0].substr(24) == " warning member n3 is dead (no answer, accused by n1)");
}

TEST_CASE("a line for collectors is one JSON object") {
  const auto lines = lines_of(LogFormat::json, LogLevel::info, [](Log& log) {
    log.write(at(1s), LogLevel::error, "join_refused", "a \"quoted\" \\ reason\n{forged}", "n1");
    log.write(at(1s), LogLevel::info, "start", "listens");
  });
  REQUIRE(lines.size() == 2);
  const auto first = boost::json::parse(lines[0]).as_object();
  CHECK(first.at("level") == "error");
  CHECK(first.at("event") == "join_refused");
  CHECK(first.at("message") == "a \"quoted\" \\ reason?{forged}");
  CHECK(first.at("member") == "n1");
  CHECK(first.at("time").as_string().size() == 24);
  const auto second = boost::json::parse(lines[1]).as_object();
  CHECK(second.size() == 4);
}

TEST_CASE("control characters cannot forge a line") {
  const auto lines = lines_of(LogFormat::text, LogLevel::info, [](Log& log) {
    log.write(at(1s), LogLevel::info, "note", "a\nb\rc\x1b[2J\x7f %v {} {0}");
  });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].substr(33) == "a?b?c?[2J? %v {} {0}");
}

TEST_CASE("what is below the level is dropped and takes nobody's turn") {
  const auto lines = lines_of(LogFormat::text, LogLevel::warning, [](Log& log) {
    for (int i = 0; i < 50; ++i) log.write(at(1s), LogLevel::info, "x", "hidden");
    log.write(at(1s), LogLevel::warning, "x", "shown");
  });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("shown") != std::string::npos);
}

TEST_CASE("levels by name") {
  CHECK(parse_log_level("debug") == LogLevel::debug);
  CHECK(parse_log_level("info") == LogLevel::info);
  CHECK(parse_log_level("warning") == LogLevel::warning);
  CHECK(parse_log_level("error") == LogLevel::error);
  CHECK(!parse_log_level("warn"));
  CHECK(!parse_log_level(""));
}

TEST_CASE("a flood is cut and told of once its window is over") {
  const auto lines = lines_of(LogFormat::text, LogLevel::info, [](Log& log) {
    for (int i = 0; i < 25; ++i) log.write(at(1s), LogLevel::info, "dead", "flood");
    log.write(at(2s), LogLevel::info, "joined", "other");
    REQUIRE(log.next_due());
    CHECK(*log.next_due() == at(11s));
    log.tell_suppressed(at(11s));
    CHECK(!log.next_due());
    log.write(at(12s), LogLevel::info, "dead", "again");
  });
  REQUIRE(lines.size() == 13);
  CHECK(lines[9].find("flood") != std::string::npos);
  CHECK(lines[10].find("other") != std::string::npos);
  CHECK(lines[11].find("15 more lines about 'dead' were left out") != std::string::npos);
  CHECK(lines[12].find("again") != std::string::npos);
}

TEST_CASE("the last words are never left out") {
  const auto lines = lines_of(LogFormat::text, LogLevel::error, [](Log& log) {
    for (int i = 0; i < 20; ++i) log.write_last(LogLevel::info, "end", "bye");
  });
  CHECK(lines.size() == 20);
}
