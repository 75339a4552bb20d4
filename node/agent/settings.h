// Everything about an agent that a person can set, as one table: name, what it takes, range, default and reason to
// change it. Files and flags are read by it, and the example and `quorumor config show` are printed by it. The core's
// own settings come from its table (core/config_keys.h); a new one there is a setting here without another line.
#pragma once

#include "crypto/announcement.h"
#include "node/agent/toml_document.h"
#include "node/core/config_keys.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace quorumor {

struct AgentSettings {
  std::string preset = "lan";
  std::string dir, advertise;           // empty: not set
  std::vector<std::string> bind, join;  // HOST:PORT, completed
  std::string log = "text", log_level = "info";
  std::string passphrase_file, passphrase_credential;  // empty: none; at most one of both
  Config config;
  ClusterParameters parameters;  // used with --bootstrap only
};

class Setting {
 public:
  // The members of ClusterParameters.
  enum class Cluster { beta, epsilon, suite, defense, epoch_interval_min };
  using Member = std::variant<const ConfigKey*, std::string AgentSettings::*, std::vector<std::string> AgentSettings::*,
                              Cluster>;

  constexpr Setting(std::string_view table, std::string_view key, Member member, std::string_view doc)
      : table_(table), key_(key), member_(member), doc_(doc) {}

  std::string_view table() const noexcept { return table_; }  // "", "keys" or "bootstrap"
  std::string_view key() const noexcept { return key_; }
  std::string_view doc() const noexcept { return doc_; }
  bool is_core() const noexcept { return std::holds_alternative<const ConfigKey*>(member_); }
  // "a duration from 20ms to 1m".
  std::string takes() const;
  // Sets it, or says what is wrong and what is allowed; `what` names the place ("agent.toml:3:8: bind", "--bind").
  // On error `out` is unchanged.
  std::optional<std::string> set(AgentSettings& out, const TomlValue& value, const std::string& what) const;
  // As TOML; nothing if it is not set.
  std::optional<std::string> text(const AgentSettings& settings) const;

 private:
  std::optional<std::string> set_core(const ConfigKey& key, Config& out, const TomlValue& value) const;
  std::optional<std::string> set_address(AgentSettings& out, const TomlValue& value, const std::string& what) const;
  std::optional<std::string> set_word(AgentSettings& out, const TomlValue& value) const;
  std::optional<std::string> set_cluster(ClusterParameters& out, const TomlValue& value, const std::string& what) const;
  std::optional<std::string> mistyped(const TomlValue& value) const;

  std::string_view table_, key_;
  Member member_;
  std::string_view doc_;
};

// In the order of the example: the agent's own, the core's, then the tables [keys] and [bootstrap].
std::span<const Setting> all_settings();
// Nothing unless there is one of exactly this name.
const Setting* find_setting(std::string_view table, std::string_view key);
// `preset` is one of lan, wan, local.
Config config_of_preset(std::string_view preset);

}  // namespace quorumor
