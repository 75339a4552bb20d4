// Every story in this directory, run and compared with the trace that stands below it, line by line. After a change
// that is meant, QUORUMOR_REWRITE_SCENARIOS=1 writes what happened into the files: the change is reviewed as a diff.
#include "sim/script.h"
#include "support/vectors.h"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

using namespace quorumor;
using sim::run_script;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

struct Story {
  std::string name;      // as a person would type it
  std::string path;
  std::string commands;  // up to and with the mark
  std::size_t trace_line = 1;  // the first line after the mark
  std::string expected;
};

Story read(const std::filesystem::path& path) {
  Story out{"tests/scenarios/" + path.filename().string(), path.string(), {}, 1, {}};
  std::ifstream in(path);
  bool after = false;
  for (std::string line; std::getline(in, line);) {
    (after ? out.expected : out.commands) += line + "\n";
    if (!after) ++out.trace_line;
    after = after || line == sim::kScriptMark;
  }
  if (!after) out.commands += std::string(sim::kScriptMark) + "\n";
  return out;
}

// What differs, between the lines that agree at both ends, with a line of context. Empty if nothing does.
std::string difference(const Story& story, const std::string& happened) {
  const auto want = lines_of(story.expected), have = lines_of(happened);
  const auto least = std::min(want.size(), have.size());
  std::size_t front = 0, back = 0;
  while (front < least && want[front] == have[front]) ++front;
  if (front == want.size() && front == have.size()) return {};
  while (back < least - front && want[want.size() - 1 - back] == have[have.size() - 1 - back]) ++back;
  std::ostringstream out;
  out << story.name << ":" << story.trace_line + front << ": the trace differs (- expected, + happened)\n";
  if (front > 0) out << "  " << want[front - 1] << "\n";
  constexpr std::size_t kShown = 40;
  const auto show = [&](const std::vector<std::string>& lines, char sign) {
    const std::size_t end = lines.size() - back;
    for (std::size_t i = front; i < std::min(end, front + kShown); ++i) out << sign << " " << lines[i] << "\n";
    if (end > front + kShown) out << sign << " ... and " << end - front - kShown << " more lines\n";
  };
  show(want, '-');
  show(have, '+');
  if (back > 0) out << "  " << want[want.size() - back] << "\n";
  out << "If this is meant: QUORUMOR_REWRITE_SCENARIOS=1 ctest -R scenarios, and review the diff.\n";
  return out.str();
}

}  // namespace

TEST_CASE("every story happens as it is written down") {
  const bool rewrite = std::getenv("QUORUMOR_REWRITE_SCENARIOS") != nullptr;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_path("tests/scenarios"))) {
    const auto& path = entry.path();
    if (path.extension() == ".txt" && path.filename() != "CMakeLists.txt") paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  REQUIRE(paths.size() >= 8);
  for (const auto& path : paths) {
    const Story story = read(path);
    const auto result = run_script(story.commands);
    const std::string where = story.name + ":" + std::to_string(result.line) + ": ";
    const std::string end = result.trace.substr(result.trace.size() - std::min<std::size_t>(result.trace.size(), 1500));
    CHECK_MESSAGE(result.line == 0, where << result.error << "\nwhat had happened:\n" << end);
    if (result.line != 0) continue;
    if (rewrite) {
      std::ofstream(story.path) << story.commands << result.trace;
      continue;
    }
    const std::string differs = difference(story, result.trace);
    CHECK_MESSAGE(differs.empty(), differs);
  }
}

TEST_CASE("any difference of a trace is found, and where it begins") {
  const Story story{"tests/scenarios/x.txt", {}, {}, 10, "a\nb\nc\nd\n"};
  CHECK(difference(story, "a\nb\nc\nd\n").empty());
  struct Case {
    const char* happened;
    const char* says;
  };
  constexpr Case cases[] = {
      {"a\nb\nx\nd\n", "x.txt:12: the trace differs (- expected, + happened)\n  b\n- c\n+ x\n  d\n"},
      {"a\nb\nd\n", "x.txt:12: the trace differs (- expected, + happened)\n  b\n- c\n  d\n"},
      {"a\nb\nc\nd\ne\n", "x.txt:14: the trace differs (- expected, + happened)\n  d\n+ e\n"},
      {"a\nb\nb\nc\nd\n", "x.txt:12: the trace differs (- expected, + happened)\n  b\n+ b\n  c\n"},
      {"", "x.txt:10: the trace differs (- expected, + happened)\n- a\n- b\n- c\n- d\n"},
  };
  for (const Case& c : cases) CHECK(difference(story, c.happened).find(c.says) != std::string::npos);
}

TEST_CASE("a word that is not of the language is an error that says where") {
  struct Case {
    const char* text;
    std::size_t line;
  };
  constexpr Case cases[] = {
      {"nodes 3\nnoddes 3\n", 2},
      {"nodes 3\nstart all\nrun 5x\n", 3},
      {"nodes 3\nrun 5\n", 2},
      {"nodes 3\n\n# a comment\nstart all   # another\nrun 1s now\n", 5},
      {"nodes\n", 1},
      {"nodes 3\ncrash n2\n", 2},                        // it does not run
      {"nodes 3\nstart all\nstart n1\n", 3},             // it does
      {"nodes 3\nstart n9\n", 2},
      {"nodes 3\nstart all\nexpect-state n2 ded at all\n", 3},
      {"nodes 3\nstart all\nexpect-state n2 dead by all\n", 3},
      {"nodes 3\nstart all\nexpect-state n2 dead at\n", 3},
      {"nodes 3\nstart all\nexpect-count deaths 0\n", 3},
      {"nodes 3\nloss 120%\n", 2},
      {"nodes 3\nloss n1 n2 100%\n", 2},
      {"nodes 3\ncut n1 n2 n3\n", 2},
      {"nodes 3\nlatency 5ms 2ms\n", 2},
      {"nodes 3\nseed 4\n", 2},
      {"nodes 3\ntrace maybe\n", 2},
      {"nodes 99999999999999999999999\n", 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto result = run_script(c.text);
    CHECK(result.line == c.line);
    CHECK_FALSE(result.error.empty());
  }
}

TEST_CASE("an expectation that does not hold is an error, and says what holds") {
  const auto state = run_script("nodes 3\nstart all\nuntil all-alive 5s\nexpect-state n2 dead at all\n");
  CHECK(state.line == 4);
  CHECK(state.error == "n2 is alive at n1, not dead");
  const auto until = run_script("nodes 3\nstart all\nuntil all-alive 5s\nuntil n2 dead at n3 10s\n");
  CHECK(until.line == 4);
  const auto count = run_script("nodes 3\nstart all\nuntil all-alive 5s\nexpect-count joined 2\n");
  CHECK(count.error == "3 events `joined`, not 2");
}

TEST_CASE("a cut with an arrow works one way: what n2 says of n1 arrives, what n1 says of n2 does not") {
  const std::string story = "nodes 2\nstart all\nuntil all-alive 5s\nrun 5s\ncut n1 ";
  const auto one_way = run_script(story + "-> n2\nrun 15s\n");
  CHECK(one_way.trace.find("n1: refuted") != std::string::npos);
  CHECK(one_way.trace.find("n2: refuted") == std::string::npos);
  const auto both = run_script(story + "| n2\nrun 15s\n");
  CHECK(both.trace.find("refuted") == std::string::npos);
}

TEST_CASE("the same story is told the same way twice; another seed tells another") {
  const std::string story = "nodes 4\nloss 10%\nstart all\nrun 20s\ncrash n3\nrun 30s\n";
  const auto first = run_script("seed 5\n" + story);
  CHECK(first.line == 0);
  CHECK(run_script("seed 5\n" + story).trace == first.trace);
  CHECK(run_script("seed 6\n" + story).trace != first.trace);
}
