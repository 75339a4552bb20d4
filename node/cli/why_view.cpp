#include "node/cli/why_view.h"

#include "node/cli/json_fields.h"
#include "node/cli/table.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

namespace quorumor {

namespace json = boost::json;

namespace {

// Tenths below a minute: windows and looks last seconds.
std::string age_text(std::int64_t ms) {
  if (ms >= 60'000) return format_age(ms);
  const std::int64_t tenths = (ms < 0 ? 0 : ms) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
}

std::string ago(const json::object& from, const std::string& key) {
  return is_null(from, key + "_ms") ? "never" : age_text(number(from, key + "_ms")) + " ago";
}

std::string plural(std::int64_t n, const std::string& one) {
  return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
}

double decimal(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(json::string_view(key.data(), key.size()));
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

std::string name_of(const json::object& member) {
  const std::string name = text(member, "name");
  return (name == "-" ? text(member, "id") : name) + (is_true(member, "self") ? "*" : "");
}

std::string headline(const json::object& why) {
  std::string out = text(why, "name") + " is " + text(why, "state") + " for " + age_text(number(why, "since_ms"));
  const json::array& history = inner_array(why, "history");
  if (!history.empty() && history.back().is_object()) {
    const json::object& last = history.back().get_object();
    if (text(last, "state") == text(why, "state") && text(last, "reason") != "-") out += ": " + text(last, "reason");
  }
  return out + (is_true(why, "self") ? " (this node itself)" : "");
}

std::string missing_text(const json::object& why) {
  const std::string state = text(why, "state");
  const json::array& missing = inner_array(why, "missing");
  const bool doubted = state == "suspect" || state == "unreachable";
  if (state == "dead") return "Nothing is missing; it comes back by a newer claim of its own.\n";
  if (missing.empty()) return doubted ? "Nothing is missing: it is about to be declared dead.\n" : "";
  if (!doubted) {
    std::string out = "Not in doubt: ";
    for (const json::value& m : missing) out += text_of(m) + ".";
    return out + "\n";
  }
  std::string out = "Still missing before it is dead:\n";
  for (const json::value& m : missing) out += "  - " + text_of(m) + "\n";
  return out;
}

std::string ranks_text(const json::object& accuser) {
  std::string out;
  for (const json::value& value : inner_array(accuser, "ranks")) {
    if (!value.is_object()) continue;
    const json::object& rank = value.get_object();
    const std::string place = is_null(rank, "rank") ? "none" : std::to_string(number(rank, "rank") + 1);
    out += (out.empty() ? "" : ", ") + place + " (epoch " + text(rank, "epoch") + ")";
  }
  return out.empty() ? "-" : out;
}

std::string worth_text(const json::object& accuser) {
  std::string out = is_true(accuser, "counts") ? "yes" : "no";
  const std::string why_not = text(accuser, "why_not");
  if (why_not == "not_an_observer") out += ": not an observer of it";
  if (why_not == "out_of_reach") out += ": out of reach itself";
  if (why_not == "not_a_member") out += ": not a member";
  const auto refuted = number(accuser, "refuted");
  if (is_true(accuser, "muted")) {
    out += ", but muted: refuted " + plural(refuted, "time");
  } else if (refuted > 0) {
    out += ", refuted " + plural(refuted, "time");
  }
  return out;
}

std::string accusers_text(const json::object& why) {
  const json::array& accusers = inner_array(why, "accusers");
  if (accusers.empty()) return {};
  const json::object& tally = inner(why, "tally");
  std::string out = "\nAccusers: " + text(tally, "counting") + " of " + std::to_string(accusers.size()) + " count, " +
                    text(tally, "needed") + " needed" + (is_true(tally, "quorum") ? "" : "; no quorum") + "\n";
  std::vector<const json::object*> sorted;  // as they were heard
  for (const json::value& value : accusers) {
    if (value.is_object()) sorted.push_back(&value.get_object());
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const json::object* a, const json::object* b) {
    return number(*a, "heard_ms") > number(*b, "heard_ms");
  });
  std::vector<Row> rows;
  for (const json::object* a : sorted) {
    rows.push_back({name_of(*a), ago(*a, "heard"), ranks_text(*a), worth_text(*a), text(*a, "generation")});
  }
  return out + render_table({"NAME", "HEARD", "RANK", "COUNTS", "GENERATION"}, rows);
}

std::string silent_text(const json::object& why) {
  std::string out;
  for (const json::value& value : inner_array(why, "silent_observers")) {
    if (!value.is_object()) continue;
    const json::object& o = value.get_object();
    const std::string state = text(o, "state");
    out += (out.empty() ? "" : ", ") + name_of(o) + (state == "alive" ? "" : " (" + state + ")");
  }
  return out.empty() ? "none" : out;
}

std::string muted_text(const json::object& why) {
  std::string out;
  for (const json::value& value : inner_array(why, "muted")) {
    if (!value.is_object()) continue;
    const json::object& m = value.get_object();
    out += (out.empty() ? "" : ", ") + name_of(m) + " (refuted " + plural(number(m, "refuted"), "time") + ")";
  }
  return out;
}

// A suspicion begins its window; one that is younger was begun again, for this process had stood still.
std::string window_text(const json::object& why) {
  constexpr std::int64_t kSame = 50;  // ms: both are rounded
  const json::object& window = inner(why, "window");
  const auto ended = number(window, "ends_ms");
  const bool again = text(why, "state") == "suspect" && number(window, "began_ms") + kSame < number(why, "since_ms");
  std::string out = (again ? "began again " : "began ") + ago(window, "began");
  if (again) out += " (this node had stood still)";
  if (ended < 0) out += ", ends in " + age_text(-ended);
  if (ended >= 0) out += is_true(window, "over") ? ", ended " + ago(window, "ends") : std::string(", is up");
  const auto deferrals = number(window, "deferrals");
  if (deferrals > 0) {
    out += ", put off " + std::to_string(deferrals) + " of " + text(window, "deferrals_most") +
           " times because it answered";
  }
  return out;
}

std::string look_text(const json::object& look) {
  const std::string result = text(look, "result");
  const std::string when = is_null(look, "ended_ms") ? std::string() : ", " + ago(look, "ended");
  if (result == "due") return "waits for its turn";
  if (result == "running") return "under way";
  if (result == "answered") return "answered" + when;
  if (result == "failed") return "not answered" + when;
  return when.empty() ? "none yet" : "to be repeated; the one before ended " + ago(look, "ended");
}

std::string link_text(const json::object& why) {
  const std::string heard = "heard of " + ago(why, "last_heard");
  if (is_null(why, "round_trip_us")) return heard + ", round trip not measured yet";
  char figures[80];
  std::snprintf(figures, sizeof figures, ", round trip %.1f ms, phi %.2f",
                static_cast<double>(number(why, "round_trip_us")) / 1000, decimal(why, "phi"));
  return heard + figures;
}

std::string declare_text(const json::object& declare) {
  return (is_true(declare, "allowed") ? "may declare members dead" : "may declare nobody dead yet") +
         std::string(": synced with ") + text(declare, "synced_with") + ", " + text(declare, "needed") + " needed";
}

std::string history_text(const json::object& why) {
  std::string out;
  for (const json::value& value : inner_array(why, "history")) {
    if (!value.is_object()) continue;
    const json::object& past = value.get_object();
    out += "  " + text(past, "time") + "  " + text(past, "state") + "  " + text(past, "reason") + "\n";
  }
  return out.empty() ? out : "\nHistory:\n" + out;
}

std::string facts_text(const json::object& why) {
  std::vector<std::pair<std::string, std::string>> facts;
  const bool self = is_true(why, "self");
  if (!is_true(why, "defense")) {
    facts.emplace_back("defense", "off: any one accuser is enough, and nobody looks for itself");
  } else if (!self) {
    facts.emplace_back("not accusing", "observers: " + silent_text(why));
  }
  const std::string muted = muted_text(why);
  if (!muted.empty()) facts.emplace_back("muted", muted);
  if (!is_null(why, "window")) {
    facts.emplace_back("window", window_text(why));
    if (is_true(why, "defense")) facts.emplace_back("last look", look_text(inner(why, "last_look")));
  }
  if (self) {
    facts.emplace_back("refutations", text(why, "refutations") + " since it started");
  } else {
    facts.emplace_back("link", link_text(why));
  }
  facts.emplace_back("this node", declare_text(inner(why, "may_declare")));
  facts.emplace_back("id", text(why, "id") + ", generation " + text(why, "generation") + ", incarnation " +
                               text(why, "incarnation"));
  std::string out = "\n";
  for (auto& [name, value] : facts) {
    name.resize(14, ' ');
    out += name + value + "\n";
  }
  return out;
}

// As printable(), but lines stay lines.
std::string printable_lines(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += printable(text.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return out;
}

}  // namespace

std::string why_text(const json::object& why) {
  return printable(headline(why)) + "\n" + printable_lines(missing_text(why)) + accusers_text(why) +
         printable_lines(facts_text(why)) + printable_lines(history_text(why));
}

}  // namespace quorumor
