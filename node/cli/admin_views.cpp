#include "node/cli/admin_views.h"

#include "node/cli/json_fields.h"
#include "node/cli/table.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace quorumor {

namespace json = boost::json;

namespace {

// "3 replayed, 1 forged": only what is not zero.
std::string nonzero(const json::object& counts) {
  std::string out;
  for (const auto& entry : counts) {
    const std::string count = text_of(entry.value());
    if (count == "0") continue;
    out += (out.empty() ? "" : ", ") + count + " " + std::string(entry.key().data(), entry.key().size());
  }
  return out;
}

std::string observers_line(const json::object& observers) {
  const auto tolerated = number(observers, "tolerated");
  const auto threshold = number(observers, "k");
  std::string out = tolerated > 0 ? "tolerates " + std::to_string(tolerated) + " lying " +
                                        (tolerated == 1 ? "member" : "members")
                                  : std::string("no liar is tolerated");
  out += ": " + text(observers, "k") + " of " + text(observers, "m") + " observers must agree";
  if (threshold == 1) out = "no liar is tolerated: one accuser is enough";
  if (!is_true(observers, "quorum")) out += "; no quorum: nobody can be declared dead now";
  return out;
}

std::string credential_line(const json::object& credential) {
  const auto days = number(credential, "days_left");
  const std::string until = text(credential, "not_after");
  if (days < 0) return "EXPIRED at " + until;
  return "valid until " + until + " (" + std::to_string(days) + (days == 1 ? " day" : " days") + " left)";
}

std::string traffic_line(const json::object& counters) {
  const auto half = [&](const std::string& way) {
    return text(counters, "datagrams_" + way) + " datagrams (" +
           format_bytes(number<std::uint64_t>(counters, "bytes_" + way)) + ") " + way;
  };
  const std::string dropped = nonzero(inner(counters, "dropped"));
  return half("in") + ", " + half("out") + (dropped.empty() ? ", nothing dropped" : ", dropped: " + dropped);
}

std::string members_line(const json::object& counts) {
  const std::string out = nonzero(counts);
  return out.empty() ? "none" : out;
}

}  // namespace

Fallible<json::array> parse_members(std::string_view from) {
  BOOST_OUTCOME_TRY(const json::value value, parse_json(from));
  if (!value.is_array()) return fail("the agent's answer is not a list of members");
  return value.get_array();
}

Fallible<json::object> parse_status(std::string_view from) {
  BOOST_OUTCOME_TRY(const json::value value, parse_json(from));
  if (!value.is_object()) return fail("the agent's answer is not a status");
  return value.get_object();
}

std::string error_of(std::string_view from) {
  constexpr std::size_t kShown = 200;
  const auto value = parse_json(from);
  if (value && value.value().is_object()) {
    const json::value* error = value.value().get_object().if_contains("error");
    if (error != nullptr && error->is_string()) return printable(text_of(*error));
  }
  return printable(std::string(from.substr(0, kShown)));
}

json::array filter_members(const json::array& members, const MemberFilter& filter) {
  json::array out;
  for (const json::value& value : members) {
    if (!value.is_object()) continue;
    const json::object& member = value.get_object();
    if (filter.state && text(member, "state") != *filter.state) continue;
    if (filter.name && fnmatch(filter.name->c_str(), text(member, "name").c_str(), 0) != 0) continue;
    out.push_back(value);
  }
  return out;
}

std::string members_text(const json::array& members) {
  std::vector<Row> rows;
  for (const json::value& value : members) {
    if (!value.is_object()) continue;
    const json::object& m = value.get_object();
    rows.push_back({text(m, "name") + (is_true(m, "self") ? "*" : ""), text(m, "state"), list(m, "endpoints"),
                    text(m, "zone"), text(m, "generation"), text(m, "incarnation"), format_age(number(m, "since_ms"))});
  }
  return render_table({"NAME", "STATE", "ADDRESS", "ZONE", "GENERATION", "INCARNATION", "SINCE"}, rows);
}

std::string status_text(const json::object& s) {
  const std::vector<std::pair<const char*, std::string>> lines = {
      {"node", text(s, "name") + " (" + text(s, "id") + ")"},
      {"zone", text(s, "zone")},
      {"cluster", text(s, "label") + " (" + text(s, "cluster") + ")"},
      {"state", (is_true(s, "joined") ? "joined, epoch " + text(s, "epoch") : std::string("not joined")) + ", health " +
                    text(s, "health") + " (0 best, 7 worst)"},
      {"members", members_line(inner(s, "counts"))},
      {"observers", observers_line(inner(s, "observers"))},
      {"listening", list(s, "listening")},
      {"advertised", list(s, "advertised")},
      {"generation", text(s, "generation") + ", incarnation " + text(s, "incarnation")},
      {"credential", credential_line(inner(s, "credential"))},
      {"traffic", traffic_line(inner(s, "counters"))},
      {"agent",
       "version " + text(s, "version") + ", pid " + text(s, "pid") + ", up " + format_age(number(s, "uptime_ms"))},
  };
  std::string out;
  for (const auto& [key, value] : lines) {
    std::string name = key;
    name.resize(12, ' ');
    out += name + printable(value) + "\n";
  }
  return out;
}

EventView view_event(std::string_view line) {
  EventView out;
  const auto value = parse_json(line);
  if (!value || !value.value().is_object()) {
    out.error = "the agent's event is not JSON";
    return out;
  }
  const json::object& event = value.value().get_object();
  if (event.contains("error")) {
    out.error = error_of(line);
    return out;
  }
  out.kind = text(event, "event");
  std::string kind = out.kind;
  kind.resize(std::max<std::size_t>(kind.size(), 12), ' ');
  out.text = text(event, "time") + "  #" + text(event, "seq") + "  " + kind;
  for (const char* key : {"member", "endpoint"}) {
    if (text(event, key) != "-") out.text += "  " + text(event, key);
  }
  const json::object& user = inner(event, "user_event");
  if (!user.empty()) {
    const bool readable = text(user, "payload_encoding") == "text";
    out.text += "  " + text(user, "name") + "  " + (readable ? "" : "base64:") + text(user, "payload");
  }
  if (text(event, "reason") != "-") out.text += "  (" + text(event, "reason") + ")";
  out.text = printable(out.text);
  return out;
}

}  // namespace quorumor
