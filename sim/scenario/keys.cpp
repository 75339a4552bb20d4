#include "sim/scenario/keys.h"

#include <algorithm>
#include <array>

namespace quorumor::sim {
namespace {

using V = const TomlValue&;

constexpr Duration kNoTime{};
constexpr Duration kLong = 24h;
constexpr std::uint64_t kAnyNumber = 1'000'000'000;

constexpr std::array<std::string_view, 4> kProtocols = {"quorumor", "swim+lifeguard", "swim", "heartbeat"};
constexpr std::array<std::string_view, 3> kStarts = {"formed", "together", "staggered"};
constexpr std::array<std::string_view, 3> kPresets = {"lan", "wan", "local"};
constexpr std::array<std::string_view, 2> kSuites = {"chacha20-poly1305", "aes-256-gcm"};
constexpr std::array<std::string_view, 3> kShapes = {"uniform", "exponential", "lognormal"};
constexpr std::array<std::string_view, 16> kActions = {"crash",  "restart", "leave",     "pause",   "block", "join",
                                                       "churn",  "cut",     "flip-flop", "degrade", "mend",  "skew",
                                                       "event",  "rotate",  "retire",    "revoke"};

template <class Enum, std::size_t N>
Complaint word(V v, const std::array<std::string_view, N>& words, Enum& out) {
  std::size_t place = 0;
  Complaint wrong = read_word(v, words, place);
  if (wrong.empty()) out = static_cast<Enum>(place);
  return wrong;
}

template <class T>
Complaint number(V v, std::uint64_t least, std::uint64_t most, T& out) {
  std::uint64_t read = 0;
  Complaint wrong = read_number(v, least, most, read);
  if (wrong.empty()) out = static_cast<T>(read);
  return wrong;
}

Complaint optional_duration(V v, Duration least, Duration most, std::optional<Duration>& out) {
  Duration read{};
  Complaint wrong = read_duration(v, least, most, read);
  if (wrong.empty()) out = read;
  return wrong;
}

Complaint rate(V v, std::optional<std::uint32_t>& out) {
  std::uint32_t ppm = 0;
  Complaint wrong = read_rate(v, kAllPpm, ppm);
  if (wrong.empty()) out = ppm;
  return wrong;
}

// --- what a network profile takes, wherever it stands ---

Complaint latency_end(V v, LinkProfile& p, Duration Latency::*end) {
  Latency latency = p.latency.value_or(Latency{});
  Complaint wrong = read_duration(v, kNoTime, 60s, latency.*end);
  if (wrong.empty()) p.latency = latency;
  return wrong;
}
Complaint latency_shape(V v, LinkProfile& p) {
  Latency latency = p.latency.value_or(Latency{});
  Complaint wrong = word(v, kShapes, latency.shape);
  if (wrong.empty()) p.latency = latency;
  return wrong;
}
Complaint datagram_max(V v, LinkProfile& p) {
  std::size_t most = 0;
  Complaint wrong = number(v, 64, 65'507, most);
  if (wrong.empty()) p.datagram_max = most;
  return wrong;
}

LinkProfile& network(Scenario& s, unsigned) { return s.network; }
LinkProfile& zone_link(Scenario& s, unsigned i) { return s.zone_links[i - 1].profile; }
LinkProfile& degraded(Scenario& s, unsigned i) { return s.actions[i - 1].profile; }
Action& action(Scenario& s, unsigned i) { return s.actions[i - 1]; }
AdversaryPart& liar(Scenario& s, unsigned i) { return s.adversaries[i - 1]; }

// The keys of a profile in one table; `Of` finds it.
template <LinkProfile& (*Of)(Scenario&, unsigned)>
constexpr std::array<ScenarioKey, 8> profile_keys(std::string_view table) {
  return {{
      {table, "latency_least", "a duration", "The shortest that anything takes from one machine to another.",
       [](Scenario& s, unsigned i, V v) { return latency_end(v, Of(s, i), &Latency::least); }},
      {table, "latency_most", "a duration", "The longest.",
       [](Scenario& s, unsigned i, V v) { return latency_end(v, Of(s, i), &Latency::most); }},
      {table, "latency_shape", "a word",
       "How latencies lie between the two: \"uniform\", \"exponential\" (a tail) or \"lognormal\" (a bell with a "
       "tail).",
       [](Scenario& s, unsigned i, V v) { return latency_shape(v, Of(s, i)); }},
      {table, "loss", "a share", "Of the datagrams, lost. Streams are late instead, by a retransmission.",
       [](Scenario& s, unsigned i, V v) { return rate(v, Of(s, i).loss_ppm); }},
      {table, "duplication", "a share", "Of the datagrams, arriving twice, each with its own latency.",
       [](Scenario& s, unsigned i, V v) { return rate(v, Of(s, i).duplication_ppm); }},
      {table, "reorder", "a share", "Of the datagrams, held back by reorder_delay, so that later ones overtake them.",
       [](Scenario& s, unsigned i, V v) { return rate(v, Of(s, i).reorder_ppm); }},
      {table, "reorder_delay", "a duration", "How long those are held back.",
       [](Scenario& s, unsigned i, V v) { return optional_duration(v, 1us, 60s, Of(s, i).reorder_delay); }},
      {table, "datagram_max", "a number", "Bytes: longer datagrams vanish, as on a path with a smaller MTU.",
       [](Scenario& s, unsigned i, V v) { return datagram_max(v, Of(s, i)); }},
  }};
}

constexpr ScenarioKey kTop[] = {
    {"", "name", "text", "What the scenario is called in results.",
     [](Scenario& s, unsigned, V v) { return read_text(v, 64, s.name); }},
    {"", "description", "text", "What it shows, in a sentence or two.",
     [](Scenario& s, unsigned, V v) { return read_text(v, 1000, s.description); }},
    {"", "seed", "a number", "All chance of a run comes from it; run i of `runs` has seed + i.",
     [](Scenario& s, unsigned, V v) { return number(v, 0, kAnyNumber * kAnyNumber, s.seed); }},
    {"", "runs", "a number", "How often it is run, each with a seed of its own.",
     [](Scenario& s, unsigned, V v) { return number(v, 1, 100'000, s.runs); }},
    {"", "warm_up", "a duration",
     "Time before anything is measured or done, so that nothing is in step with the start.",
     [](Scenario& s, unsigned, V v) { return read_duration(v, kNoTime, kLong, s.warm_up); }},
    {"", "duration", "a duration", "The measured time, after the warm-up.",
     [](Scenario& s, unsigned, V v) { return read_duration(v, 1ms, kLong, s.duration); }},
};

constexpr ScenarioKey kCluster[] = {
    {"cluster", "nodes", "a number", "Members at the start: n0, n1, ... The first is the keymaster.",
     [](Scenario& s, unsigned, V v) { return number(v, 1, 20'000, s.cluster.nodes); }},
    {"cluster", "preset", "a word",
     "The settings to start from: \"lan\", \"wan\" or \"local\"; table [config] changes them.",
     [](Scenario& s, unsigned, V v) {
       std::size_t place = 0;
       Complaint wrong = read_word(v, kPresets, place);
       if (wrong.empty()) s.cluster.config = place == 0 ? Config::lan() : place == 1 ? Config::wan() : Config::local();
       return wrong;
     }},
    {"cluster", "protocol", "a word",
     "The arm: \"quorumor\", \"swim+lifeguard\" (its defense off: what memberlist does), \"swim\" (without Lifeguard "
     "too) "
     "or \"heartbeat\" (gossip-style heartbeats, the baseline).",
     [](Scenario& s, unsigned, V v) { return word(v, kProtocols, s.cluster.protocol); }},
    {"cluster", "lifeguard_probe", "true or false", "LHA-Probe; only with protocol \"swim+lifeguard\".",
     [](Scenario& s, unsigned, V v) { return read_flag(v, s.cluster.lifeguard.probe); }},
    {"cluster", "lifeguard_suspicion", "true or false", "LHA-Suspicion; likewise.",
     [](Scenario& s, unsigned, V v) { return read_flag(v, s.cluster.lifeguard.suspicion); }},
    {"cluster", "lifeguard_buddy", "true or false", "The Buddy System; likewise.",
     [](Scenario& s, unsigned, V v) { return read_flag(v, s.cluster.lifeguard.buddy); }},
    {"cluster", "start", "a word",
     "\"formed\" (everybody knows everybody already), \"together\" (n0 bootstraps, all others join it at once) or "
     "\"staggered\" (one after another).",
     [](Scenario& s, unsigned, V v) { return word(v, kStarts, s.cluster.start); }},
    {"cluster", "stagger", "a duration", "Between two starts, when staggered.",
     [](Scenario& s, unsigned, V v) { return read_duration(v, kNoTime, 1h, s.cluster.stagger); }},
    {"cluster", "joins_by", "a number", "How many seeds a joiner is given: n0, n1, ...",
     [](Scenario& s, unsigned, V v) { return number(v, 1, 64, s.cluster.joins_by); }},
    {"cluster", "zones", "a number", "Networks that members are dealt out to in turn; each has a /16 of its own.",
     [](Scenario& s, unsigned, V v) { return number(v, 1, 64, s.cluster.zones); }},
    {"cluster", "beta", "a share", "Of members that may lie, which the quorum is computed for; at most 33.3333%.",
     [](Scenario& s, unsigned, V v) { return read_rate(v, 333'333, s.cluster.parameters.beta_ppm); }},
    {"cluster", "epsilon_exponent", "a number",
     "Accepted failure probability of a draw of observers: ten to minus this.",
     [](Scenario& s, unsigned, V v) { return number(v, 1, 18, s.cluster.parameters.epsilon_exponent); }},
    {"cluster", "min_interval", "a duration", "Between two epochs, in whole seconds.",
     [](Scenario& s, unsigned, V v) {
       Duration d{};
       Complaint wrong = read_duration(v, 1s, kLong, d);
       if (wrong.empty()) s.cluster.parameters.min_interval_s = static_cast<std::uint32_t>(d / 1s);
       return wrong;
     }},
    {"cluster", "suite", "a word", "\"chacha20-poly1305\" or \"aes-256-gcm\".",
     [](Scenario& s, unsigned, V v) {
       std::size_t place = 0;
       Complaint wrong = read_word(v, kSuites, place);
       if (wrong.empty()) s.cluster.parameters.suite = place == 0 ? Suite::chacha20_poly1305 : Suite::aes256_gcm;
       return wrong;
     }},
    {"cluster", "links_active", "a number",
     "Of how many peers each member holds keys and replay windows at once; few, so that these are evicted and derived "
     "again. 0: of all.",
     [](Scenario& s, unsigned, V v) { return number(v, 0, 20'000, s.cluster.links_active); }},
    {"cluster", "t_fail", "a duration", "Heartbeat arm: silence after which a member counts as failed.",
     [](Scenario& s, unsigned, V v) { return read_duration(v, 1ms, kLong, s.cluster.t_fail); }},
    {"cluster", "t_cleanup", "a duration", "Heartbeat arm: after which it is forgotten; commonly twice t_fail.",
     [](Scenario& s, unsigned, V v) { return read_duration(v, 1ms, kLong, s.cluster.t_cleanup); }},
};

constexpr ScenarioKey kZones[] = {
    {"zone_link", "from", "a number", "A zone, from 0. What follows holds in both directions.",
     [](Scenario& s, unsigned i, V v) { return number(v, 0, 63, s.zone_links[i - 1].from); }},
    {"zone_link", "to", "a number", "Another zone, or the same.",
     [](Scenario& s, unsigned i, V v) { return number(v, 0, 63, s.zone_links[i - 1].to); }},
};

constexpr ScenarioKey kActionKeys[] = {
    {"action", "do", "a word",
     "\"crash\", \"restart\", \"leave\", \"pause\" (the process stands still), \"block\" (messages wait, timers run "
     "on), \"join\", \"churn\", \"cut\", \"flip-flop\", \"degrade\", \"mend\", \"skew\", \"event\", \"rotate\", "
     "\"retire\" or \"revoke\".",
     [](Scenario& s, unsigned i, V v) { return word(v, kActions, action(s, i).what); }},
    {"action", "at", "a duration", "When, from the beginning of the measured time.",
     [](Scenario& s, unsigned i, V v) { return read_duration(v, kNoTime, kLong, action(s, i).at); }},
    {"action", "every", "a duration", "Again and again, this far apart.",
     [](Scenario& s, unsigned i, V v) { return optional_duration(v, 1ms, kLong, action(s, i).every); }},
    {"action", "until", "a duration", "No more after this; without it, to the end.",
     [](Scenario& s, unsigned i, V v) { return optional_duration(v, kNoTime, kLong, action(s, i).until); }},
    {"action", "who", "members", "To whom it is done, or one side of a cut.",
     [](Scenario& s, unsigned i, V v) { return read_picks(v, action(s, i).who); }},
    {"action", "peers", "members",
     "The other side of a cut, flip-flop or degradation; all others unless given. Of a join: by whom; honest members "
     "that run, joins_by of them, unless given.",
     [](Scenario& s, unsigned i, V v) { return read_picks(v, action(s, i).peers); }},
    {"action", "for", "a duration",
     "How long a pause, block, cut, flip-flop, degradation or a churned member's absence lasts.",
     [](Scenario& s, unsigned i, V v) { return optional_duration(v, 1us, kLong, action(s, i).lasts); }},
    {"action", "one_way", "true or false", "Only what goes from `who` to `peers` is touched.",
     [](Scenario& s, unsigned i, V v) { return read_flag(v, action(s, i).one_way); }},
    {"action", "wipe", "true or false", "A restart without keyring, snapshot and generation.",
     [](Scenario& s, unsigned i, V v) { return read_flag(v, action(s, i).wipe); }},
    {"action", "count", "a number", "How many new members join.",
     [](Scenario& s, unsigned i, V v) { return number(v, 1, 10'000, action(s, i).count); }},
    {"action", "size", "a number", "Bytes of an event's payload.",
     [](Scenario& s, unsigned i, V v) { return number(v, 0, 512, action(s, i).size); }},
    {"action", "offset", "a duration", "Of a skewed wall clock: how far it is ahead; with `behind`, how far behind.",
     [](Scenario& s, unsigned i, V v) { return read_duration(v, kNoTime, 24h * 365, action(s, i).offset); }},
    {"action", "behind", "true or false", "A skewed clock is behind.",
     [](Scenario& s, unsigned i, V v) { return read_flag(v, action(s, i).behind); }},
    {"action", "open", "a duration", "A flip-flopping link is open for this long, then shut.",
     [](Scenario& s, unsigned i, V v) { return read_duration(v, 1ms, kLong, action(s, i).open); }},
    {"action", "shut", "a duration", "And shut for this long.",
     [](Scenario& s, unsigned i, V v) { return read_duration(v, 1ms, kLong, action(s, i).shut); }},
};

constexpr ScenarioKey kAdversaryKeys[] = {
    {"adversary", "behaviour", "a word", "What they do; `quorumor-sim list --behaviours` says which there are.",
     [](Scenario& s, unsigned i, V v) { return read_text(v, 64, liar(s, i).behaviour); }},
    {"adversary", "who", "members", "Members that lie. Outsiders are nobody's members: leave it out.",
     [](Scenario& s, unsigned i, V v) { return read_picks(v, liar(s, i).who); }},
    {"adversary", "target", "members", "Whom they aim at; without it, whomever the behaviour likes.",
     [](Scenario& s, unsigned i, V v) { return read_picks(v, liar(s, i).target); }},
    {"adversary", "from", "a duration", "When it begins, in measured time.",
     [](Scenario& s, unsigned i, V v) { return read_duration(v, kNoTime, kLong, liar(s, i).from); }},
    {"adversary", "until", "a duration", "When it ends; without it, with the measured time.",
     [](Scenario& s, unsigned i, V v) { return optional_duration(v, kNoTime, kLong, liar(s, i).until); }},
    {"adversary", "rate", "a number", "Acts a second and liar.",
     [](Scenario& s, unsigned i, V v) { return number(v, 1, 1'000'000, liar(s, i).rate); }},
    {"adversary", "share", "a share", "Of what a selective one drops.",
     [](Scenario& s, unsigned i, V v) { return read_rate(v, kAllPpm, liar(s, i).share_ppm); }},
    {"adversary", "delay", "a duration", "How late a delayer is.",
     [](Scenario& s, unsigned i, V v) { return read_duration(v, 1us, 1h, liar(s, i).delay); }},
    {"adversary", "count", "a number", "By behaviour: Sybils, network prefixes.",
     [](Scenario& s, unsigned i, V v) { return number(v, 1, 100'000, liar(s, i).count); }},
};

constexpr ScenarioKey kCheck[] = {
    {"check", "safety", "true or false", "Stop counting a run as good at the first broken promise.",
     [](Scenario& s, unsigned, V v) { return read_flag(v, s.check.safety); }},
    {"check", "liveness", "true or false",
     "At the end undo all faults, silence the liars, and demand that everybody sees the truth within a time.",
     [](Scenario& s, unsigned, V v) { return read_flag(v, s.check.liveness); }},
    {"check", "within", "a duration", "That time; computed from the settings if it is not given.",
     [](Scenario& s, unsigned, V v) { return optional_duration(v, 1ms, kLong, s.check.within); }},
};

std::vector<ScenarioKey> all_keys() {
  std::vector<ScenarioKey> out(std::begin(kTop), std::end(kTop));
  const auto add = [&](const auto& keys) { out.insert(out.end(), std::begin(keys), std::end(keys)); };
  add(kCluster);
  add(profile_keys<network>("network"));
  add(kZones);
  add(profile_keys<zone_link>("zone_link"));
  add(kActionKeys);
  add(profile_keys<degraded>("action"));
  add(kAdversaryKeys);
  add(kCheck);
  return out;
}

}  // namespace

const char* to_string(Protocol protocol) noexcept { return kProtocols[static_cast<std::size_t>(protocol)].data(); }
const char* to_string(Action::What what) noexcept { return kActions[static_cast<std::size_t>(what)].data(); }

std::span<const ScenarioKey> scenario_keys() noexcept {
  static const std::vector<ScenarioKey> keys = all_keys();
  return keys;
}

bool is_array_table(std::string_view table) noexcept {
  return table == "action" || table == "adversary" || table == "zone_link";
}

bool is_free_table(std::string_view table) noexcept {
  return table == "config" || table == "expect" || table == "expect_undefended";
}

std::vector<std::string> scenario_tables() {
  std::vector<std::string> out = {"config", "expect", "expect_undefended"};
  for (const ScenarioKey& key : scenario_keys()) {
    if (!key.table.empty() && std::find(out.begin(), out.end(), key.table) == out.end()) out.emplace_back(key.table);
  }
  return out;
}

void ensure_element(Scenario& s, std::string_view table, unsigned element, unsigned line) {
  const auto grow = [&](auto& list) {
    if (list.size() >= element) return;
    list.resize(element);
    if constexpr (requires { list.back().line; }) list.back().line = line;
  };
  if (table == "action") grow(s.actions);
  if (table == "adversary") grow(s.adversaries);
  if (table == "zone_link") grow(s.zone_links);
}

}  // namespace quorumor::sim
