#include "node/core/config.h"

#include "node/core/config_keys.h"
#include "node/core/duration_text.h"

#include <algorithm>
#include <limits>

namespace quorumor {
namespace {

// One duration times `times` must not exceed another.
struct Relation {
  std::string_view key;
  Duration Config::*member;
  int times;
  std::string_view beside;
  Duration Config::*limit;
  const char* says;
  const char* why;
};
constexpr Relation kRelations[] = {
    {"probe_timeout", &Config::probe_timeout, 2, "probe_interval", &Config::probe_interval, "more than half of",
     ": two pings must fit a period"},
    {"probe_timeout_min", &Config::probe_timeout_min, 1, "probe_timeout", &Config::probe_timeout, "more than", ""},
    {"gossip_interval_min", &Config::gossip_interval_min, 1, "gossip_interval", &Config::gossip_interval, "more than",
     ""},
};

bool is_named(const std::vector<ConfigError>& errors, std::string_view key) {
  return std::any_of(errors.begin(), errors.end(), [key](const ConfigError& e) { return e.key == key; });
}

}  // namespace

std::int64_t ConfigKey::read(const Config& config) const noexcept {
  constexpr std::size_t kMost = std::numeric_limits<std::int64_t>::max();
  if (const auto* m = std::get_if<Duration Config::*>(&member)) return (config.**m).count();
  if (const auto* m = std::get_if<unsigned Config::*>(&member)) return config.**m;
  if (const auto* m = std::get_if<bool Config::*>(&member)) return config.**m ? 1 : 0;
  return static_cast<std::int64_t>(std::min(config.*std::get<std::size_t Config::*>(member), kMost));
}

void ConfigKey::write(Config& config, std::int64_t value) const noexcept {
  if (const auto* m = std::get_if<Duration Config::*>(&member)) config.**m = Duration(value);
  if (const auto* m = std::get_if<unsigned Config::*>(&member)) config.**m = static_cast<unsigned>(value);
  if (const auto* m = std::get_if<std::size_t Config::*>(&member)) config.**m = static_cast<std::size_t>(value);
  if (const auto* m = std::get_if<bool Config::*>(&member)) config.**m = value != 0;
}

std::string ConfigKey::text(std::int64_t value) const {
  if (is_flag()) return value != 0 ? "true" : "false";
  return is_duration() ? to_text(Duration(value)) : std::to_string(value);
}

std::string ConfigKey::range() const { return is_flag() ? "true or false" : text(least) + " to " + text(most); }

// memberlist's presets, so that an operator who knows those knows these.
Config Config::wan() {
  Config c;
  c.probe_interval = 5s;
  c.probe_timeout = 2500ms;
  c.probe_timeout_min = 250ms;
  c.suspicion_mult = 6;
  c.gossip_interval = 500ms;
  c.gossip_fanout = 4;
  c.sync_interval = 60s;
  c.sync_patience = 5s;
  c.rejoin_interval = 60s;
  return c;
}

Config Config::local() {
  Config c;
  c.probe_interval = 200ms;
  c.probe_timeout = 100ms;
  c.probe_timeout_min = 20ms;
  c.suspicion_mult = 3;
  c.retransmit_mult = 2;
  c.gossip_interval = 50ms;
  c.gossip_interval_min = 10ms;
  c.sync_interval = 15s;
  c.sync_patience = 500ms;
  c.rejoin_interval = 15s;
  return c;
}

std::vector<ConfigError> ValidatedConfig::find_problems(const Config& c) {
  std::vector<ConfigError> out;
  for (const ConfigKey& key : kConfigKeys) {
    const std::int64_t value = key.read(c);
    if (key.allows(value)) continue;
    out.push_back({std::string(key.name), key.text(value) + " is outside " + key.range()});
  }
  for (const Relation& r : kRelations) {
    if (is_named(out, r.key) || is_named(out, r.beside)) continue;  // said already; and no product can overflow
    if (c.*r.member * r.times <= c.*r.limit) continue;
    const std::string beside(r.beside);
    out.push_back({std::string(r.key),
                   to_text(c.*r.member) + " is " + r.says + " " + beside + " (" + to_text(c.*r.limit) + ")" + r.why,
                   beside});
  }
  return out;
}

Result<ValidatedConfig, ConfigError> ValidatedConfig::validate(const Config& config) {
  std::vector<ConfigError> problems = find_problems(config);
  if (!problems.empty()) return std::move(problems.front());
  return ValidatedConfig(config);
}

}  // namespace quorumor
