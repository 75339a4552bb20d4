// What no single key of a scenario shows to be wrong.
#include "sim/scenario/scenario_file.h"
#include "sim/scenario/values.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

using What = Action::What;
using Problems = std::vector<std::string>;

std::string line_of(const char* table, unsigned line) {
  return "[[" + std::string(table) + "]]" + (line == 0 ? "" : " of line " + std::to_string(line));
}

std::size_t members_of(const Scenario& s) {
  std::size_t out = s.cluster.nodes;
  for (const Action& a : s.actions) {
    if (a.what == What::join) out += a.count;
  }
  return out;
}

void check_picks(const Picks& picks, std::size_t members, const std::string& where, Problems& out) {
  std::size_t greatest = picks.kind == Picks::Kind::observers ? picks.subject : 0;
  for (const auto& [first, last] : picks.ranges) greatest = std::max(greatest, last);
  if (greatest >= members) {
    out.push_back(where + ": there is no n" + std::to_string(greatest) + "; members are n0 to n" +
                  std::to_string(members - 1));
  }
  if (picks.kind == Picks::Kind::number && picks.count > members) {
    out.push_back(where + ": \"" + picks.text + "\" of " + std::to_string(members) + " members");
  }
}

bool takes_links(What what) { return what == What::cut || what == What::flip_flop || what == What::degrade; }
bool takes_members(What what) {
  return what != What::join && what != What::mend && what != What::rotate && what != What::retire;
}

// Each says what the action lacks or has too much.
void check_action(const Scenario& s, const Action& a, Problems& out) {
  const std::string where = line_of("action", a.line) + " (" + to_string(a.what) + ")";
  const std::size_t members = members_of(s);
  if (takes_members(a.what) && a.who.kind == Picks::Kind::none && a.who.text.empty()) {
    out.push_back(where + ": `who` is missing");
  }
  check_picks(a.who, members, where, out);
  check_picks(a.peers, members, where, out);
  if (!takes_links(a.what) && ((a.peers.kind != Picks::Kind::none && a.what != What::join) || a.one_way)) {
    out.push_back(where + ": `peers` and `one_way` belong to cut, flip-flop and degrade; `peers` to join, too");
  }
  const bool halts = a.what == What::pause || a.what == What::block;
  if ((halts || a.what == What::churn) && !a.lasts) out.push_back(where + ": `for` is missing");
  if (a.what == What::churn && !a.every) out.push_back(where + ": `every` is missing");
  if (halts && a.lasts && a.every && *a.every <= *a.lasts) {
    out.push_back(where + ": `every` is not longer than `for`: it would never " +
                  (a.what == What::pause ? "run" : "be free"));
  }
  if (a.what == What::join && a.count == 0) out.push_back(where + ": `count` is missing");
  if (a.what == What::skew && a.offset == Duration::zero()) out.push_back(where + ": `offset` is missing");
  if (a.what == What::degrade && a.profile == LinkProfile{}) {
    out.push_back(where + ": says nothing of the links: give loss, latency_most, ...");
  }
  if (a.what != What::degrade && !(a.profile == LinkProfile{})) {
    out.push_back(where + ": loss, latency and so on belong to degrade, or to [network]");
  }
  if (a.at >= s.duration) {
    out.push_back(where + ": `at` " + duration_text(a.at) + " is not before the end, at " + duration_text(s.duration));
  }
  if (s.cluster.protocol == Protocol::heartbeat && a.what != What::crash) {
    out.push_back(where + ": the heartbeat arm knows crash only");
  }
}

void check_profile(const LinkProfile& p, const std::string& where, Problems& out) {
  if (p.latency && p.latency->least > p.latency->most) {
    out.push_back(where + ": latency_least " + duration_text(p.latency->least) + " is above latency_most " +
                  duration_text(p.latency->most));
  }
  if (p.reorder_ppm.value_or(0) != 0 && !p.reorder_delay) out.push_back(where + ": reorder needs reorder_delay");
}

// Shares of liars cannot exceed one whole.
void check_adversaries(const Scenario& s, Problems& out) {
  std::uint64_t ppm = 0;
  for (const AdversaryPart& a : s.adversaries) {
    const std::string where = line_of("adversary", a.line) + (a.behaviour.empty() ? "" : " (" + a.behaviour + ")");
    if (a.behaviour.empty()) out.push_back(where + ": `behaviour` is missing");
    check_picks(a.who, members_of(s), where, out);
    check_picks(a.target, members_of(s), where, out);
    if (a.who.kind == Picks::Kind::share) ppm += a.who.ppm;
    if (a.from >= s.duration) out.push_back(where + ": `from` is not before the end");
    if (a.until && *a.until <= a.from) out.push_back(where + ": `until` is not after `from`");
  }
  if (ppm > 1'000'000) out.push_back("the shares of all [[adversary]] add up to more than 100%");
  if (!s.adversaries.empty() && s.cluster.protocol == Protocol::heartbeat) {
    out.push_back("the heartbeat arm knows no adversaries");
  }
}

}  // namespace

Problems find_problems(const Scenario& s) {
  Problems out;
  for (const ConfigError& e : ValidatedConfig::find_problems(s.cluster.config)) {
    out.push_back("[config] " + e.key + ": " + e.message);
  }
  const bool whole = s.cluster.lifeguard == Lifeguard{};
  if (!whole && s.cluster.protocol != Protocol::swim_lifeguard) {
    out.push_back("[cluster] lifeguard_... needs protocol = \"swim+lifeguard\"");
  }
  if (s.cluster.t_cleanup < s.cluster.t_fail) out.push_back("[cluster] t_cleanup is below t_fail");
  if (s.cluster.zones > s.cluster.nodes) out.push_back("[cluster] more zones than nodes");
  check_profile(s.network, "[network]", out);
  for (const ZoneLink& z : s.zone_links) {
    if (std::max(z.from, z.to) >= s.cluster.zones) {
      out.push_back("[[zone_link]]: there is no zone " + std::to_string(std::max(z.from, z.to)) +
                    "; [cluster] zones = " + std::to_string(s.cluster.zones));
    }
    check_profile(z.profile, "[[zone_link]]", out);
  }
  for (const Action& a : s.actions) {
    check_action(s, a, out);
    check_profile(a.profile, line_of("action", a.line), out);
  }
  check_adversaries(s, out);
  return out;
}

}  // namespace quorumor::sim
