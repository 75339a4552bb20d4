// The agent's configuration file, TOML, and how it meets presets and flags: a flag wins over the file, the file over
// the preset. A file is taken whole or not at all: each thing that is wrong with it (unknown or repeated keys, wrong
// types, values out of range, values that do not fit each other) is one line that names file, line, key, and what is
// allowed. Nothing is ignored or clamped: a setting that silently does not apply is found during an outage.
#pragma once

#include "node/agent/settings.h"

#include <filesystem>
#include <map>

namespace quorumor {

inline constexpr std::size_t kConfigFileMax = 64 * 1024;  // bytes
inline constexpr std::size_t kProblemsMax = 20;           // lines; one more says how many are left out

using Problems = std::vector<std::string>;  // never empty, one line each

// What somebody set, by a file or a flag.
struct GivenSetting {
  std::string file;  // empty: a flag
  TomlEntry entry;
};

struct EffectiveSettings {
  AgentSettings settings;
  // Where each setting comes from, by "key" or "table.key": "agent.toml:3", "--bind", "preset wan". All others are
  // defaults.
  std::map<std::string, std::string, std::less<>> origins;
};

// A regular file of at most kConfigFileMax bytes; symbolic links are followed.
Result<std::vector<GivenSetting>, Problems> read_config_file(const std::filesystem::path& path);
// The same for a text; `name` stands for the file in messages.
Result<std::vector<GivenSetting>, Problems> parse_config(std::string_view text, const std::string& name);
// `--log-level` for log_level; a table's name is left out. What a flag of that name gives.
GivenSetting given_by_flag(std::string_view table, std::string_view key, TomlValue value);
// Both may be empty. On error all that is wrong, in the order of the file.
Result<EffectiveSettings, Problems> resolve_settings(const std::vector<GivenSetting>& file,
                                                     const std::vector<GivenSetting>& flags);

}  // namespace quorumor
