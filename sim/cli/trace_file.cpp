#include "sim/cli/trace_file.h"

#include "node/driver/file.h"
#include "sim/cli/library.h"
#include "sim/cli/pool.h"
#include "sim/run/swarm.h"

#include <cerrno>
#include <cstring>

namespace quorumor::sim {
namespace {

constexpr std::string_view kSwarm = "swarm nodes-most ";

}  // namespace

Fallible<TraceFile> TraceFile::create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return fail("cannot write the trace " + shell_word(path) + ": " + std::strerror(errno));
  return TraceFile(file, path);
}

TraceSink TraceFile::sink() {
  return [file = file_.get()](std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); };
}

Fallible<void> TraceFile::close() {
  const bool bad = std::ferror(file_.get()) != 0 || std::fflush(file_.get()) != 0;
  if (bad) return fail("the trace " + shell_word(path_) + " could not be written whole: " + std::strerror(errno));
  return success();
}

Fallible<RunResult> run_traced(const Scenario& scenario, const TraceHeader& header, const std::string& path) {
  auto trace = TraceFile::create(path);
  if (!trace) return trace.error();
  RunOptions options;
  options.cpu_seconds = thread_cpu_seconds;
  options.stop = &stop_on_interrupt();
  TraceWriter writer(trace.value().sink(), header);
  options.trace = &writer;
  RunResult result = run_scenario(scenario, header.seed, options);
  if (const auto closed = trace.value().close(); !closed) return closed.error();
  return result;
}

Fallible<TraceReader> read_trace(const std::string& path) {
  auto bytes = read_file(path, kTraceFileMax, Privacy::open);
  if (!bytes) return bytes.error();
  if (!bytes.value())
    return misuse("there is no trace " + shell_word(path) + "; `quorumor-sim run ... --trace FILE` writes one");
  const ByteVector& content = *bytes.value();
  auto reader = TraceReader::open(std::string(reinterpret_cast<const char*>(content.data()), content.size()), path);
  if (!reader) return fail(reader.error());
  return std::move(reader).value();
}

TraceHeader header_of(std::uint64_t seed, const std::string& scenario_text, const std::vector<Override>& overrides) {
  TraceHeader out;
  out.seed = seed;
  out.scenario = scenario_text;
  for (const Override& o : overrides) out.overrides.push_back(o.key + "=" + o.value);
  return out;
}

std::string swarm_text(std::size_t nodes_most) { return std::string(kSwarm) + std::to_string(nodes_most); }

Fallible<Scenario> scenario_of(const TraceHeader& header, const std::string& trace_name) {
  if (header.scenario.compare(0, kSwarm.size(), kSwarm) == 0) {
    SwarmOptions options;
    options.nodes_most = std::strtoul(header.scenario.c_str() + kSwarm.size(), nullptr, 10);
    if (options.nodes_most < 4 || options.nodes_most > 200)
      return fail(trace_name + ": names no swarm that can be drawn");
    return swarm_scenario(header.seed, options);
  }
  auto overrides = read_overrides(header.overrides);
  if (!overrides) return overrides.error();
  return read_scenario({trace_name + " (its scenario)", header.scenario}, overrides.value());
}

}  // namespace quorumor::sim
