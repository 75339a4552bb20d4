#include "node/agent/config_file.h"

#include "node/driver/file.h"
#include "node/driver/suggest.h"

#include <algorithm>

namespace quorumor {
namespace {

using Kind = TomlValue::Kind;

constexpr std::string_view kBootstrap = "bootstrap";
constexpr std::string_view kTables[] = {"keys", kBootstrap};
constexpr std::size_t kKeyMax = 64;  // of an unknown key, in a message

Problems bounded(Problems all) {
  if (all.size() <= kProblemsMax) return all;
  const std::size_t more = all.size() - kProblemsMax;
  all.resize(kProblemsMax);
  all.push_back("and " + std::to_string(more) + (more == 1 ? " more problem" : " more problems"));
  return all;
}

std::string place(const std::string& file, unsigned line, unsigned column) {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string full_name(std::string_view table, std::string_view key) {
  return (table.empty() ? "" : std::string(table) + ".") + std::string(key);
}

std::string flag_name(std::string_view key) {
  std::string out = "--" + std::string(key);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::string shortened(std::string text) {
  if (text.size() <= kKeyMax) return text;
  text.resize(kKeyMax);
  return text + "...";
}

// What the message calls the setting, with its place.
std::string what_of(const GivenSetting& given) {
  const TomlEntry& e = given.entry;
  if (given.file.empty()) return flag_name(e.key);
  return place(given.file, e.line, e.value_column) + ": " + full_name(e.table, e.key);
}

std::string origin_of(const GivenSetting& given) {
  return given.file.empty() ? flag_name(given.entry.key) : given.file + ":" + std::to_string(given.entry.line);
}

bool is_known_table(std::string_view table) {
  return std::find(std::begin(kTables), std::end(kTables), table) != std::end(kTables);
}

// Why there is no such key, and what was probably meant.
std::string unknown(const TomlEntry& e) {
  const std::string name = shortened(full_name(e.table, e.key));
  if (e.table.empty() && e.key == kBootstrap) {
    return "[bootstrap] is a table, with beta, epsilon and so on; what starts a cluster is the flag --bootstrap";
  }
  const bool is_table = e.value.kind == Kind::table || (!e.table.empty() && !is_known_table(e.table));
  if (is_table && e.table.empty()) return "unknown table [" + name + "]; there are [keys] and [bootstrap]";
  if (is_known_table(e.table) && find_setting("", e.key) != nullptr) {
    return "'" + e.key + "' does not belong to [" + e.table + "]; move it above that line";
  }
  for (const std::string_view table : kTables) {
    if (e.table != table && find_setting(table, e.key) != nullptr) {
      return "'" + e.key + "' belongs under [" + std::string(table) + "]";
    }
  }
  if (is_table) return "unknown key '" + name + "'; the tables are [keys] and [bootstrap]";
  std::vector<std::string> words;
  for (const Setting& setting : all_settings()) {
    if (setting.table() == e.table) words.emplace_back(setting.key());
  }
  const auto near = suggest(e.key, words);
  return "unknown key '" + name + "'" +
         (near ? "; did you mean '" + *near + "'?" : "; `quorumor config example` prints all that there are");
}

// Sets what was given, remembers where from, collects what is wrong and the names of what could not be set.
void apply(const std::vector<GivenSetting>& all, EffectiveSettings& out, Problems& problems,
           std::vector<std::string>& unset) {
  for (const GivenSetting& given : all) {
    const TomlEntry& e = given.entry;
    if (e.table.empty() && is_known_table(e.key) && e.value.kind == Kind::table) continue;  // an empty one
    const Setting* setting = find_setting(e.table, e.key);
    if (setting == nullptr) {
      problems.push_back(place(given.file, e.line, e.key_column) + ": " + unknown(e));
      continue;
    }
    if (auto problem = setting->set(out.settings, e.value, what_of(given))) {
      problems.push_back(std::move(*problem));
      unset.push_back(full_name(e.table, e.key));
    } else {
      out.origins[full_name(e.table, e.key)] = origin_of(given);
    }
  }
}

// Before all else: the file's values are laid over the preset's. A bad one is reported when all are applied.
void apply_preset(const std::vector<GivenSetting>& file, const std::vector<GivenSetting>& flags,
                  EffectiveSettings& out) {
  for (const auto* all : {&file, &flags}) {
    for (const GivenSetting& given : *all) {
      if (given.entry.table.empty() && given.entry.key == "preset") {
        static_cast<void>(find_setting("", "preset")->set(out.settings, given.entry.value, {}));
      }
    }
  }
  out.settings.config = config_of_preset(out.settings.preset);
  for (const ConfigKey& key : kConfigKeys) out.origins[std::string(key.name)] = "preset " + out.settings.preset;
}

// Ranges have been checked value by value; what is left is values that do not fit each other. The line is that of the
// key itself, or else of the one beside it; where the other comes from is said. What could not be set still has the
// preset's value, which nobody asked for: nothing is said about it.
void check_together(const std::string& file, const EffectiveSettings& effective, const std::vector<std::string>& unset,
                    Problems& problems) {
  const auto is_unset = [&unset](const std::string& key) {
    return std::find(unset.begin(), unset.end(), key) != unset.end();
  };
  const auto from_file = [&file](const std::string& origin) {
    return !file.empty() && origin.compare(0, file.size() + 1, file + ":") == 0;
  };
  for (const ConfigError& error : ValidatedConfig::find_problems(effective.settings.config)) {
    if (is_unset(error.key) || is_unset(error.beside)) continue;
    const std::string& own = effective.origins.find(error.key)->second;
    const auto found = effective.origins.find(error.beside);
    const std::string beside = found == effective.origins.end() ? own : found->second;
    const bool is_own = from_file(own) || !from_file(beside);
    std::string line = (is_own ? own : beside) + ": " + error.key + ": " + error.message;
    if (own != beside) {
      line += is_own ? "; " + error.beside + " comes from " + beside : "; " + error.key + " comes from " + own;
    }
    problems.push_back(std::move(line));
  }
}

}  // namespace

Result<std::vector<GivenSetting>, Problems> parse_config(std::string_view text, const std::string& name) {
  const auto parsed = parse_toml(text);
  if (!parsed) {
    const TomlProblem& p = parsed.error();
    return Problems{place(name, p.line, p.column) + ": " + p.message};
  }
  std::vector<GivenSetting> out;
  for (const TomlEntry& entry : parsed.value()) out.push_back({name, entry});
  return out;
}

Result<std::vector<GivenSetting>, Problems> read_config_file(const std::filesystem::path& path) {
  const auto bytes = read_file(path, kConfigFileMax, Privacy::open);
  if (!bytes) return Problems{bytes.error().message};
  if (!bytes.value()) return Problems{path.string() + " does not exist"};
  return parse_config(as_text(*bytes.value()), path.string());
}

GivenSetting given_by_flag(std::string_view table, std::string_view key, TomlValue value) {
  GivenSetting out;
  out.entry.table = table;
  out.entry.key = key;
  out.entry.value = std::move(value);
  return out;
}

Result<EffectiveSettings, Problems> resolve_settings(const std::vector<GivenSetting>& file,
                                                     const std::vector<GivenSetting>& flags) {
  EffectiveSettings out;
  Problems problems;
  apply_preset(file, flags, out);
  std::vector<std::string> unset;
  apply(file, out, problems, unset);
  apply(flags, out, problems, unset);
  if (!out.settings.passphrase_file.empty() && !out.settings.passphrase_credential.empty()) {
    problems.push_back(out.origins["keys.passphrase_credential"] +
                       ": keys.passphrase_credential: excludes passphrase_file, which comes from " +
                       out.origins["keys.passphrase_file"] + "; give one of both");
  }
  check_together(file.empty() ? "" : file.front().file, out, unset, problems);
  if (!problems.empty()) return bounded(std::move(problems));
  return out;
}

}  // namespace quorumor
