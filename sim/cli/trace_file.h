// Traces (trace/trace.h) as files: written while a run goes on, read whole for a replay.
#pragma once

#include "node/driver/failure.h"
#include "sim/run/runner.h"
#include "sim/scenario/scenario_file.h"
#include "sim/trace/trace.h"

#include <cstdio>
#include <memory>

namespace quorumor::sim {

inline constexpr std::size_t kTraceFileMax = 2'000'000'000;  // bytes, of one that is read

class TraceFile {
 public:
  static Fallible<TraceFile> create(const std::string& path);  // replaces what is there
  TraceSink sink();
  Fallible<void> close();  // a failure if not all of it could be written

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  TraceFile(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}
  std::unique_ptr<std::FILE, Close> file_;
  std::string path_;
};

// One run in this thread, its trace written to a file meanwhile. Ctrl-C ends it early; such a trace is whole, but of a
// shorter run.
Fallible<RunResult> run_traced(const Scenario& scenario, const TraceHeader& header, const std::string& path);
Fallible<TraceReader> read_trace(const std::string& path);

// What a replay needs. A swarm's scenario is its seed's: its text says so instead of being TOML.
TraceHeader header_of(std::uint64_t seed, const std::string& scenario_text, const std::vector<Override>& overrides);
std::string swarm_text(std::size_t nodes_most);
// The scenario that a header names. A failure says why it cannot be run by this program.
Fallible<Scenario> scenario_of(const TraceHeader& header, const std::string& trace_name);

}  // namespace quorumor::sim
