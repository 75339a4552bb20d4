#include "node/driver/file.h"
#include "sim/cli/commands.h"
#include "sim/memo/memo.h"
#include "sim/report/json.h"
#include "sim/report/page.h"

#include <CLI/App.hpp>

#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace quorumor::sim {
namespace {

bool write(const std::string& path, const std::string& content) {
  const auto written = write_file_atomically(path, as_bytes(content), Privacy::open);
  if (!written) sim_report(written.error());
  return written.has_value();
}

}  // namespace

int sim_report(const Failure& failure) {
  std::fprintf(stderr, "quorumor-sim: %s\n", failure.message.c_str());
  return failure.usage ? 2 : 1;
}

void add_output_options(CLI::App* command, Output& output) {
  command->add_option("--json", output.json, "Write all results to this file, for programs")->type_name("FILE");
  command->add_option("--html", output.html, "Write them to this file as one page, for people")->type_name("FILE");
  command->add_option("--jobs", output.jobs, "Runs at once; one a core unless given")->check(CLI::Range(1, 256));
  command->add_flag("--fast-crypto", output.fast_crypto,
                    "Do each signature check and key exchange once in all: the same run, event for event, sooner");
  command->add_flag("--quiet", output.quiet, "No progress bar");
}

// A run of minutes whose results cannot be written is worse than none: asked before it begins.
Fallible<void> begin_output(const Output& output) {
  for (const std::string& path : {output.json, output.html}) {
    if (path.empty()) continue;
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
      return misuse("cannot write " + shell_word(path) + ": is a folder");
    }
    std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) folder = ".";
    if (!std::filesystem::is_directory(folder, ignored))
      return misuse("cannot write " + shell_word(path) + ": there is no folder " + shell_word(folder.string()));
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
      return misuse("cannot write " + shell_word(path) + ": " + std::strerror(errno));
  }
  set_fast_crypto(output.fast_crypto);
  return success();
}

int finish(const ResultSet& results, const Output& output) {
  bool written = true;
  if (!output.json.empty()) written = write(output.json, to_json(results)) && written;
  if (!output.html.empty()) written = write(output.html, to_page(results)) && written;
  if (results.interrupted)
    std::fprintf(stderr, "quorumor-sim: interrupted; the results are of what was done until then\n");
  return written && results.passed() ? 0 : 1;
}

}  // namespace quorumor::sim
