// A run as a text: what it was started from (seed, scenario, overrides), then each thing that was recorded, in virtual
// order. A trace is written while a run goes by; `quorumor-sim replay` runs the same again and holds each line against
// the written one, so that the first line that differs names the moment where two runs parted.
//
//   quorumor-trace 1
//   seed 42
//   scenario 1234                       bytes of the text that follows, then a line end
//   ...
//   overrides 1
//   override 21                         as above
//   ...
//   1005000000000 phase - measured      nanoseconds of virtual time, kind, machine (or -), the rest
//   1007000000000 action 3 crash
//   1009120345678 event 0 member_suspect n3 4294967296.1 no answer
//   1010000000000 checkpoint - 8d1c0f6e35bb2a90 5513     the world's trace hash, datagrams sent so far
//   end 8d1c0f6e35bb2a90
//
// Here nothing touches a file: a sink takes what is written, in pieces of whole lines. Not thread-safe.
#pragma once

#include "base/result.h"
#include "sim/world.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor::sim {

struct TraceHeader {
  std::uint64_t seed = 1;
  std::string scenario;                // opaque: what the caller needs to run it again
  std::vector<std::string> overrides;  // likewise
  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

using TraceSink = std::function<void(std::string_view)>;

class TraceWriter {
 public:
  TraceWriter(TraceSink sink, const TraceHeader& header);
  void event(const Recorded& recorded);
  void action(Instant at, std::string_view what, World::Index node);  // kNobody: the world itself
  void phase(Instant at, std::string_view name);
  void checkpoint(Instant at, std::uint64_t hash, std::uint64_t datagrams);  // each second or so
  void checkpoint(const World& world) { checkpoint(world.now(), world.trace_hash(), world.datagrams()); }
  void end(std::uint64_t hash);                                       // nothing may follow
  void end(const World& world) { end(world.trace_hash()); }

 private:
  void line(Instant at, std::string_view kind, World::Index node, std::string_view rest);
  TraceSink sink_;
  std::string buffer_;
  bool ended_ = false;
};

struct TraceLine {
  std::size_t number = 0;  // in the file, from 1
  std::string_view text;   // without its end; points into the reader's text
  Instant at;              // of `end`: that of the line before
  std::string_view kind;   // "event", "action", "phase", "checkpoint", "end"
  std::optional<World::Index> node;
  std::string_view rest;
};

// Reads a trace that is in memory. Errors are one line, "FILE:LINE: what is wrong".
class TraceReader {
 public:
  // `name`: of the file, for messages. Keeps `text`.
  static Result<TraceReader, std::string> open(std::string text, std::string name);

  const TraceHeader& header() const noexcept { return header_; }
  const std::string& name() const noexcept { return name_; }
  std::size_t line() const noexcept { return line_; }  // the last one that was read
  // The next line; nothing after `end`. A trace that stops without `end` is an error: it was cut off.
  Result<std::optional<TraceLine>, std::string> next();
  void rewind() noexcept;  // to the first line after the header

 private:
  TraceReader(std::string text, std::string name) : text_(std::move(text)), name_(std::move(name)) {}
  std::optional<std::string> read_header();  // an error
  std::optional<std::string_view> take_line();
  std::optional<std::uint64_t> take_number(std::string_view word);
  std::optional<std::string> take_text(std::string_view word, std::string& out);
  std::string error(std::string_view what) const;

  std::string text_, name_;
  std::size_t at_ = 0, line_ = 0;             // line_: the last one taken
  std::size_t body_at_ = 0, body_line_ = 0;
  Instant last_;
  bool ended_ = false;
  TraceHeader header_;
};

struct TraceDifference {
  std::size_t line = 0;                 // of the written trace
  std::string expected, got;            // empty: there is none
  std::string text(std::string_view file) const;  // some lines for a person
};

// Takes what a second run writes (it is a TraceSink by `sink()`) and holds it against a written trace. After the first
// difference it takes no notice of anything more; the caller may stop the run. Outlives the writer.
class TraceComparer {
 public:
  // Keeps `reader`, from its beginning.
  explicit TraceComparer(TraceReader reader);
  TraceSink sink();
  bool differs() const noexcept { return difference_.has_value() || error_.has_value(); }
  const std::optional<TraceDifference>& difference() const noexcept { return difference_; }
  const std::optional<std::string>& error() const noexcept { return error_; }  // the written trace is damaged here
  std::size_t compared() const noexcept { return compared_; }                  // lines that were the same
  // When the run is over: a written trace that goes on differs too.
  void finish();

 private:
  void take(std::string_view text);
  void take_line(std::string_view line);
  TraceReader reader_;
  bool in_header_ = true;
  std::optional<TraceDifference> difference_;
  std::optional<std::string> error_;
  std::size_t compared_ = 0;
};

}  // namespace quorumor::sim
