#include "node/agent/settings.h"

#include "node/agent/address.h"
#include "node/agent/cluster_options.h"
#include "node/core/duration_text.h"
#include "node/driver/suggest.h"

#include <array>
#include <charconv>

namespace quorumor {
namespace {

using Kind = TomlValue::Kind;
using Problem = std::optional<std::string>;

constexpr std::string_view kKeys = "keys";
constexpr std::string_view kBootstrap = "bootstrap";
constexpr std::size_t kQuotedMax = 64;  // of a wrong value, in a message
constexpr std::chrono::seconds kEpochIntervalLeast{1}, kEpochIntervalMost{24 * 3600};

constexpr Setting kAgentSettings[] = {
    {"", "preset", &AgentSettings::preset,
     "Where the nodes are: it decides the default of every timing below. lan: one site; wan: several sites or slow "
     "links; local: one machine, for trying things out. All nodes of a cluster should use the same."},
    {"", "dir", &AgentSettings::dir,
     "The node's directory, from `quorumor node init` and `install`: identity, keys, admin socket. No default. A "
     "relative path begins where the agent is started."},
    {"", "bind", &AgentSettings::bind,
     "HOST[:PORT] to listen on, UDP and TCP; one, or an array. Port 7947 unless given. No default. With 0.0.0.0 or "
     "[::] set advertise too."},
    {"", "advertise", &AgentSettings::advertise,
     "HOST[:PORT] that others reach this node at, if it is not what bind says: a wildcard, or an address behind NAT. "
     "No default."},
    {"", "join", &AgentSettings::join,
     "HOST[:PORT] of members to join by; one, or an array. Name several: they are tried for ever, so that halves "
     "of a partition find each other. Default: none, which suits only the first node."},
    {"", "log", &AgentSettings::log, "Log lines on stderr: text for people, json for collectors."},
    {"", "log_level", &AgentSettings::log_level,
     "The least serious entries that are written. debug adds what repeats, such as each refusal of one seed."},
};

// In them an empty text is a value: no passphrase.
constexpr Setting kKeySettings[] = {
    {kKeys, "passphrase_file", &AgentSettings::passphrase_file,
     "The file (mode 0600) of the passphrase that seals identity and ring in dir; \"\" if they are not sealed. "
     "`quorumor node seal` and `unseal` change what they are. Keep it on another disk than dir, or it helps little."},
    {kKeys, "passphrase_credential", &AgentSettings::passphrase_credential,
     "The same from systemd: the name that LoadCredential= or LoadCredentialEncrypted= gave; \"\" for none. Not both."},
};

constexpr Setting kClusterSettings[] = {
    {kBootstrap, "beta", Setting::Cluster::beta,
     "The fraction of members that may lie without anybody being declared dead falsely. Higher tolerates more and "
     "needs more witnesses for each failure, so that real ones are noticed later."},
    {kBootstrap, "epsilon", Setting::Cluster::epsilon,
     "The accepted probability that chance gives liars the majority around some member in an epoch. Smaller asks for "
     "more witnesses."},
    {kBootstrap, "suite", Setting::Cluster::suite,
     "How frames are encrypted. aes-256-gcm is faster where every node has AES hardware, and slow elsewhere."},
    {kBootstrap, "defense", Setting::Cluster::defense,
     "Whether several witnesses are needed to suspect a member. false is plain SWIM: for networks where every node is "
     "trusted."},
    {kBootstrap, "epoch_interval_min", Setting::Cluster::epoch_interval_min,
     "The shortest time between two changes of the cluster's keys. Longer keeps a stolen keymaster from churning "
     "keys; shorter lets an eviction follow another sooner."},
};
static_assert(std::size(kClusterSettings) == field_count<ClusterParameters>(),
              "a member of ClusterParameters has no entry in kClusterSettings");

constexpr auto make_all() {
  constexpr auto core_setting = [](const ConfigKey& key) { return Setting("", key.name, &key, key.doc); };
  return [core_setting]<std::size_t... A, std::size_t... C, std::size_t... K, std::size_t... B>(
             std::index_sequence<A...>, std::index_sequence<C...>, std::index_sequence<K...>,
             std::index_sequence<B...>) {
    return std::array{kAgentSettings[A]..., core_setting(kConfigKeys[C])..., kKeySettings[K]...,
                      kClusterSettings[B]...};
  }(std::make_index_sequence<std::size(kAgentSettings)>(), std::make_index_sequence<std::size(kConfigKeys)>(),
         std::make_index_sequence<std::size(kKeySettings)>(), std::make_index_sequence<std::size(kClusterSettings)>());
}
constexpr auto kSettings = make_all();

// The words that a setting of text is limited to; none: any text.
std::vector<std::string> words_of(std::string_view key) {
  if (key == "preset") return {"lan", "wan", "local"};
  if (key == "log") return {"text", "json"};
  if (key == "log_level") return {"debug", "info", "warning", "error"};
  if (key == "suite") return {"chacha20-poly1305", "aes-256-gcm"};
  return {};
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += toml_quote(words[i]);
  }
  return out;
}

std::string quoted(const std::string& text) {
  return "'" + (text.size() > kQuotedMax ? text.substr(0, kQuotedMax) + "..." : text) + "'";
}

Problem not_a_word(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == text) return std::nullopt;
  }
  const auto near = suggest(text, words);
  return quoted(text) + " is not " + listed(words) + (near ? "; did you mean " + toml_quote(*near) + "?" : "");
}

// Nothing if it is no whole number at all; what does not fit is the most or least there is, and so out of any range.
std::optional<std::int64_t> whole_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::int64_t out = 0;
  const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || last != text.data() + text.size()) return std::nullopt;
  return out;
}

Problem read_duration(const TomlValue& value, Duration& out) {
  if (value.kind == Kind::number) {
    const bool whole = value.text.find_first_not_of("0123456789") == std::string::npos;
    return quoted(value.text) + " has no unit" +
           (whole ? "; write \"" + value.text + "ms\" or \"" + value.text + "s\"" : "; write \"500ms\" or \"1s\"");
  }
  const auto parsed = parse_duration(value.text);
  if (!parsed) return quoted(value.text) + " is no duration; write a whole number and ms, s, m or h, such as \"500ms\"";
  out = *parsed;
  return std::nullopt;
}

const char* name_of(const TomlValue& value) {
  switch (value.kind) {
    case Kind::text: return "a string";
    case Kind::number: return "a number";
    case Kind::flag: return "true or false";
    case Kind::texts: return "an array";
    case Kind::table: return "a table";
    case Kind::other: break;
  }
  return value.text.c_str();
}

std::string cluster_text(Setting::Cluster member, const ClusterParameters& p) {
  switch (member) {
    case Setting::Cluster::beta: return beta_text(p.beta_ppm);
    case Setting::Cluster::epsilon: return "1e-" + std::to_string(p.epsilon_exponent);
    case Setting::Cluster::suite:
      return toml_quote(p.suite == Suite::aes256_gcm ? "aes-256-gcm" : "chacha20-poly1305");
    case Setting::Cluster::defense: return p.defense ? "true" : "false";
    case Setting::Cluster::epoch_interval_min: break;
  }
  return toml_quote(to_text(std::chrono::seconds(p.min_interval_s)));
}

}  // namespace

Problem Setting::mistyped(const TomlValue& value) const { return "takes " + takes() + ", not " + name_of(value); }

std::string Setting::takes() const {
  if (const auto* core = std::get_if<const ConfigKey*>(&member_)) {
    if ((*core)->is_flag()) return "true or false";
    return ((*core)->is_duration() ? "a duration from " : "a whole number from ") + (*core)->range();
  }
  if (std::holds_alternative<std::vector<std::string> AgentSettings::*>(member_)) {
    return "an address or an array of addresses";
  }
  const auto words = words_of(key_);
  if (!words.empty()) return listed(words);
  const auto* cluster = std::get_if<Cluster>(&member_);
  if (cluster == nullptr && key_ == "passphrase_credential") return "a name";
  if (cluster == nullptr) return key_ == "advertise" ? "an address" : "a path";
  if (*cluster == Cluster::beta) return "a fraction from 0 to 0.333333, with at most 6 decimals";
  if (*cluster == Cluster::epsilon) return "a power of ten from 1e-1 to 1e-18";
  if (*cluster == Cluster::defense) return "true or false";
  return "a duration from " + to_text(kEpochIntervalLeast) + " to " + to_text(kEpochIntervalMost);
}

Problem Setting::set_core(const ConfigKey& key, Config& out, const TomlValue& value) const {
  std::int64_t number = 0;
  if (key.is_flag()) {
    if (value.kind != Kind::flag) return mistyped(value);
    number = value.flag ? 1 : 0;
  } else if (key.is_duration()) {
    if (value.kind != Kind::text && value.kind != Kind::number) return mistyped(value);
    Duration duration{};
    if (auto problem = read_duration(value, duration)) return *problem + "; allowed: " + key.range();
    number = duration.count();
  } else {
    if (value.kind != Kind::number) return mistyped(value);
    const auto whole = whole_number(value.text);
    if (!whole) return quoted(value.text) + " is not a whole number from " + key.range();
    number = *whole;
  }
  if (!key.allows(number)) return key.text(number) + " is outside " + key.range();
  key.write(out, number);
  return std::nullopt;
}

Problem Setting::set_address(AgentSettings& out, const TomlValue& value, const std::string& what) const {
  std::vector<std::string> given = value.texts;
  if (value.kind == Kind::text) given = {value.text};
  std::vector<std::string> completed;
  for (const std::string& text : given) {
    auto address = complete_address(text, what, key_ == "join" ? PortZero::refused : PortZero::allowed);
    if (!address) return address.error().message;
    completed.push_back(std::move(address).value());
  }
  if (const auto* list = std::get_if<std::vector<std::string> AgentSettings::*>(&member_)) {
    out.**list = std::move(completed);
  } else {
    out.advertise = completed.front();
  }
  return std::nullopt;
}

Problem Setting::set_word(AgentSettings& out, const TomlValue& value) const {
  if (const auto words = words_of(key_); !words.empty()) {
    if (auto problem = not_a_word(value.text, words)) return problem;
  } else if (value.text.empty() && table_ != kKeys) {
    return "is empty";
  }
  out.*std::get<std::string AgentSettings::*>(member_) = value.text;
  return std::nullopt;
}

Problem Setting::set_cluster(ClusterParameters& out, const TomlValue& value, const std::string& what) const {
  const Cluster member = std::get<Cluster>(member_);
  const bool is_number = member == Cluster::beta || member == Cluster::epsilon;
  const bool is_unitless = member == Cluster::epoch_interval_min && value.kind == Kind::number;
  const Kind kind = is_number ? Kind::number : member == Cluster::defense ? Kind::flag : Kind::text;
  if (value.kind != kind && !is_unitless) return what + ": " + *mistyped(value);
  if (member == Cluster::defense) out.defense = value.flag;
  if (member == Cluster::beta) {
    const auto ppm = parse_beta(value.text, what);
    if (!ppm) return ppm.error().message;
    out.beta_ppm = ppm.value();
  }
  if (member == Cluster::epsilon) {
    const auto exponent = parse_epsilon(value.text, what);
    if (!exponent) return exponent.error().message;
    out.epsilon_exponent = exponent.value();
  }
  if (member == Cluster::suite) {
    if (const auto problem = not_a_word(value.text, words_of(key_))) return what + ": " + *problem;
    out.suite = value.text == "aes-256-gcm" ? Suite::aes256_gcm : Suite::chacha20_poly1305;
  }
  if (member == Cluster::epoch_interval_min) {
    Duration interval{};
    if (const auto problem = read_duration(value, interval)) return what + ": " + *problem + "; allowed: 1s to 24h";
    if (interval < kEpochIntervalLeast || interval > kEpochIntervalMost || interval % 1s != Duration::zero()) {
      return what + ": " + to_text(interval) + " is not " + takes() + ", in whole seconds";
    }
    out.min_interval_s = static_cast<std::uint32_t>(interval / 1s);
  }
  return std::nullopt;
}

Problem Setting::set(AgentSettings& out, const TomlValue& value, const std::string& what) const {
  const auto placed = [&what](Problem problem) { return problem ? Problem(what + ": " + *problem) : problem; };
  if (const auto* core = std::get_if<const ConfigKey*>(&member_)) return placed(set_core(**core, out.config, value));
  if (std::holds_alternative<Cluster>(member_)) return set_cluster(out.parameters, value, what);
  const bool is_list = std::holds_alternative<std::vector<std::string> AgentSettings::*>(member_);
  if (value.kind != Kind::text && (value.kind != Kind::texts || !is_list)) return placed(mistyped(value));
  if (is_list || key_ == "advertise") return set_address(out, value, what);
  return placed(set_word(out, value));
}

std::optional<std::string> Setting::text(const AgentSettings& settings) const {
  if (const auto* core = std::get_if<const ConfigKey*>(&member_)) {
    const std::string out = (*core)->text((*core)->read(settings.config));
    return (*core)->is_duration() ? toml_quote(out) : out;
  }
  if (const auto* cluster = std::get_if<Cluster>(&member_)) return cluster_text(*cluster, settings.parameters);
  if (const auto* text = std::get_if<std::string AgentSettings::*>(&member_)) {
    const std::string& value = settings.**text;
    return value.empty() && table_ != kKeys ? std::nullopt : std::optional(toml_quote(value));
  }
  std::string out;
  for (const std::string& value : settings.*std::get<std::vector<std::string> AgentSettings::*>(member_)) {
    out += (out.empty() ? "[" : ", ") + toml_quote(value);
  }
  return out.empty() ? std::nullopt : std::optional(out + "]");
}

std::span<const Setting> all_settings() { return kSettings; }

const Setting* find_setting(std::string_view table, std::string_view key) {
  for (const Setting& setting : kSettings) {
    if (setting.table() == table && setting.key() == key) return &setting;
  }
  return nullptr;
}

Config config_of_preset(std::string_view preset) {
  if (preset == "wan") return Config::wan();
  return preset == "local" ? Config::local() : Config::lan();
}

}  // namespace quorumor
