// A trace is read back as it was written, a damaged one is refused by its line, and a second run is held against it.
#include "all_faults.h"

#include <array>

using namespace quorumor;
using namespace quorumor::test;
using sim::TraceComparer;
using sim::TraceReader;

namespace {

std::string written(std::uint64_t seed) {
  std::string out;
  AllFaults run(seed, [&](std::string_view text) { out += text; });
  return out;
}

TraceReader reader_of(const std::string& text) {
  auto reader = TraceReader::open(text, "a.trace");
  REQUIRE(reader.has_value());
  return std::move(reader.value());
}

// The error of a text, wherever it is.
std::string error_of(const std::string& text) {
  auto reader = TraceReader::open(text, "a.trace");
  if (!reader) return reader.error();
  for (;;) {
    const auto line = reader.value().next();
    if (!line) return line.error();
    if (!line.value()) return "";
  }
}

}  // namespace

// The world's and the network's arithmetic are the same on every compiler. The value changes whenever a datagram of this
// run does, so with most changes of the protocol: then take the value that this test prints, after it is the same
// with g++ and with clang++ (presets release and clang, target test_sim).
TEST_CASE("golden: one run with all faults has the same hash on every compiler") {
  constexpr std::uint64_t kGolden = 875905447102032581ULL;
  AllFaults run(2026, nullptr);
  CHECK(run.settled());
  CHECK(run.outsider_heard() >= 2);
  CHECK(run.hash() == kGolden);
}

TEST_CASE("the same seed has the same trace with all faults on, another seed another") {
  const std::string first = written(5);
  CHECK(written(5) == first);
  CHECK(written(6) != first);
}

TEST_CASE("a trace is read back as it was written") {
  const std::string text = written(7);
  TraceReader reader = reader_of(text);
  CHECK(reader.header() == sim::TraceHeader{7, "all faults\nof the world", {"nodes=10"}});
  std::size_t number = 9, checkpoints = 0, events = 0, actions = 0, ends = 0;
  std::string again;
  Instant last{};
  for (;;) {
    const auto line = reader.next();
    REQUIRE(line.has_value());
    if (!line.value()) break;
    const sim::TraceLine& l = *line.value();
    CHECK(l.number == number++);
    CHECK(l.at >= last);
    last = l.at;
    events += l.kind == "event" ? 1 : 0;
    actions += l.kind == "action" ? 1 : 0;
    checkpoints += l.kind == "checkpoint" ? 1 : 0;
    ends += l.kind == "end" ? 1 : 0;
    if (l.kind == "action" && l.rest == "crash") CHECK(l.node == std::optional<std::size_t>{8});
    again += std::string(l.text) + "\n";
  }
  CHECK(text.ends_with(again));
  CHECK(events > 100);
  CHECK(actions == 5);
  CHECK(checkpoints >= 60);
  CHECK(ends == 1);
  reader.rewind();
  CHECK(reader.next().value()->number == 9);
}

TEST_CASE("a damaged trace is refused, with file and line") {
  struct Case {
    const char* text;
    const char* error;
  };
  constexpr Case kCases[] = {
      {"", "a.trace:1: not a trace: it should begin with `quorumor-trace 1`"},
      {"quorumor-trace 2\n", "a.trace:1: not a trace: it should begin with `quorumor-trace 1`"},
      {"quorumor-trace 1\nseed x\n", "a.trace:2: expected `seed NUMBER`"},
      {"quorumor-trace 1\nseed 1\nscene 1\n", "a.trace:3: expected `scenario BYTES`"},
      {"quorumor-trace 1\nseed 1\nscenario 9\nab\n",
       "a.trace:3: the text after `scenario` is not as long as it says"},
      {"quorumor-trace 1\nseed 1\nscenario 99999999999999999999\nab\n", "a.trace:3: expected `scenario BYTES`"},
      {"quorumor-trace 1\nseed 1\nscenario 3\na\nb\noverrides\n", "a.trace:6: expected `overrides NUMBER`"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 1\noverride 5\nab\n",
       "a.trace:6: the text after `override` is not as long as it says"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\n", "a.trace:6: the trace is cut off: it has no `end`"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\n5 event\n",
       "a.trace:6: expected `NANOSECONDS KIND NODE ...`"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\nx event 3 y\n",
       "a.trace:6: expected `NANOSECONDS KIND NODE ...`"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\n5 a - x\n4 a - x\n", "a.trace:7: time goes back"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\nend 12\n", "a.trace:6: expected `end HASH`"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\nend 0123456789abcdef\nx\n",
       "a.trace:7: something follows `end`"},
      {"quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\n5 a - x\nend 0123456789abcdef\n", ""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(error_of(c.text) == c.error);
  }
}

TEST_CASE("the same run again is the same, to the last line") {
  TraceComparer comparer(reader_of(written(8)));
  AllFaults run(8, comparer.sink());
  comparer.finish();
  CHECK_FALSE(comparer.differs());
  CHECK(comparer.compared() > 100);
}

TEST_CASE("the first line that differs is named, with what was expected and what came") {
  const std::string text = written(9);
  TraceComparer comparer(reader_of(text));
  AllFaults run(9, comparer.sink(), true);  // one machine stood still for a second
  comparer.finish();
  REQUIRE(comparer.difference().has_value());
  const auto& d = *comparer.difference();
  CHECK(d.line == comparer.compared() + 9);
  CHECK(d.expected != d.got);
  CHECK_FALSE(d.expected.empty());  // the two went on beside each other
  CHECK_FALSE(d.got.empty());
  std::size_t number = 0, at = 0;  // it is that line of the file
  for (std::string_view rest = text; ++number < d.line; rest = std::string_view(text).substr(at)) {
    at = text.find('\n', at) + 1;
  }
  CHECK(text.substr(at, d.expected.size()) == d.expected);
  CHECK(d.text("a.trace").find("a.trace:" + std::to_string(d.line) + "\n  expected: " + d.expected) !=
        std::string::npos);
}

TEST_CASE("a run that stops early or goes on differs; a damaged trace is an error of its own") {
  const std::string head = "quorumor-trace 1\nseed 1\nscenario 0\n\noverrides 0\n";
  const std::string tail = "end 0123456789abcdef\n";
  const auto compare = [&](const std::string& old, const std::string& lines) {
    TraceComparer comparer(reader_of(head + old));
    const auto sink = comparer.sink();
    sink(head);
    sink(lines);
    comparer.finish();
    return comparer.error() ? *comparer.error() : comparer.difference() ? comparer.difference()->text("t") : "";
  };
  CHECK(compare("5 a - x\n" + tail, "5 a - x\n" + tail) == "");
  CHECK(compare("5 a - x\n" + tail, "5 a - x\n") ==
        "the runs part at t:7\n  expected: end 0123456789abcdef\n  got:      nothing more\n");
  CHECK(compare("5 a - x\n" + tail, tail) ==
        "the runs part at t:6\n  expected: 5 a - x\n  got:      end 0123456789abcdef\n");
  CHECK(compare(tail, tail + "5 a - x\n") ==
        "the runs part at t:7\n  expected: nothing more\n  got:      5 a - x\n");
  CHECK(compare("5 a - x\n", "5 a - x\n" + tail) == "a.trace:7: the trace is cut off: it has no `end`");
}
