#include "node/agent/keys_json.h"

#include "node/agent/admin_json.h"
#include "node/agent/cluster_options.h"
#include "node/agent/json_body.h"
#include "node/agent/json_values.h"
#include "node/agent/settings.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace quorumor {

namespace json = boost::json;

namespace {

constexpr std::string_view kBootstrap = "bootstrap";  // the table whose settings a rotation may change

ByteArray<8> le_bytes(std::uint64_t value) {
  ByteArray<8> out;
  store_le<std::uint64_t>(out.data(), value);
  return out;
}

const char* state_of(const EpochView& e) {
  if (e.is_retired) return "retired";
  if (!e.has_key) return "announced";
  return e.is_newest ? "newest" : "live";
}

json::object epoch_json(const EpochView& e, const KeysReport& report) {
  json::object out;
  out["epoch"] = json_u64(e.epoch.value);
  out["commitment"] = json_text(to_hex(le_bytes(e.commitment)));
  out["state"] = state_of(e);
  out["signed_at"] = json_text(rfc3339(e.signed_at));
  out["age_ms"] = std::max<std::int64_t>(unix_millis(report.now) - unix_millis(e.signed_at), 0);
  out["signer"] = json_text(report.name_of(e.signer));
  out["suite"] = e.parameters.suite == Suite::aes256_gcm ? "aes-256-gcm" : "chacha20-poly1305";
  out["beta"] = json_text(beta_text(e.parameters.beta_ppm));
  out["epsilon"] = json_text("1e-" + std::to_string(e.parameters.epsilon_exponent));
  out["defense"] = e.parameters.defense;
  out["epoch_interval_min_ms"] = std::int64_t{e.parameters.min_interval_s} * 1000;
  out["holders"] = e.holders;
  out["users"] = e.users;
  return out;
}

json::value retirement_json(const KeysReport& report) {
  const auto& retirement = report.view.retirement;
  if (!retirement) return nullptr;
  json::object out;
  out["through"] = json_u64(retirement->through.value);
  out["signer"] = json_text(report.name_of(retirement->signer));
  out["newer_key"] = retirement->newer_key;
  out["acked"] = retirement->acked;
  out["needed"] = retirement->needed;
  return out;
}

// As the table of settings reads it, so that a rotation and a configuration file take the same values.
Fallible<void> set_parameter(AgentSettings& into, const std::string& key, const json::value& value) {
  const Setting* setting = find_setting(kBootstrap, key);
  if (setting == nullptr) {
    return misuse("unknown key in the body; a rotation takes suite, beta, epsilon, defense and epoch_interval_min");
  }
  TomlValue given;
  if (value.is_bool()) {
    given.kind = TomlValue::Kind::flag;
    given.flag = value.get_bool();
  } else if (value.is_string()) {
    const bool is_number = key == "beta" || key == "epsilon";
    given.kind = is_number ? TomlValue::Kind::number : TomlValue::Kind::text;
    given.text = std::string(value.get_string());
  } else {
    return misuse("\"" + key + "\" must be " + (key == "defense" ? "true or false" : "a string"));
  }
  if (const auto problem = setting->set(into, given, key)) return misuse(*problem);
  return success();
}

}  // namespace

std::string keys_json(const KeysReport& report) {
  const KeysView& view = report.view;
  json::object out;
  json::array epochs;
  for (const EpochView& e : view.epochs) epochs.push_back(epoch_json(e, report));
  out["epochs"] = std::move(epochs);
  out["alive"] = view.alive;
  out["keymaster"] = view.keymaster;
  out["retired_floor"] = json_u64(view.retired_floor.value);
  out["retirement"] = retirement_json(report);
  out["rotates_in_ms"] = view.rotates_in ? json::value(to_ms(*view.rotates_in)) : json::value(nullptr);
  out["rotation_allowed_in_ms"] = to_ms(view.rotation_allowed_in);
  json::array laggards;
  for (const std::string& name : report.laggards) laggards.push_back(json_text(name));
  out["laggards"] = std::move(laggards);
  return json::serialize(out);
}

Fallible<RotateOptions> parse_rotate(std::string_view body) {
  RotateOptions out;
  if (body.empty()) return out;
  BOOST_OUTCOME_TRY(const json::object object, parse_object(body));
  AgentSettings settings;
  for (const auto& entry : object) {
    const std::string key(entry.key());
    BOOST_OUTCOME_TRYV(set_parameter(settings, key, entry.value()));
    const ClusterParameters& p = settings.parameters;
    if (key == "suite") out.suite = p.suite;
    if (key == "beta") out.beta_ppm = p.beta_ppm;
    if (key == "epsilon") out.epsilon_exponent = p.epsilon_exponent;
    if (key == "defense") out.defense = p.defense;
    if (key == "epoch_interval_min") out.min_interval_s = p.min_interval_s;
  }
  return out;
}

std::string rotated_json(Epoch epoch) {
  json::object out;
  out["accepted"] = true;
  out["epoch"] = json_u64(epoch.value);
  return json::serialize(out);
}

Fallible<Epoch> parse_retire(std::string_view body) {
  BOOST_OUTCOME_TRY(const json::object object, parse_object(body));
  const json::value* through = object.if_contains("through");
  std::uint64_t epoch = 0;
  if (object.size() == 1 && through != nullptr && through->is_string()) {
    const json::string& digits = through->get_string();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), epoch);
    if (error == std::errc{} && end == digits.data() + digits.size() && epoch > 0) return Epoch{epoch};
  }
  return misuse("the body must be {\"through\": \"N\"}, N the greatest epoch to retire");
}

}  // namespace quorumor
