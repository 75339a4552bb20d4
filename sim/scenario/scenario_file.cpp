#include "sim/scenario/scenario_file.h"

#include "node/core/config_keys.h"
#include "node/driver/suggest.h"
#include "sim/scenario/figures.h"
#include "sim/scenario/keys.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

using Kind = TomlValue::Kind;
using Problems = std::vector<std::string>;

struct Given {
  std::string place;  // "crash.toml:3:8" or "--set"
  TomlEntry entry;
};

std::string full_name(const TomlEntry& e) {
  if (e.table.empty()) return e.key;
  return e.table + (e.element == 0 ? "" : "." + std::to_string(e.element)) + "." + e.key;
}

const ScenarioKey* find_key(std::string_view table, std::string_view name) {
  for (const ScenarioKey& key : scenario_keys()) {
    if (key.table == table && key.name == name) return &key;
  }
  return nullptr;
}

Complaint set_config(const TomlEntry& e, Config& config) {
  for (const ConfigKey& key : kConfigKeys) {
    if (key.name != e.key) continue;
    std::uint64_t number = 0;
    bool flag = false;
    Duration duration{};
    Complaint wrong;
    if (key.is_flag()) {
      wrong = read_flag(e.value, flag);
      number = flag ? 1 : 0;
    } else if (key.is_duration()) {
      wrong = read_duration(e.value, Duration{key.least}, Duration{key.most}, duration);
      number = static_cast<std::uint64_t>(duration.count());
    } else {
      wrong = read_number(e.value, static_cast<std::uint64_t>(key.least), static_cast<std::uint64_t>(key.most), number);
    }
    if (wrong.empty()) key.write(config, static_cast<std::int64_t>(number));
    return wrong;
  }
  std::vector<std::string> words;
  for (const ConfigKey& key : kConfigKeys) words.emplace_back(key.name);
  const auto near = suggest(e.key, words);
  return "is no setting of a node" + (near ? "; did you mean '" + *near + "'?" : std::string());
}

Complaint set_expectation(const TomlEntry& e, std::vector<Expectation>& list) {
  if (!is_figure(e.key)) {
    std::vector<std::string> words;
    for (const Figure& f : figures()) words.push_back(std::string(f.name) + (f.distribution ? ".p50" : ""));
    const auto near = suggest(e.key, words);
    return "is no figure" + (near ? "; did you mean \"" + *near + "\"?" : std::string()) +
           " (`quorumor-sim list --figures` prints all)";
  }
  Expectation expectation;
  expectation.figure = e.key;
  expectation.line = e.line;
  Complaint wrong = read_expectation(e.value, expectation);
  if (!wrong.empty()) return wrong;
  std::erase_if(list, [&](const Expectation& x) { return x.figure == e.key; });  // an override's
  list.push_back(std::move(expectation));
  return {};
}

std::string unknown(const TomlEntry& e) {
  std::vector<std::string> words = scenario_tables();
  if (e.value.kind == Kind::table ||
      (!e.table.empty() && std::find(words.begin(), words.end(), e.table) == words.end())) {
    const std::string& name = e.table.empty() ? e.key : e.table;
    if (e.table.empty() && is_array_table(name)) return "[[" + name + "]] is empty: it needs at least one key";
    if (e.table.empty() && std::find(words.begin(), words.end(), name) != words.end()) return "[" + name + "] is empty";
    const auto near = suggest(name, words);
    return "unknown table [" + name + "]" + (near ? "; did you mean [" + *near + "]?" : std::string());
  }
  words.clear();
  std::string elsewhere;
  for (const ScenarioKey& key : scenario_keys()) {
    if (key.table == e.table) words.emplace_back(key.name);
    if (key.name == e.key) elsewhere = key.table.empty() ? "the top of the file" : "[" + std::string(key.table) + "]";
  }
  std::string out = "unknown key '" + e.key + "'" + (e.table.empty() ? "" : " in [" + e.table + "]");
  if (const auto near = suggest(e.key, words)) return out + "; did you mean '" + *near + "'?";
  if (!elsewhere.empty()) return out + "; it belongs to " + elsewhere;
  return out + "; `quorumor-sim keys` prints all that there are";
}

Complaint apply(Scenario& scenario, const TomlEntry& e) {
  if (e.table == "config") return set_config(e, scenario.cluster.config);
  if (e.table == "expect") return set_expectation(e, scenario.expect);
  if (e.table == "expect_undefended") return set_expectation(e, scenario.expect_undefended);
  const ScenarioKey* key = find_key(e.table, e.key);
  QUORUMOR_ASSERT(key != nullptr);
  return key->set(scenario, e.element, e.value);
}

// What cannot be applied at all: no such key, or a table of the wrong form.
Complaint misplaced(const TomlEntry& e) {
  if (e.value.kind == Kind::table) return unknown(e);
  if (is_free_table(e.table)) return e.element == 0 ? "" : "[[" + e.table + "]] is one table: write [" + e.table + "]";
  if (find_key(e.table, e.key) == nullptr) return unknown(e);
  if (is_array_table(e.table) && e.element == 0) return "[" + e.table + "] is a list: write [[" + e.table + "]]";
  if (!is_array_table(e.table) && e.element != 0) return "[[" + e.table + "]] is one table: write [" + e.table + "]";
  return {};
}

TomlValue value_of(const std::string& text) {
  TomlValue value;
  if (text == "true" || text == "false") {
    value.kind = Kind::flag;
    value.flag = text == "true";
  } else if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
    value.kind = Kind::number;
    value.text = text;
  } else {
    value.kind = Kind::text;
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    value.text = quoted ? text.substr(1, text.size() - 2) : text;
  }
  return value;
}

// "action.2.who": table, element, key. Figures have dots of their own.
Given given_by(const Override& o) {
  Given out;
  out.place = "--set " + o.key;
  TomlEntry& e = out.entry;
  e.value = value_of(o.value);
  const std::size_t dot = o.key.find('.');
  if (dot == std::string::npos) {
    e.key = o.key;
    return out;
  }
  e.table = o.key.substr(0, dot);
  e.key = o.key.substr(dot + 1);
  const std::size_t second = e.key.find('.');
  if (!is_free_table(e.table) && second != std::string::npos && e.key.find_first_not_of("0123456789") == second &&
      second > 0 && second < 6) {
    e.element = static_cast<unsigned>(std::stoul(e.key.substr(0, second)));
    e.key = e.key.substr(second + 1);
  }
  return out;
}

void apply_all(const std::vector<Given>& all, Scenario& scenario, Problems& problems) {
  unsigned actions = 0, adversaries = 0, links = 0;  // of the file: an override makes none
  for (const Given& given : all) {
    const TomlEntry& e = given.entry;
    std::string wrong = misplaced(e);
    unsigned& known = e.table == "action" ? actions : e.table == "adversary" ? adversaries : links;
    if (wrong.empty() && e.element != 0 && given.place.compare(0, 5, "--set") == 0 && e.element > known) {
      wrong = "there is no [[" + e.table + "]] number " + std::to_string(e.element) + " in the file";
    }
    if (!wrong.empty()) {
      problems.push_back(given.place + ": " + wrong);
      continue;
    }
    if (e.element != 0) {
      known = std::max(known, e.element);
      ensure_element(scenario, e.table, e.element, e.line);
    }
    const Complaint complaint = apply(scenario, e);
    if (!complaint.empty()) problems.push_back(given.place + ": " + full_name(e) + " " + complaint);
  }
}

Problems bounded(Problems all) {
  if (all.size() <= kScenarioProblemsMax) return all;
  const std::size_t more = all.size() - kScenarioProblemsMax;
  all.resize(kScenarioProblemsMax);
  all.push_back("and " + std::to_string(more) + (more == 1 ? " more problem" : " more problems"));
  return all;
}

}  // namespace

std::optional<Override> parse_override(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return Override{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<Scenario, Problems> parse_scenario(std::string_view text, const std::string& name,
                                          const std::vector<Override>& overrides) {
  if (text.size() > kScenarioFileMax) return Problems{name + ": longer than 256 KiB; is it a scenario?"};
  const auto parsed = parse_toml(text);
  if (!parsed) {
    const TomlProblem& p = parsed.error();
    return Problems{name + ":" + std::to_string(p.line) + ":" + std::to_string(p.column) + ": " + p.message};
  }
  std::vector<Given> all;
  for (const TomlEntry& e : parsed.value()) {
    all.push_back({name + ":" + std::to_string(e.line) + ":" + std::to_string(e.value_column), e});
  }
  for (const Override& o : overrides) all.push_back(given_by(o));
  // A preset is what [config] changes, wherever either stands.
  std::stable_partition(all.begin(), all.end(),
                        [](const Given& g) { return g.entry.table == "cluster" && g.entry.key == "preset"; });
  Scenario scenario;
  Problems problems;
  apply_all(all, scenario, problems);
  if (problems.empty()) {
    for (std::string& problem : find_problems(scenario)) problems.push_back(name + ": " + std::move(problem));
  }
  if (!problems.empty()) return bounded(std::move(problems));
  return scenario;
}

}  // namespace quorumor::sim
