#include "node/agent/config_text.h"

#include <algorithm>

namespace quorumor {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kOriginColumn = 34;

constexpr const char* kOpening =
    "An example of an agent's configuration file: `quorumor agent --config FILE`. Every key is here with its default, "
    "so a file of your own needs only what differs. `quorumor config check FILE` says what is wrong with one, "
    "`quorumor config show --config FILE` what is in effect. Flags win over the file, the file wins over the preset. "
    "A change takes effect at the agent's next start.";
constexpr const char* kCore =
    "The detector. Nodes of one cluster should agree on these; a preset sets them all. Durations are strings of a "
    "whole number and ms, s, m or h.";
constexpr const char* kBootstrapOpening =
    "What the whole cluster agrees on. Used by `quorumor agent --bootstrap` alone, when it starts a new cluster; other "
    "nodes learn it by joining.";

constexpr const char* kKeysOpening =
    "How the node's secrets lie on disk: plain (0600 in a 0700 directory), or sealed with a passphrase. No secret ever "
    "stands in this file.";

// The text in lines that begin with "# " and end before kColumns.
std::string commented(std::string_view text) {
  std::string out;
  std::string line = "#";
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (line.size() + 1 + word.size() > kColumns) {
      out += line + "\n";
      line = "#";
    }
    line.append(" ").append(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return out + line + "\n";
}

// A file's name may hold what a comment may not.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

AgentSettings example_settings() {
  AgentSettings out;
  out.dir = "/var/lib/quorumor";
  out.bind = {"0.0.0.0:7947"};
  out.advertise = "192.0.2.7:7947";
  out.join = {"192.0.2.1:7947", "192.0.2.2:7947"};
  return out;
}

// "; preset wan: 5s, local: 200ms", for what the presets set.
std::string presets_of(const Setting& setting, const AgentSettings& lan) {
  std::string out;
  for (const char* preset : {"wan", "local"}) {
    AgentSettings other = lan;
    other.config = config_of_preset(preset);
    const std::string value = setting.text(other).value_or("");
    if (value != setting.text(lan)) out += (out.empty() ? "; preset " : ", ") + std::string(preset) + ": " + value;
  }
  return out;
}

std::string capitalised(std::string text) {
  if (text[0] == '"') return "One of " + text;
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

std::string effective_text(const EffectiveSettings& effective) {
  std::string out;
  std::string_view table;
  for (const Setting& setting : all_settings()) {
    if (setting.table() != table) {
      table = setting.table();
      out += "\n[" + std::string(table) + "]\n";
    }
    const std::string key(setting.key());
    const auto value = setting.text(effective.settings);
    if (!value) {
      out += "# " + key + " is not set\n";
      continue;
    }
    std::string line = key + " = " + *value;
    line.resize(std::max(kOriginColumn, line.size() + 1), ' ');
    const auto origin = effective.origins.find(table.empty() ? key : std::string(table) + "." + key);
    out += line + "# " + (origin == effective.origins.end() ? "default" : printable(origin->second)) + "\n";
  }
  return out;
}

std::string example_text() {
  const AgentSettings settings = example_settings();
  std::string out = commented(kOpening);
  std::string_view table;
  bool in_core = false;
  for (const Setting& setting : all_settings()) {
    if (setting.is_core() && !in_core) {
      in_core = true;
      out += "\n\n" + commented(kCore);
    }
    if (setting.table() != table) {
      table = setting.table();
      out += "\n\n" + commented(table == "keys" ? kKeysOpening : kBootstrapOpening) + "[" + std::string(table) + "]\n";
    }
    out += "\n" + commented(setting.doc());
    out += commented(capitalised(setting.takes()) + presets_of(setting, settings) + ".");
    out += std::string(setting.key()) + " = " + setting.text(settings).value_or("") + "\n";
  }
  return out;
}

}  // namespace quorumor
