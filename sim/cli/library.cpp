#include "sim/cli/library.h"

#include "node/driver/file.h"
#include "node/driver/suggest.h"
#include "sim/run/runner.h"

#include <filesystem>

namespace quorumor::sim {

Fallible<Loaded> load_scenario(const std::string& what) {
  std::error_code ignored;
  if (std::filesystem::exists(what, ignored)) {
    auto bytes = read_file(what, kScenarioFileMax, Privacy::open);
    if (!bytes) return bytes.error();
    if (bytes.value()) {
      const ByteVector& content = *bytes.value();
      return Loaded{what, std::string(reinterpret_cast<const char*>(content.data()), content.size())};
    }
  }
  std::vector<std::string> names;
  for (const BuiltIn& b : built_in_scenarios()) {
    if (b.name == what) return Loaded{what, std::string(b.text)};
    names.emplace_back(b.name);
  }
  const auto near = suggest(what, names);
  return misuse("there is no file and no built-in scenario '" + what + "'" +
                (near ? "; did you mean '" + *near + "'?" : "; `quorumor-sim list` prints all that come with it"));
}

Fallible<Scenario> read_scenario(const Loaded& loaded, const std::vector<Override>& overrides) {
  auto parsed = parse_scenario(loaded.text, loaded.name, overrides);
  std::vector<std::string> problems;
  if (!parsed) {
    problems = parsed.error();
  } else {
    for (const std::string& p : find_run_problems(parsed.value())) problems.push_back(loaded.name + ": " + p);
  }
  if (problems.empty()) {
    Scenario scenario = std::move(parsed).value();
    if (scenario.name == Scenario{}.name) scenario.name = std::filesystem::path(loaded.name).stem().string();
    return scenario;
  }
  std::string all;
  for (const std::string& p : problems) all += (all.empty() ? "" : "\nquorumor-sim: ") + p;
  return misuse(all);
}

Fallible<std::vector<Override>> read_overrides(const std::vector<std::string>& words) {
  std::vector<Override> out;
  for (const std::string& word : words) {
    const auto parsed = parse_override(word);
    if (!parsed) return misuse("--set " + word + ": write KEY=VALUE, like --set cluster.nodes=50");
    out.push_back(*parsed);
  }
  return out;
}

}  // namespace quorumor::sim
